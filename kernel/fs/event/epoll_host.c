// SPDX-License-Identifier: MIT
#include "kernel/fs/event/epoll_host.h"

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>

#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/check.h"

enum { ERROR_MOST = 4095 };
#define KNOWN (EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDNORM | EPOLLRDBAND | EPOLLWRNORM | EPOLLWRBAND | EPOLLRDHUP)

static int checked(long r, int most)
{
    if (r > most)
        host_lied("an answer of an epoll that it cannot give");
    return r < -ERROR_MOST ? -EIO : (int)r;
}

int epoll_host_new(void)
{
    return checked(host_syscall_now(__NR_epoll_create1, EPOLL_CLOEXEC, 0, 0, 0, 0, 0), INT32_MAX);
}

void epoll_host_close(int epoll)
{
    (void)host_syscall_now(__NR_close, (uint64_t)epoll, 0, 0, 0, 0, 0);
}

int epoll_host_change(int epoll, int operation, int host_fd, uint32_t events)
{
    const struct epoll_event e = {.events = (events & KNOWN) | EPOLLET, .data = (uint64_t)host_fd};
    host_write(host_bounce(), &e, sizeof(e));
    return checked(host_syscall_now(__NR_epoll_ctl, (uint64_t)epoll, (uint64_t)operation, (uint64_t)host_fd, host_bounce(), 0, 0), 0);
}

unsigned epoll_host_take(int epoll, struct host_edge *ret, unsigned most)
{
    int n = checked(host_syscall_now(__NR_epoll_pwait, (uint64_t)epoll, host_bounce(), most, /* ms= */ 0, /* mask= */ 0, 0), (int)most);
    for (int i = 0; i < n; i++) {
        struct epoll_event e;
        host_read(&e, host_bounce() + (uint64_t)i * sizeof(e), sizeof(e));
        ret[i] = (struct host_edge){(int)e.data, e.events & (KNOWN | EPOLLERR | EPOLLHUP)};
    }
    return n > 0 ? (unsigned)n : 0;
}
