// SPDX-License-Identifier: MIT
//
// Functions of the program that a system call of ours calls: like a signal handler, on the program's stack, in the calling
// thread. The way back is a system call at an address of the vDSO.
//
// A callback that jumps out (longjmp) leaves its record behind; the next callback drops records of frames that the stack has left.
#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/entry/regs.h"
#include "kernel/exec/vdso.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/task/xstate.h"
#include "kernel/tee/tee.h"

enum { RED_ZONE = 128, DEPTH_MAX = 16, XSAVE_ALIGNMENT = 64 };

struct callback {
    struct callback *next;
    struct regs regs; // of the system call
    uint8_t *xstate;
    uint8_t area[];
};

static void pop(struct thread *t)
{
    struct callback *c = t->callbacks;
    t->callbacks = c->next;
    kfree(c);
}

void callback_thread_free(struct thread *t)
{
    while (t->callbacks)
        pop(t);
}

static unsigned drop_left(struct thread *t, uint64_t rsp)
{
    unsigned depth = 0;
    while (t->callbacks && t->callbacks->regs.rsp <= rsp)
        pop(t);
    for (const struct callback *c = t->callbacks; c; c = c->next)
        depth++;
    return depth;
}

long callback_enter(struct regs *regs, uint64_t function, const void *data, size_t data_size, uint64_t argument)
{
    struct thread *t = current_thread();
    uint64_t back = vdso_symbol("__myst_callback_return");
    if (!back || drop_left(t, regs->rsp) >= DEPTH_MAX)
        return -ELOOP;
    struct callback *c = kmalloc(sizeof(*c) + XSTATE_LARGEST + XSAVE_ALIGNMENT);
    if (!c)
        return -ENOMEM;
    if (function >= USER_END) {
        kfree(c);
        return -EFAULT;
    }
    uint64_t at = (regs->rsp - RED_ZONE - data_size) & ~63ul, stack = at - sizeof(back);
    if (copy_to_user((void USER *)at, data, data_size) || PUT_USER(back, (uint64_t USER *)stack)) {
        kfree(c);
        return -EFAULT;
    }
    c->regs = *regs;
    c->xstate = (uint8_t *)(((uintptr_t)c->area + XSAVE_ALIGNMENT - 1) & ~(uintptr_t)(XSAVE_ALIGNMENT - 1));
    memset(c->xstate, 0, XSTATE_LARGEST);
    xstate_save(c->xstate);
    c->next = t->callbacks;
    t->callbacks = c;
    regs->rip = function;
    regs->rsp = stack;
    regs->rdi = at;
    regs->rsi = argument;
    regs->orig_rax = (uint64_t)-1;
    enter_program(regs);
}

long callback_return(struct regs *regs, int value)
{
    struct thread *t = current_thread();
    struct callback *c = t->callbacks;
    if (!c || regs->rsp > c->regs.rsp)
        return -EINVAL;
    xstate_restore(c->xstate);
    *regs = c->regs;
    pop(t);
    return value;
}
