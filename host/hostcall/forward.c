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

// To this thread, so that it is done on return. Where nobody would continue it, Linux ignores all of these but SIGSTOP.
long host_stop(int number)
{
    const struct sigaction dfl = {.sa_handler = SIG_DFL};
    struct sigaction old;
    sigset_t set, before;
    if (number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU)
        return -EINVAL;
    sigemptyset(&set);
    sigaddset(&set, number);
    if (number != SIGSTOP)
        sigaction(number, &dfl, &old);
    sigprocmask(SIG_UNBLOCK, &set, &before);
    syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), number);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (number != SIGSTOP)
        sigaction(number, &old, NULL);
    return 0;
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
}
