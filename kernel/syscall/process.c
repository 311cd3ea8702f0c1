// SPDX-License-Identifier: MIT
//
// System calls that begin and end processes.
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/syscall/dispatch.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/exec.h"
#include "kernel/task/exit.h"
#include "kernel/task/task.h"

long sys_execve(const char USER *path, const void USER *argv, const void USER *envp)
{
    if (syscall_tracing)
        strace_no_return(current_thread()->regs);
    return process_exec(AT_FDCWD, path, argv, envp, 0);
}

long sys_execveat(int dirfd, const char USER *path, const void USER *argv, const void USER *envp, int flags)
{
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    if (syscall_tracing)
        strace_no_return(current_thread()->regs);
    return process_exec(dirfd, path, argv, envp, flags);
}

long sys_exit(int status)
{
    if (syscall_tracing)
        strace_no_return(current_thread()->regs);
    thread_exit(status);
}

long sys_exit_group(int status)
{
    if (syscall_tracing)
        strace_no_return(current_thread()->regs);
    process_exit(status);
}

long sys_getpid(void)
{
    return current_process()->pid;
}

long sys_getppid(void)
{
    const struct process *parent = current_process()->parent;
    return parent ? parent->pid : INIT_PID;
}
