// SPDX-License-Identifier: MIT
//
// What a hostile host can try here, and the answer: send signals that nobody sent. Only those that a terminal or an administrator sends are
// taken, from user 0 of the host as far as the program can see; one that has no handler ends the program, which the host can do anyway.
#include "kernel/signal/host.h"

#include <linux/signal.h>

#include "kernel/boot/config.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"

#define TAKEN                                                                                                \
    (SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2) | \
     SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGWINCH))

static uint64_t *word(void)
{
    return (uint64_t *)boot_get()->host_signals; // untrusted memory, checked at boot
}

void host_signals_note(void)
{
    if (__atomic_load_n(word(), __ATOMIC_RELAXED))
        __atomic_store_n(&current_thread()->block->interrupt_pending, 1, __ATOMIC_SEQ_CST);
}

void host_signals_take(void)
{
    if (!__atomic_load_n(word(), __ATOMIC_RELAXED))
        return;
    uint64_t set = __atomic_exchange_n(word(), 0, __ATOMIC_SEQ_CST) & TAKEN;
    for (; set; set &= set - 1) {
        const struct siginfo info = {.si_signo = __builtin_ctzl(set) + 1, .si_code = SI_KERNEL};
        (void)processes_signal(process_foreground(), &info); // -ESRCH: the group is gone
    }
}
