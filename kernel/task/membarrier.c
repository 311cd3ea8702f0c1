// SPDX-License-Identifier: MIT
//
// membarrier(2): every thread that runs passes through a full barrier before the call returns.
//
// The host has such a call too, but would have to be believed. So those who run in the program are interrupted as for a signal and
// tell from inside that they came through the kernel (thread_take_interrupt, a locked instruction). Who is aside or sleeps need not be
// interrupted: before it comes back it writes that it does with a locked instruction, too, so that what it reads then is younger than
// what the caller had written. A host that does not interrupt makes the caller wait, no more.
//
// SYNC_CORE: what a processor had decoded for a thread before is gone when it comes back from outside of the enclave or from the host's
// kernel, and code that is written is seen by all caches.
//
// There is no command for restartable sequences, as there are none of those.
#include "kernel/task/membarrier.h"

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/membarrier.h>

#include "kernel/boot/hostcall.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"

enum { LOOKS = 200 }; // before the processor is given to others
enum { GET_REGISTRATIONS = 1 << 9 }; // newer than the headers

#define REGISTRATIONS                                                                                                                \
    (MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |                                          \
     MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)
#define COMMANDS                                                                                                                     \
    (REGISTRATIONS | MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |                    \
     MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | GET_REGISTRATIONS)

struct barrier {
    uint32_t number;
    const struct mm *mm; // of its threads; NULL: of those that have `registered` among their registrations
    uint32_t registered; // 0: of all
    bool interrupt;      // the first look
    bool all_past;
};

static bool is_past(const struct thread *t, uint32_t number)
{
    return t == current_thread() || t->service || __atomic_load_n(&t->aside, __ATOMIC_SEQ_CST) ||
           __atomic_load_n(&t->sleeping, __ATOMIC_SEQ_CST) ||
           (int32_t)(__atomic_load_n(&t->membarriers_passed, __ATOMIC_ACQUIRE) - number) >= 0;
}

static bool is_meant(const struct process *p, const struct barrier *b)
{
    if (!p->mm)
        return false;
    return b->mm ? p->mm == b->mm : (mm_membarriers(p->mm) & b->registered) == b->registered;
}

static void look(struct process *p, void *context)
{
    struct barrier *b = context;
    mutex_lock(&p->lock);
    for (struct thread *t = is_meant(p, b) ? p->threads : NULL; t; t = t->next) {
        if (is_past(t, b->number))
            continue;
        b->all_past = false;
        if (b->interrupt)
            thread_kick(t);
    }
    mutex_unlock(&p->lock);
}

static bool all_past(struct barrier *b)
{
    b->all_past = true;
    processes_each(look, b);
    b->interrupt = false;
    return b->all_past;
}

// The caller is aside meanwhile: another one's barrier does not wait for it.
static void pass(const struct mm *of, uint32_t registered)
{
    struct mm *mm = mm_current();
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    struct barrier b = {.mm = of, .registered = registered, .interrupt = true};
    b.number = __atomic_add_fetch(&membarriers_wanted, 1, __ATOMIC_SEQ_CST);
    if (all_past(&b))
        return;
    turn_leave(mm);
    for (unsigned i = 0; !all_past(&b); i++) {
        if (i < LOOKS)
            __builtin_ia32_pause();
        else
            (void)host_syscall_now(__NR_sched_yield, 0, 0, 0, 0, 0, 0);
    }
    turn_enter(mm);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// As Linux keeps them: who asked for one private kind may use that one, and is said to have asked for the plain one too.
static long registrations(uint32_t commands)
{
    return commands | (commands & MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE ? MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED : 0);
}

static long private_barrier(struct mm *mm, uint32_t registration)
{
    if (!(mm_membarriers(mm) & registration))
        return -EPERM;
    pass(mm, 0);
    return 0;
}

long membarrier(int command)
{
    struct mm *mm = mm_current();
    switch (command) {
    case MEMBARRIER_CMD_QUERY:
        return COMMANDS;
    case MEMBARRIER_CMD_GLOBAL:
        pass(NULL, 0);
        return 0;
    case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
        pass(NULL, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
        return 0;
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        return private_barrier(mm, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
        return private_barrier(mm, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        mm_membarriers_add(mm, (uint32_t)command);
        return 0;
    case GET_REGISTRATIONS:
        return registrations(mm_membarriers(mm));
    default:
        return -EINVAL;
    }
}
