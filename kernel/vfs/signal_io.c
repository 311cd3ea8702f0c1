// SPDX-License-Identifier: MIT
#include "kernel/vfs/signal_io.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/sync/sync.h"
#include "kernel/task/process.h"
#include "kernel/task/service.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"
#include "kernel/vfs/poll_host.h"

enum {
    QUEUES = 4,              // that one file may announce changes on
    LOOK_NS = 10 * 1000000, // how often at files whose changes only the host knows
};

struct signal_io {
    struct f_owner_ex owner; // pid 0: nobody
    int signum;              // 0: SIGIO, which tells nothing more
    int fd;
    struct file *file;
    /* guarded by lock: */
    struct signal_io *next;
    bool enabled;
    struct waiter *waiters; // of the service, QUEUES of them; NULL: none
    /* what was found last, by who enabled it and then by the service: */
    uint32_t wakes;
    unsigned events;
};

static struct spin lock;
/* guarded by lock: */
static struct signal_io *first;
static unsigned count;
static bool service_runs;
static struct waitq changed; // the list

static struct siginfo message(const struct signal_io *s, int code)
{
    static const long bands[] = {
        [POLL_IN] = POLLIN | POLLRDNORM, [POLL_OUT] = POLLOUT | POLLWRNORM | POLLWRBAND,
        [POLL_MSG] = POLLIN | POLLRDNORM | POLLMSG, [POLL_HUP] = POLLHUP | POLLERR};
    struct siginfo info = {.si_signo = s->signum ? s->signum : SIGIO, .si_code = s->signum ? code : SI_KERNEL};
    if (s->signum) {
        info.si_band = bands[code];
        info.si_fd = s->fd;
    }
    return info;
}

// With si_signo 0: only, is there one? -ESRCH: no.
static long send_to_owner(const struct f_owner_ex *owner, const struct siginfo *info)
{
    if (owner->type == F_OWNER_TID)
        return processes_signal_thread(owner->pid, info);
    if (owner->type == F_OWNER_PGRP)
        return processes_signal(owner->pid, info);
    return process_signal(owner->pid, info);
}

static void tell(const struct signal_io *s, int code)
{
    const struct f_owner_ex owner = s->owner;
    struct siginfo info = message(s, code);
    if (!owner.pid || send_to_owner(&owner, &info) != -EAGAIN)
        return;
    info = (struct siginfo){.si_signo = SIGIO, .si_code = SI_KERNEL}; // the queue is full: at least that
    (void)send_to_owner(&owner, &info);
}

// What has changed at a file since the last look, and where the next change announces itself. True: nowhere.
static bool look(struct signal_io *s, struct waiter *waiters)
{
    struct poll_table table = {.waiters = waiters, .room = QUEUES};
    unsigned events = s->file->ops->poll(s->file, &table), appeared = events & ~s->events;
    bool woken = table.wakes != s->wakes;
    if ((woken ? events : appeared) & POLLIN)
        tell(s, POLL_IN);
    else if (appeared & (POLLHUP | POLLERR))
        tell(s, POLL_HUP);
    else if (appeared & POLLOUT)
        tell(s, POLL_OUT);
    s->wakes = table.wakes;
    s->events = events;
    bool of_host = table.host;
    host_set_free(table.host); // waiting for those is not worth a way of its own
    return table.unwatched || of_host;
}

// The files of the list, with references, at most `room` of them, each with waiters behind the first. How many.
static unsigned hold_files(struct file **files, struct waiter *waiters, unsigned room)
{
    unsigned held = 0;
    spin_lock(&lock);
    for (struct signal_io *s = first; s && held < room; s = s->next)
        if (file_get_alive(s->file)) {
            s->waiters = &waiters[1 + held * QUEUES];
            files[held++] = s->file;
        }
    spin_unlock(&lock);
    return held;
}

static void leave_queues(struct waiter *waiters, unsigned number)
{
    spin_lock(&lock); // signal_io_end does the same to a part of them
    for (unsigned i = 0; i < number; i++)
        waitq_remove(&waiters[i]);
    for (struct signal_io *s = first; s; s = s->next)
        s->waiters = NULL;
    spin_unlock(&lock);
}

static void wait_for_changes(struct waiter *waiters, struct file **files, unsigned room)
{
    unsigned number = 1 + room * QUEUES;
    for (unsigned i = 0; i < number; i++)
        waiters[i] = (struct waiter){0};
    waitq_add(&changed, &waiters[0]);
    unsigned held = hold_files(files, waiters, room);
    bool unwatched = room && __atomic_load_n(&count, __ATOMIC_RELAXED) > room;
    for (unsigned i = 0; i < held; i++)
        unwatched |= look(files[i]->signal_io, &waiters[1 + i * QUEUES]);
    for (unsigned i = 0; i < held; i++)
        file_put(files[i]);
    (void)waiters_sleep(waiters, number, unwatched ? clock_monotonic_ns() + LOOK_NS : UINT64_MAX); // whatever ended it, all are looked at
    leave_queues(waiters, number);
}

static _Noreturn void service(void)
{
    static struct waiter few[1];
    for (;;) {
        unsigned room = __atomic_load_n(&count, __ATOMIC_RELAXED);
        struct file **files = kmalloc((room + 1) * sizeof(struct file *));
        struct waiter *waiters = kmalloc((1 + (size_t)room * QUEUES) * sizeof(struct waiter));
        if (files && waiters)
            wait_for_changes(waiters, files, room);
        else
            (void)waiters_sleep(few, 1, clock_monotonic_ns() + LOOK_NS);
        kfree(files);
        kfree(waiters);
    }
}

// The file's, made when first asked for; NULL: no memory.
static struct signal_io *of_file(struct file *f)
{
    struct signal_io *made = f->signal_io ? NULL : kzalloc(sizeof(*made));
    if (made)
        made->file = f;
    spin_lock(&lock);
    if (!f->signal_io && made) {
        f->signal_io = made;
        made = NULL;
    }
    struct signal_io *s = f->signal_io;
    spin_unlock(&lock);
    kfree(made);
    return s;
}

static void unlink_locked(struct signal_io *s)
{
    struct signal_io **link = &first;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    s->enabled = false;
    count--;
    for (unsigned i = 0; s->waiters && i < QUEUES; i++) {
        waitq_remove(&s->waiters[i]);
        s->waiters[i].queue = NULL; // which may be gone before the service looks
    }
}

static int start_service(void)
{
    spin_lock(&lock);
    bool mine = !service_runs;
    service_runs = true;
    spin_unlock(&lock);
    int r = mine ? service_start("signal-io", service) : 0;
    if (r)
        service_runs = false;
    return r;
}

int signal_io_enable(struct file *f, int fd, bool on)
{
    if (!f->ops->signals_io)
        return -ENOTTY;
    struct signal_io *s = of_file(f);
    int r = !s ? -ENOMEM : on ? start_service() : 0;
    if (r)
        return r;
    struct poll_table edges = {0};
    unsigned events = on ? f->ops->poll(f, &edges) : 0;
    spin_lock(&lock);
    if (on && !s->enabled) {
        s->enabled = true;
        s->wakes = edges.wakes;
        s->events = events;
        s->next = first;
        first = s;
        count++;
    } else if (!on && s->enabled) {
        unlink_locked(s);
    }
    s->fd = fd;
    f->flags = on ? f->flags | FASYNC : f->flags & ~(uint32_t)FASYNC;
    spin_unlock(&lock);
    (void)waitq_wake(&changed, UINT32_MAX);
    return 0;
}

void signal_io_end(struct file *f)
{
    struct signal_io *s = f->signal_io;
    if (!s)
        return;
    spin_lock(&lock);
    if (s->enabled)
        unlink_locked(s);
    spin_unlock(&lock);
    f->signal_io = NULL;
    kfree(s);
}

static bool exists(const struct f_owner_ex *owner)
{
    const struct siginfo nothing = {.si_signo = 0};
    return send_to_owner(owner, &nothing) != -ESRCH;
}

static long set_owner(struct file *f, struct f_owner_ex owner)
{
    if (owner.type < F_OWNER_TID || owner.type > F_OWNER_PGRP)
        return -EINVAL;
    if (owner.pid && (owner.pid < 0 || !exists(&owner)))
        return -ESRCH;
    struct signal_io *s = of_file(f);
    if (!s)
        return -ENOMEM;
    s->owner = owner;
    return 0;
}

static struct f_owner_ex owner_of(const struct file *f)
{
    struct f_owner_ex owner = f->signal_io ? f->signal_io->owner : (struct f_owner_ex){F_OWNER_TID, 0};
    if (owner.pid && !exists(&owner))
        owner.pid = 0;
    return owner;
}

int signal_io_own(struct file *f, int fd)
{
    struct signal_io *s = of_file(f);
    if (!s)
        return -ENOMEM;
    s->fd = fd;
    if (!s->owner.pid)
        s->owner = (struct f_owner_ex){F_OWNER_PID, current_process()->pid};
    return 0;
}

void signal_io_tell_lease(struct file *f)
{
    if (f->signal_io)
        tell(f->signal_io, POLL_MSG);
}

static long set_signal(struct file *f, unsigned long signum)
{
    if (signum > 64)
        return -EINVAL;
    struct signal_io *s = of_file(f);
    if (!s)
        return -ENOMEM;
    s->signum = (int)signum;
    return 0;
}

long signal_io_control(struct file *f, int command, unsigned long argument)
{
    struct f_owner_ex owner = owner_of(f);
    int pid = (int)argument;
    switch (command) {
    case F_SETOWN:
        if (pid == INT32_MIN)
            return -EINVAL;
        return set_owner(f, (struct f_owner_ex){pid < 0 ? F_OWNER_PGRP : F_OWNER_PID, pid < 0 ? -pid : pid});
    case F_GETOWN:
        return owner.type == F_OWNER_PGRP ? -owner.pid : owner.pid;
    case F_SETOWN_EX:
        return GET_USER(owner, (const void USER *)argument) ? -EFAULT : set_owner(f, owner);
    case F_GETOWN_EX:
        return PUT_USER(owner, (void USER *)argument);
    case F_SETSIG:
        return set_signal(f, argument);
    case F_GETSIG:
        return f->signal_io ? f->signal_io->signum : 0;
    case F_NOTIFY:
        return f->node && S_TYPE(f->node->mode) == S_IFDIR ? -EINVAL : -ENOTDIR; // there is inotify
    default:
        return -EINVAL;
    }
}
