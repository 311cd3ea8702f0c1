// SPDX-License-Identifier: MIT
//
// epoll(7) over files of the kernel. Items are looked at when somebody waits; the waiter stands on the queues of all of them.
// Edge-triggered items may be reported once more than on Linux, never less.
#include "kernel/fs/event/epoll.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

struct item {
    struct item *next;
    struct file *file; // a reference: once every descriptor is closed, the next wait drops it
    int fd;
    struct epoll_event event;
    bool disabled;        // EPOLLONESHOT was reported
    uint32_t out_reported; // POLLOUT of an edge-triggered item that is still writable
};

struct epoll {
    struct mutex lock;
    struct item *items;       // guarded by lock
    struct waitq changed;     // items were added or changed
};

static const struct file_ops epoll_ops;

static void items_free(struct item *i)
{
    while (i) {
        struct item *next = i->next;
        file_put(i->file);
        kfree(i);
        i = next;
    }
}

static struct item **find(struct epoll *e, int fd, const struct file *f)
{
    struct item **i = &e->items;
    while (*i && ((*i)->fd != fd || (*i)->file != f))
        i = &(*i)->next;
    return i;
}

static int add(struct epoll *e, struct item **end, int fd, struct file *f, const struct epoll_event *event)
{
    struct item *i = kzalloc(sizeof(*i));
    if (!i)
        return -ENOMEM;
    i->file = file_get(f);
    i->fd = fd;
    i->event = *event;
    *end = i;
    return 0;
}

int epoll_change(struct file *epoll, int operation, int fd, struct file *f, const struct epoll_event *event)
{
    if (epoll->ops != &epoll_ops || f == epoll)
        return -EINVAL;
    if (!f->ops->poll)
        return -EPERM; // regular files and directories
    struct epoll *e = epoll->context;
    struct file *gone = NULL;
    int r = 0;
    mutex_lock(&e->lock);
    struct item **i = find(e, fd, f);
    if (operation == EPOLL_CTL_ADD) {
        r = *i ? -EEXIST : add(e, i, fd, f, event);
    } else if (operation != EPOLL_CTL_MOD && operation != EPOLL_CTL_DEL) {
        r = -EINVAL;
    } else if (!*i) {
        r = -ENOENT;
    } else if (operation == EPOLL_CTL_MOD) {
        (*i)->event = *event;
        (*i)->disabled = false;
        (*i)->out_reported = 0;
    } else {
        struct item *old = *i;
        gone = old->file;
        *i = old->next;
        kfree(old);
    }
    mutex_unlock(&e->lock);
    file_put(gone);
    waitq_wake(&e->changed, ~0u);
    return r;
}

// Events of one item to report now.
static uint32_t look(struct item *i, struct poll_table *table)
{
    if (i->disabled)
        return 0;
    uint32_t ready = file_poll(i->file, table) & (i->event.events | EPOLLERR | EPOLLHUP);
    if (i->event.events & EPOLLET) {
        uint32_t out = ready & EPOLLOUT;
        ready &= ~(out & i->out_reported);
        i->out_reported = out;
    }
    return ready;
}

struct collect {
    struct epoll *epoll;
    struct epoll_event *events;
    int max;
};

// Items of files that only the epoll holds: every descriptor is closed. Whoever is at the other end learns of it only
// when the file goes. Files are put without the lock: one of them may be an epoll itself.
static void drop_closed(struct epoll *e)
{
    struct item *gone = NULL;
    mutex_lock(&e->lock);
    for (struct item **at = &e->items; *at;) {
        struct item *i = *at;
        if (__atomic_load_n(&i->file->references, __ATOMIC_ACQUIRE) != 1) {
            at = &i->next;
            continue;
        }
        *at = i->next;
        i->next = gone;
        gone = i;
    }
    mutex_unlock(&e->lock);
    items_free(gone);
}

static int collect_once(struct poll_table *table, void *context)
{
    struct collect *c = context;
    int n = 0;
    drop_closed(c->epoll);
    poll_wait(table, &c->epoll->changed);
    mutex_lock(&c->epoll->lock);
    for (struct item *i = c->epoll->items; i && n < c->max; i = i->next) {
        uint32_t ready = look(i, n ? NULL : table);
        if (!ready)
            continue;
        c->events[n++] = (struct epoll_event){.events = ready, .data = i->event.data};
        if (i->event.events & EPOLLONESHOT)
            i->disabled = true;
    }
    mutex_unlock(&c->epoll->lock);
    return n;
}

int epoll_collect(struct file *epoll, struct epoll_event *events, int max, uint64_t deadline_ns)
{
    if (epoll->ops != &epoll_ops)
        return -EINVAL;
    struct collect c = {epoll->context, events, max};
    return poll_loop(collect_once, &c, deadline_ns);
}

static unsigned epoll_poll(struct file *f, struct poll_table *table)
{
    struct epoll *e = f->context;
    unsigned ready = 0;
    poll_wait(table, &e->changed);
    mutex_lock(&e->lock);
    for (struct item *i = e->items; i && !ready; i = i->next)
        ready = i->disabled ? 0 : file_poll(i->file, table) & i->event.events;
    mutex_unlock(&e->lock);
    return ready ? POLLIN : 0;
}

static void epoll_release(struct file *f)
{
    struct epoll *e = f->context;
    if (e)
        items_free(e->items);
    kfree(e);
}

static const struct file_ops epoll_ops = {.stream = true, .poll = epoll_poll, .release = epoll_release};

int epoll_new(struct file **ret)
{
    struct epoll *e = kzalloc(sizeof(*e));
    struct file *f = e ? file_new(&epoll_ops, O_RDWR, NULL) : NULL;
    if (!f) {
        kfree(e);
        return -ENOMEM;
    }
    f->context = e;
    f->name = "anon_inode:[eventpoll]";
    *ret = f;
    return 0;
}
