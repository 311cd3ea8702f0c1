// SPDX-License-Identifier: MIT
#include "host/hostcall/forward.h"

#include <signal.h>
#include <stddef.h>
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
    if (__atomic_fetch_or(&host_signals, bit, __ATOMIC_SEQ_CST) & bit) {
        const struct sigaction dfl = {.sa_handler = SIG_DFL};
        sigaction(number, &dfl, NULL);
        kill(getpid(), number); // raise() would look at thread-local storage
        return;
    }
    interrupt_one();
}

void host_signals_forward(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH};
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction old;
        struct sigaction catch = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
        sigfillset(&catch.sa_mask); // the interrupt must find the enclave, not this handler
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler == SIG_DFL)
            sigaction(numbers[i], &catch, NULL);
    }
}
