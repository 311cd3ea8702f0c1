// SPDX-License-Identifier: MIT
#include "host/hostcall/forward.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/layout.h"
#include "host/hostcall/server.h"

uint64_t host_signals;

// Some thread of the enclave has to look; which does not matter.
static void interrupt_one(void)
{
    for (unsigned i = 0; i < THREAD_AREA_COUNT; i++)
        if (host_threads[i].tid && !host_thread_interrupt(i))
            return;
}

static void on_signal(int number)
{
    uint64_t bit = 1ul << (number - 1);
    bool ends = number != SIGWINCH && number != SIGTSTP;
    if ((__atomic_fetch_or(&host_signals, bit, __ATOMIC_SEQ_CST) & bit) && ends) {
        const struct sigaction dfl = {.sa_handler = SIG_DFL};
        sigaction(number, &dfl, NULL);
        kill(getpid(), number); // raise() would look at thread-local storage
        return;
    }
    interrupt_one();
}

static long raw(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    static volatile int never;
    const uint64_t arg[6] = {a, b, c, d};
    return host_syscall_raw((uint64_t)number, arg, &never);
}

struct kernel_action { // of rt_sigaction(2), which differs from the C library's
    uint64_t handler, flags, restorer, mask;
};

// To this thread, so that it is done on return. Where nobody would continue it, Linux ignores all of these but SIGSTOP. By bare
// system calls: the C library's functions may look at thread-local storage.
long host_stop(int number)
{
    const struct kernel_action dfl = {0};
    struct kernel_action old;
    if (number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU)
        return -EINVAL;
    uint64_t sig = (uint64_t)number, set = 1ul << (number - 1), before;
    bool caught = number != SIGSTOP && !raw(SYS_rt_sigaction, sig, (uint64_t)&dfl, (uint64_t)&old, sizeof(set));
    raw(SYS_rt_sigprocmask, SIG_UNBLOCK, (uint64_t)&set, (uint64_t)&before, sizeof(set));
    raw(SYS_tgkill, (uint64_t)raw(SYS_getpid, 0, 0, 0, 0), (uint64_t)raw(SYS_gettid, 0, 0, 0, 0), sig, 0);
    raw(SYS_rt_sigprocmask, SIG_SETMASK, (uint64_t)&before, 0, sizeof(set));
    if (caught)
        raw(SYS_rt_sigaction, sig, (uint64_t)&old, 0, sizeof(set));
    return 0;
}

uint64_t host_signals_ignored(void)
{
    uint64_t set = 0;
    for (int number = 1; number < 32; number++) {
        struct sigaction now;
        if (!sigaction(number, NULL, &now) && now.sa_handler == SIG_IGN)
            set |= 1ul << (number - 1);
    }
    return set;
}

void host_signals_forward(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH, SIGTSTP};
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;
        struct sigaction catch = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
        sigfillset(&catch.sa_mask); // the interrupt must find the enclave, not this handler
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler == SIG_DFL)
            sigaction(numbers[i], &catch, NULL);
    }
    signal(SIGPIPE, SIG_IGN); // the program's write fails, and the kernel knows what its program wants then
}
