// SPDX-License-Identifier: MIT
//
// System calls about threads.
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/inspect.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

#define ARGS_MAX 4096u
#define SIGNALS 64u

long sys_gettid(void)
{
    return current_thread()->tid;
}

long sys_set_tid_address(void USER *address)
{
    struct thread *t = current_thread();
    t->clear_child_tid = (uint64_t)address;
    return t->tid;
}

long sys_set_robust_list(const void USER *head, size_t size)
{
    struct thread *t = current_thread();
    if (size != 24) // sizeof(struct robust_list_head)
        return -EINVAL;
    t->robust_list = (uint64_t)head;
    t->robust_list_size = size;
    return 0;
}

struct robust_list_of {
    bool permitted;
    uint64_t list;
};

static void find_robust_list(struct thread *t, void *context)
{
    struct robust_list_of *l = context;
    l->permitted = process_permits_inspection(t->process, /* as_for_files= */ false);
    l->list = t->robust_list;
}

long sys_get_robust_list(int pid, void USER *head, void USER *size)
{
    struct robust_list_of found = {0};
    if (pid < 0 || thread_visit(pid, find_robust_list, &found))
        return -ESRCH;
    if (!found.permitted)
        return -EPERM;
    const uint64_t list_size = 24;
    if (PUT_USER(list_size, (uint64_t USER *)size) || PUT_USER(found.list, (uint64_t USER *)head))
        return -EFAULT;
    return 0;
}

static long clone_any(const struct clone_request *request)
{
    const struct scheduling *s = &current_thread()->scheduling;
    if (!process_may_have_one_more() || (s->policy == SCHED_DEADLINE && !s->reset_on_fork)) // the time was granted to one
        return -EAGAIN;
    return request->flags & CLONE_THREAD ? thread_clone(request) : process_clone(request);
}

long sys_fork(void)
{
    const struct clone_request request = {.exit_signal = SIGCHLD};
    return clone_any(&request);
}

long sys_vfork(void)
{
    const struct clone_request request = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};
    return clone_any(&request);
}

long sys_clone(unsigned long flags, uint64_t stack, void USER *parent_tid, void USER *child_tid, uint64_t tls)
{
    const struct clone_request request = {
        .flags = flags & ~(uint64_t)CSIGNAL,
        .exit_signal = flags & CSIGNAL,
        .stack = stack,
        .parent_tid = (uint64_t)parent_tid,
        .child_tid = (uint64_t)child_tid,
        .tls = tls,
        .pidfd = (uint64_t)parent_tid,
    };
    if ((flags & CLONE_PIDFD) && (flags & (CLONE_PARENT_SETTID | CLONE_DETACHED)))
        return -EINVAL;
    return clone_any(&request);
}

#define CLONE3_FLAGS ((0xfffffffful & ~CSIGNAL) | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP | CLONE_NEWTIME)

// Bytes beyond what we know must be zero: a newer caller that asks for nothing new.
static int rest_is_zero(const char USER *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char byte;
        if (GET_USER(byte, from + i))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return 0;
}

static int clone_args_from_user(struct clone_args *args, const void USER *from, size_t size)
{
    memset(args, 0, sizeof(*args));
    if (size < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    if (size > ARGS_MAX)
        return -E2BIG;
    size_t known = size < sizeof(*args) ? size : sizeof(*args);
    if (copy_from_user(args, from, known))
        return -EFAULT;
    return rest_is_zero((const char USER *)from + known, size - known);
}

long sys_clone3(const void USER *user_args, size_t size)
{
    struct clone_args args;
    int r = clone_args_from_user(&args, user_args, size);
    if (r)
        return r;
    if ((args.flags & ~CLONE3_FLAGS) || (args.flags & CLONE_DETACHED))
        return -EINVAL;
    if (!args.stack != !args.stack_size || args.set_tid_size || args.set_tid)
        return -EINVAL;
    if (args.stack_size > USER_END || args.stack > USER_END - args.stack_size)
        return -EINVAL;
    if (args.exit_signal > SIGNALS || (args.exit_signal && (args.flags & (CLONE_THREAD | CLONE_PARENT))))
        return -EINVAL;
    const struct clone_request request = {
        .flags = args.flags,
        .stack = args.stack + args.stack_size,
        .parent_tid = args.parent_tid,
        .child_tid = args.child_tid,
        .tls = args.tls,
        .exit_signal = args.exit_signal,
        .pidfd = args.pidfd,
    };
    return clone_any(&request);
}
