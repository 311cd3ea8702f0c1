// SPDX-License-Identifier: MIT
//
// Names of signals for people.
#include "kernel/signal/names.h"

#include <stddef.h>

#include <linux/signal.h>

const char *signal_name(int sig)
{
#define NAME(s) [s] = #s
    static const char *const names[] = {
        NAME(SIGHUP),  NAME(SIGINT),    NAME(SIGQUIT), NAME(SIGILL),    NAME(SIGTRAP), NAME(SIGABRT),
        NAME(SIGBUS),  NAME(SIGFPE),    NAME(SIGKILL), NAME(SIGUSR1),   NAME(SIGSEGV), NAME(SIGUSR2),
        NAME(SIGPIPE), NAME(SIGALRM),   NAME(SIGTERM), NAME(SIGSTKFLT), NAME(SIGCHLD), NAME(SIGCONT),
        NAME(SIGSTOP), NAME(SIGTSTP),   NAME(SIGTTIN), NAME(SIGTTOU),   NAME(SIGURG),  NAME(SIGXCPU),
        NAME(SIGXFSZ), NAME(SIGVTALRM), NAME(SIGPROF), NAME(SIGWINCH),  NAME(SIGIO),   NAME(SIGPWR),
        NAME(SIGSYS),
    };
#undef NAME
    if (sig < 0 || (size_t)sig >= sizeof(names) / sizeof(*names) || !names[sig])
        return "SIG?";
    return names[sig];
}
