// SPDX-License-Identifier: MIT
//
// The table of signal actions.
#include "kernel/signal/action.h"

#include <linux/errno.h>

#include "kernel/mm/heap.h"
#include "kernel/signal/signal.h"

#define SIGNALS 64

struct signal_actions {
    struct sigaction action[SIGNALS];
};

int signal_actions_new(struct signal_actions **ret_actions)
{
    struct signal_actions *a = kzalloc(sizeof(*a)); // SIG_DFL is 0
    if (!a)
        return -ENOMEM;
    *ret_actions = a;
    return 0;
}

void signal_actions_free(struct signal_actions *a)
{
    kfree(a);
}

void signal_actions_copy(struct signal_actions *to, const struct signal_actions *from)
{
    *to = *from;
}

void signal_actions_reset(struct signal_actions *a)
{
    for (int i = 0; i < SIGNALS; i++) {
        bool ignored = a->action[i].sa_handler == SIG_IGN;
        a->action[i] = (struct sigaction){.sa_handler = ignored ? SIG_IGN : SIG_DFL};
    }
}

struct sigaction action_get(const struct signal_actions *a, int sig)
{
    return a->action[sig - 1];
}

void action_set(struct signal_actions *a, int sig, const struct sigaction *action)
{
    a->action[sig - 1] = *action;
}

void action_set_default(struct signal_actions *a, int sig)
{
    a->action[sig - 1] = (struct sigaction){.sa_handler = SIG_DFL};
}

enum default_action action_default(int sig)
{
    switch (sig) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
        return DEFAULT_IGNORE;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return DEFAULT_STOP;
    default:
        return DEFAULT_TERMINATE;
    }
}

bool action_ignores(const struct signal_actions *a, int sig)
{
    __sighandler_t h = a->action[sig - 1].sa_handler;
    return h == SIG_IGN || (h == SIG_DFL && action_default(sig) == DEFAULT_IGNORE);
}
