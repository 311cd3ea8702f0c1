// SPDX-License-Identifier: MIT
//
// Alternate signal stacks. No stack is the state with size 0.
#include "kernel/signal/altstack.h"

#include <linux/errno.h>

#include "kernel/task/task.h"

bool altstack_active(const struct thread *t, uint64_t sp)
{
    if (t->altstack_flags & SS_AUTODISARM)
        return false;
    return sp > t->altstack_sp && sp - t->altstack_sp <= t->altstack_size;
}

bool altstack_usable(const struct thread *t, uint64_t sp)
{
    return t->altstack_size && !altstack_active(t, sp);
}

void altstack_get(const struct thread *t, uint64_t sp, stack_t *ret_stack)
{
    uint32_t state = !t->altstack_size ? SS_DISABLE : altstack_active(t, sp) ? SS_ONSTACK : 0;
    *ret_stack = (stack_t){
        .ss_sp = (void *)t->altstack_sp,
        .ss_flags = (int)(state | (t->altstack_flags & SS_AUTODISARM)),
        .ss_size = t->altstack_size,
    };
}

int altstack_set(struct thread *t, uint64_t sp, const stack_t *stack)
{
    uint32_t mode = (uint32_t)stack->ss_flags & ~SS_AUTODISARM;
    if (altstack_active(t, sp))
        return -EPERM;
    if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
        return -EINVAL;
    if (mode == SS_DISABLE) {
        altstack_disarm(t);
        return 0;
    }
    if (stack->ss_size < MINSIGSTKSZ)
        return -ENOMEM;
    t->altstack_sp = (uint64_t)stack->ss_sp;
    t->altstack_size = stack->ss_size;
    t->altstack_flags = (uint32_t)stack->ss_flags;
    return 0;
}

void altstack_restore(struct thread *t, uint64_t sp, const stack_t *stack)
{
    (void)altstack_set(t, sp, stack);
}

void altstack_disarm(struct thread *t)
{
    t->altstack_sp = t->altstack_size = 0;
    t->altstack_flags = 0;
}
