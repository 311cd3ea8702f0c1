// SPDX-License-Identifier: MIT
//
// Which interrupted calls Linux restarts. Bodies of system calls need not know: they return -EINTR, and this decides.
#include <asm/unistd.h>
#include <linux/futex.h>

#include "kernel/entry/regs.h"
#include "kernel/signal/signal.h"

// With a time-out Linux answers EINTR; without, the wait is restarted.
static bool futex_restarts(const struct regs *regs)
{
    int command = (int)regs->rsi & FUTEX_CMD_MASK;
    return (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && !regs->r10;
}

bool syscall_restarts_always(const struct regs *regs)
{
    int command = (int)regs->rsi & FUTEX_CMD_MASK;
    return regs->orig_rax == __NR_futex &&
           (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2 || command == FUTEX_WAIT_REQUEUE_PI); // times are absolute
}

bool syscall_restarts(const struct regs *regs)
{
    switch (regs->orig_rax) {
    case __NR_read:
    case __NR_readv:
    case __NR_pread64:
    case __NR_preadv:
    case __NR_preadv2:
    case __NR_write:
    case __NR_writev:
    case __NR_pwrite64:
    case __NR_pwritev:
    case __NR_pwritev2:
    case __NR_ioctl:
    case __NR_open:
    case __NR_openat:
    case __NR_wait4:
    case __NR_waitid:
    case __NR_flock:
    case __NR_fcntl:
    case __NR_accept:
    case __NR_accept4:
    case __NR_connect:
    case __NR_recvfrom:
    case __NR_recvmsg:
    case __NR_sendto:
    case __NR_sendmsg:
    case __NR_sendfile:
    case __NR_splice:
    case __NR_getrandom:
    case __NR_mq_timedsend: // times are absolute
    case __NR_mq_timedreceive:
        return true;
    case __NR_futex:
        return futex_restarts(regs) || syscall_restarts_always(regs);
    default: // sleeps, polls, sigsuspend and the like
        return false;
    }
}

bool stop_ends_syscall(const struct regs *regs)
{
    switch (regs ? regs->orig_rax : 0) {
    case __NR_epoll_wait:
    case __NR_epoll_pwait:
    case __NR_epoll_pwait2:
    case __NR_semop:
    case __NR_semtimedop:
    case __NR_rt_sigtimedwait:
        return true;
    default:
        return false;
    }
}
