// SPDX-License-Identifier: MIT
//
// poll, ppoll, select, pselect6 (man 2 poll, man 2 select).
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/poll.h>
#include <linux/time_types.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/deadline.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/poll.h"

enum { POLL_MAX = 65536, SELECT_MAX = 1024, SET_WORDS = SELECT_MAX / 64 };
#define READ_EVENTS (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define WRITE_EVENTS (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)

struct poll_set {
    struct pollfd *fds;
    unsigned count;
};

static int poll_once(struct poll_table *table, void *context)
{
    struct poll_set *set = context;
    int ready = 0;
    for (unsigned i = 0; i < set->count; i++) {
        struct pollfd *p = &set->fds[i];
        p->revents = 0;
        if (p->fd < 0)
            continue;
        struct file *f = fd_get_io(p->fd);
        unsigned wanted = (unsigned short)p->events | POLLERR | POLLHUP;
        unsigned events = f ? file_poll_for(f, table, wanted) & wanted : POLLNVAL;
        file_put(f);
        p->revents = (short)events;
        ready += events != 0;
        table->settled |= ready;
    }
    return ready;
}

static long do_poll(void USER *fds, unsigned count, uint64_t deadline)
{
    if (count > POLL_MAX || count > current_process()->rlimits[RLIMIT_NOFILE][0])
        return -EINVAL;
    struct poll_set set = {.fds = kmalloc(count * sizeof(struct pollfd) + 1), .count = count};
    if (!set.fds)
        return -ENOMEM;
    long r = copy_from_user(set.fds, fds, count * sizeof(struct pollfd));
    if (!r)
        r = poll_loop(poll_once, &set, deadline, NULL);
    if (r >= 0 && copy_to_user(fds, set.fds, count * sizeof(struct pollfd)))
        r = -EFAULT;
    kfree(set.fds);
    return r;
}

long sys_poll(void USER *fds, unsigned count, int timeout_ms)
{
    return do_poll(fds, count, deadline_after_ms(timeout_ms));
}

// Linux writes back how much of the time-out was left, to programs that never look as to those that do.
static long put_left(void USER *timeout, uint64_t deadline, long unit_ns, long result)
{
    if (!timeout || !deadline)
        return result;
    uint64_t now = clock_monotonic_ns(), left = deadline > now ? deadline - now : 0;
    const int64_t pair[2] = {(int64_t)(left / NS_PER_S), (int64_t)(left % NS_PER_S) / unit_ns};
    (void)(deadline == UINT64_MAX ? 0 : copy_to_user(timeout, pair, sizeof(pair))); // read-only is no error
    return result;
}

long sys_ppoll(void USER *fds, unsigned count, void USER *timeout, const void USER *mask, size_t mask_size)
{
    uint64_t deadline;
    long r = deadline_from_timespec(timeout, &deadline);
    if (!r)
        r = signal_mask_swap(mask, mask_size);
    return r ? r : put_left(timeout, deadline, 1, signal_mask_swap_back(do_poll(fds, count, deadline)));
}

struct select_set {
    unsigned count;
    uint64_t in[3][SET_WORDS], out[3][SET_WORDS];
    bool bad;
};

static bool is_set(const uint64_t *set, unsigned fd)
{
    return set[fd / 64] >> (fd % 64) & 1;
}

static int select_once(struct poll_table *table, void *context)
{
    static const unsigned events_of[3] = {READ_EVENTS, WRITE_EVENTS, POLLPRI};
    struct select_set *s = context;
    int ready = 0;
    memset(s->out, 0, sizeof(s->out));
    for (unsigned fd = 0; fd < s->count; fd++) {
        if (!is_set(s->in[0], fd) && !is_set(s->in[1], fd) && !is_set(s->in[2], fd))
            continue;
        struct file *f = fd_get_io((int)fd);
        s->bad |= !f;
        unsigned wanted = 0;
        for (unsigned i = 0; i < 3; i++)
            wanted |= is_set(s->in[i], fd) ? events_of[i] : 0;
        unsigned events = f ? file_poll_for(f, table, wanted) : 0;
        file_put(f);
        for (unsigned i = 0; i < 3; i++)
            if (is_set(s->in[i], fd) && (events & events_of[i])) {
                s->out[i][fd / 64] |= 1ul << (fd % 64);
                ready++;
            }
        table->settled |= ready;
    }
    return s->bad ? -EBADF : ready;
}

static long do_select(int count, void USER *sets[3], uint64_t deadline)
{
    if (count < 0)
        return -EINVAL;
    struct select_set *s = kzalloc(sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->count = count < SELECT_MAX ? (unsigned)count : SELECT_MAX;
    size_t bytes = (s->count + 63) / 64 * 8;
    long r = 0;
    for (unsigned i = 0; !r && i < 3; i++)
        if (sets[i])
            r = copy_from_user(s->in[i], sets[i], bytes);
    if (!r)
        r = poll_loop(select_once, s, deadline, NULL);
    for (unsigned i = 0; r >= 0 && i < 3; i++)
        if (sets[i] && copy_to_user(sets[i], s->out[i], bytes))
            r = -EFAULT;
    kfree(s);
    return r;
}

long sys_select(int count, void USER *read_set, void USER *write_set, void USER *except_set, void USER *timeout)
{
    uint64_t deadline;
    void USER *sets[3] = {read_set, write_set, except_set};
    long r = deadline_from_timeval(timeout, &deadline);
    return r ? r : put_left(timeout, deadline, 1000, do_select(count, sets, deadline));
}

long sys_pselect6(int count, void USER *read_set, void USER *write_set, void USER *except_set, void USER *timeout,
                  const void USER *mask)
{
    uint64_t deadline;
    void USER *sets[3] = {read_set, write_set, except_set};
    struct {
        uint64_t set;
        size_t size;
    } sigmask = {0, 0};
    long r = deadline_from_timespec(timeout, &deadline);
    if (!r && mask)
        r = copy_from_user(&sigmask, mask, sizeof(sigmask));
    if (!r)
        r = signal_mask_swap((const void USER *)sigmask.set, sigmask.size);
    return r ? r : put_left(timeout, deadline, 1, signal_mask_swap_back(do_select(count, sets, deadline)));
}
