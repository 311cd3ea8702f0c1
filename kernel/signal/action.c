// SPDX-License-Identifier: MIT
//
// The table of signal actions. Mostly one process has it; processes made by clone(CLONE_SIGHAND) without CLONE_THREAD share it, each with
// its own signal_lock, so the table has one too, taken inside that.
#include "kernel/signal/action.h"

#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/signal/signal.h"
#include "kernel/sync/sync.h"

#define SIGNALS 64

struct signal_actions {
    unsigned references; // atomic
    struct spin lock; // of those who change one
    uint32_t changes; // odd: one is under way. Who reads, with each signal, needs the lock only if there was one meanwhile
    struct sigaction action[SIGNALS];
};

int signal_actions_new(struct signal_actions **ret_actions)
{
    struct signal_actions *a = kzalloc(sizeof(*a)); // SIG_DFL is 0
    if (!a)
        return -ENOMEM;
    a->references = 1;
    *ret_actions = a;
    return 0;
}

struct signal_actions *signal_actions_get(struct signal_actions *a)
{
    __atomic_add_fetch(&a->references, 1, __ATOMIC_RELAXED);
    return a;
}

void signal_actions_put(struct signal_actions *a)
{
    if (!__atomic_sub_fetch(&a->references, 1, __ATOMIC_ACQ_REL))
        kfree(a);
}

bool signal_actions_shared(const struct signal_actions *a)
{
    return __atomic_load_n(&a->references, __ATOMIC_ACQUIRE) > 1;
}

void signal_actions_copy(struct signal_actions *to, struct signal_actions *from)
{
    spin_lock(&from->lock);
    memcpy(to->action, from->action, sizeof(to->action)); // of nobody else yet
    spin_unlock(&from->lock);
}

void signal_actions_reset(struct signal_actions *a)
{
    for (int i = 0; i < SIGNALS; i++) {
        bool ignored = a->action[i].sa_handler == SIG_IGN;
        a->action[i] = (struct sigaction){.sa_handler = ignored ? SIG_IGN : SIG_DFL};
    }
}

static struct sigaction copy(const struct sigaction *from)
{
    return (struct sigaction){
        .sa_handler = __atomic_load_n(&from->sa_handler, __ATOMIC_RELAXED),
        .sa_flags = __atomic_load_n(&from->sa_flags, __ATOMIC_RELAXED),
        .sa_restorer = __atomic_load_n(&from->sa_restorer, __ATOMIC_RELAXED),
        .sa_mask = __atomic_load_n(&from->sa_mask, __ATOMIC_RELAXED),
    };
}

struct sigaction action_get(struct signal_actions *a, int sig)
{
    const uint32_t changes = __atomic_load_n(&a->changes, __ATOMIC_ACQUIRE);
    struct sigaction action = copy(&a->action[sig - 1]);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (!(changes & 1) && __atomic_load_n(&a->changes, __ATOMIC_RELAXED) == changes)
        return action;
    spin_lock(&a->lock); // it is being changed
    action = copy(&a->action[sig - 1]);
    spin_unlock(&a->lock);
    return action;
}

void action_set(struct signal_actions *a, int sig, const struct sigaction *action)
{
    struct sigaction *to = &a->action[sig - 1];
    spin_lock(&a->lock);
    __atomic_store_n(&a->changes, a->changes + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&to->sa_handler, action->sa_handler, __ATOMIC_RELAXED);
    __atomic_store_n(&to->sa_flags, action->sa_flags, __ATOMIC_RELAXED);
    __atomic_store_n(&to->sa_restorer, action->sa_restorer, __ATOMIC_RELAXED);
    __atomic_store_n(&to->sa_mask, action->sa_mask, __ATOMIC_RELAXED);
    __atomic_store_n(&a->changes, a->changes + 1, __ATOMIC_RELEASE);
    spin_unlock(&a->lock);
}

void action_set_default(struct signal_actions *a, int sig)
{
    struct sigaction action = action_get(a, sig);
    action.sa_handler = SIG_DFL;
    action_set(a, sig, &action);
}

void signal_actions_ignore(struct signal_actions *a, uint64_t set)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (int sig = 1; sig <= SIGNALS; sig++)
        if ((set & SIGNAL_BIT(sig)) && sig != SIGKILL && sig != SIGSTOP)
            action_set(a, sig, &ignore);
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
    __sighandler_t h = __atomic_load_n(&a->action[sig - 1].sa_handler, __ATOMIC_RELAXED);
    return h == SIG_IGN || (h == SIG_DFL && action_default(sig) == DEFAULT_IGNORE);
}
