// SPDX-License-Identifier: MIT
//
// What a hostile host can try here, and the answer: send signals that nobody sent. Only those that a terminal or an administrator sends are
// taken, from user 0 of the host as far as the program can see; one that has no handler ends or stops the program, which the host can do
// anyway.
#include "kernel/signal/host.h"

#include <linux/signal.h>

#include "abi/hostcall.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/fs/console/console.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"

#define TAKEN                                                                                                \
    (SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2) | \
     SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGTSTP))
#define TYPED (SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGWINCH))
#define ENDING (SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGTERM))

static uint64_t *word(void)
{
    return (uint64_t *)boot_get()->host_signals; // untrusted memory, checked at boot
}

void host_signals_note(void)
{
    if (__atomic_load_n(word(), __ATOMIC_RELAXED))
        __atomic_store_n(&current_thread()->block->interrupt_pending, 1, __ATOMIC_SEQ_CST);
}

// What a key of the terminal may stand for is the foreground group's, the rest the first process's and its group's.
static void send(int sig)
{
    const struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};
    int32_t foreground = TYPED & SIGNAL_BIT(sig) ? console_foreground() : 0;
    (void)processes_signal(foreground ? foreground : process_first_group(), &info); // -ESRCH: the group is gone
}

void host_signals_take(void)
{
    if (!__atomic_load_n(word(), __ATOMIC_RELAXED))
        return;
    uint64_t set = __atomic_exchange_n(word(), 0, __ATOMIC_SEQ_CST) & TAKEN;
    bool ends = set & ENDING;
    for (; set; set &= set - 1)
        send(__builtin_ctzl(set) + 1);
    if (ends && process_first_is_stopped())
        send(SIGCONT); // nobody else may be there to continue it, and myst is to end
}

void host_stop(int sig)
{
    const uint64_t arg[6] = {(uint64_t)sig};
    if (sig == SIGSTOP && processes_any_runs())
        return;
    (void)target_host_call(HOST_CALL_STOP, 0, arg); // if the host does not, it goes on at once
    send(SIGCONT);
}
