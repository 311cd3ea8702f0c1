// SPDX-License-Identifier: MIT
//
// epoll(7) over files of the kernel. Items are looked at when somebody waits; the waiter stands on the queues of all of them.
//
// Edges: what announces a change wakes a queue of the file, and queues count that. An edge-triggered item is reported when it is ready and
// its file's queues have counted on since it was looked at. Of sockets of the host only the host knows: an epoll of its finds their edges
// (epoll_host.h). Of other files of the host, and when it has none to give, there is no count: they may be reported more often than on
// Linux, never less.
//
// An epoll in an epoll: `nesting` is held while such an item is added, so that no circle and no long chain can come to be, in which looking
// at items would not end. It is taken before the lock of any epoll.
#include "kernel/fs/event/epoll.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "kernel/fs/event/epoll_host.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"
#include "kernel/vfs/poll_host.h"

struct item {
    struct item *next;
    struct file *file; // borrowed: when it is closed, epoll_forget takes the item away
    int fd;
    struct epoll_event event;
    bool disabled; // EPOLLONESHOT was reported
    // Edge-triggered:
    bool looked_at;        // since it was added or changed
    uint32_t wakes;        // of the file's queues, when it was looked at
    uint32_t out_reported; // without queues: POLLOUT that still stands
    int host_fd;           // that the host's epoll has for it, or -1
    uint32_t host_edge;    // what it told and nobody has heard yet
};

enum { EDGES_AT_ONCE = 32 };
enum { NESTED_MOST = 4 }; // epolls above or below one another, as on Linux

struct epoll {
    struct epoll *next; // guarded by nesting
    struct mutex lock;
    struct item *items; // guarded by lock
    struct waitq changed;     // items were added or changed
    struct host_set *host_files; // of the items, as last looked at; taken while in use
    int host;                    // the host's epoll, or -1; guarded by lock, as is:
    uint32_t host_edges;         // how many it has told of
};

static const struct file_ops epoll_ops;

static struct mutex nesting;
static struct epoll *all; // guarded by nesting

static void items_free(struct item *i)
{
    while (i) {
        struct item *next = i->next;
        file_give_back(i->file);
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

// Does the host's epoll watch this socket, and for what? Several descriptors of one file are several items, and one socket there.
static bool watched_on_host(const struct epoll *e, int host_fd, uint32_t *ret_events)
{
    bool watched = false;
    *ret_events = 0;
    for (const struct item *i = e->items; i; i = i->next) {
        if (i->host_fd != host_fd)
            continue;
        watched = true;
        *ret_events |= i->event.events;
    }
    return watched;
}

static void leave_host(struct epoll *e, struct item *i)
{
    int fd = i->host_fd;
    uint32_t events;
    i->host_fd = -1;
    if (fd < 0)
        return;
    int operation = watched_on_host(e, fd, &events) ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
    (void)epoll_host_change(e->host, operation, fd, events);
}

// What stands by now is an edge. Where the host does not watch, our own looks do.
static void watch_on_host(struct epoll *e, struct item *i)
{
    const struct file_ops *ops = i->file->ops;
    int fd = i->event.events & EPOLLET && ops->host_fd ? ops->host_fd(i->file) : -1;
    uint32_t events;
    i->host_edge = 0;
    if (fd >= 0 && e->host < 0)
        e->host = epoll_host_new();
    if (fd < 0 || e->host < 0) {
        leave_host(e, i);
        return;
    }
    int operation = watched_on_host(e, fd, &events) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_host_change(e->host, operation, fd, events | i->event.events))
        leave_host(e, i);
    else
        i->host_fd = fd;
}

static int add(struct epoll *e, struct item **end, int fd, struct file *f, const struct epoll_event *event)
{
    struct item *i = kzalloc(sizeof(*i));
    if (!i)
        return -ENOMEM;
    i->file = file_borrow(f);
    i->fd = fd;
    i->event = *event;
    i->host_fd = -1;
    watch_on_host(e, i);
    *end = i;
    return 0;
}

static struct epoll *epoll_of(const struct file *f)
{
    return f->ops == &epoll_ops ? f->context : NULL;
}

// How many epolls stand below one another from e on, e included; more than NESTED_MOST + 1: enough to know. `sought` among them: likewise.
static int depth(struct epoll *e, const struct epoll *sought, int level)
{
    int most = 0;
    if (e == sought || level > NESTED_MOST)
        return NESTED_MOST + 2;
    mutex_lock(&e->lock);
    for (struct item *i = e->items; i && most <= NESTED_MOST; i = i->next) {
        struct epoll *inner = epoll_of(i->file);
        int below = inner ? depth(inner, sought, level + 1) : 0;
        most = below > most ? below : most;
    }
    mutex_unlock(&e->lock);
    return most + 1;
}

static bool holds(struct epoll *outer, const struct epoll *inner)
{
    mutex_lock(&outer->lock);
    struct item *i = outer->items;
    while (i && epoll_of(i->file) != inner)
        i = i->next;
    mutex_unlock(&outer->lock);
    return i;
}

// How many epolls stand above e.
static int height(const struct epoll *e, int level)
{
    int most = 0;
    for (struct epoll *outer = all; outer && level <= NESTED_MOST; outer = outer->next) {
        int above = holds(outer, e) ? height(outer, level + 1) + 1 : 0;
        most = above > most ? above : most;
    }
    return most;
}

static int check_nesting(struct epoll *outer, struct epoll *inner)
{
    return depth(inner, outer, 0) + height(outer, 0) > NESTED_MOST ? -ELOOP : 0;
}

// EPOLLEXCLUSIVE has conditions, and the effect that whoever comes first takes what is there, as always here.
static int check_exclusive(int operation, const struct file *f, uint32_t events)
{
    const uint32_t allowed = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
    if (operation == EPOLL_CTL_DEL || !(events & EPOLLEXCLUSIVE))
        return 0;
    return operation == EPOLL_CTL_MOD || epoll_of(f) || events & ~allowed ? -EINVAL : 0;
}

static int change_locked(struct epoll *e, int operation, int fd, struct file *f, const struct epoll_event *event, struct file **ret_gone)
{
    struct item **i = find(e, fd, f), *old = *i;
    if (operation == EPOLL_CTL_ADD)
        return old ? -EEXIST : add(e, i, fd, f, event);
    if (operation != EPOLL_CTL_MOD && operation != EPOLL_CTL_DEL)
        return -EINVAL;
    if (!old)
        return -ENOENT;
    if (operation == EPOLL_CTL_MOD) {
        if (old->event.events & EPOLLEXCLUSIVE)
            return -EINVAL;
        old->event = *event;
        old->disabled = old->looked_at = false;
        old->out_reported = 0;
        watch_on_host(e, old);
        return 0;
    }
    leave_host(e, old);
    *ret_gone = old->file;
    *i = old->next;
    kfree(old);
    return 0;
}

int epoll_change(struct file *epoll, int operation, int fd, struct file *f, const struct epoll_event *event)
{
    if (!f->ops->poll)
        return -EPERM; // regular files and directories
    struct epoll *e = epoll_of(epoll), *inner = epoll_of(f);
    if (!e || f == epoll)
        return -EINVAL;
    int r = check_exclusive(operation, f, event->events);
    if (r)
        return r;
    struct file *gone = NULL;
    bool nests = inner && operation == EPOLL_CTL_ADD;
    if (nests) {
        mutex_lock(&nesting);
        r = check_nesting(e, inner);
    }
    if (!r) {
        mutex_lock(&e->lock);
        r = change_locked(e, operation, fd, f, event, &gone);
        mutex_unlock(&e->lock);
    }
    if (nests)
        mutex_unlock(&nesting);
    if (gone)
        file_give_back(gone);
    if (!r)
        waitq_wake(&e->changed, ~0u);
    return r;
}

struct sight {
    uint32_t ready;         // of the events asked for
    uint32_t queues, wakes; // that announce them, and how often they did
};

static struct sight sight_of(const struct item *i, struct poll_table *table)
{
    struct poll_table only_edges, *t = table ? table : &only_edges;
    if (!table)
        poll_table_init(&only_edges);
    const uint32_t queues = t->queues, wakes = t->wakes, wanted = i->event.events | EPOLLERR | EPOLLHUP;
    uint32_t ready = file_poll_for(i->file, t, wanted) & wanted;
    return (struct sight){ready, t->queues - queues, t->wakes - wakes};
}

// Of these events, those that an edge-triggered item reports: all that stand, when one of them is new.
static uint32_t edge_events(const struct item *i, const struct sight *s)
{
    if (s->queues)
        return !i->looked_at || s->wakes != i->wakes ? s->ready : 0;
    return s->ready & ~(EPOLLOUT & i->out_reported) ? s->ready : 0;
}

// Events of one item to report now. An edge that was looked at is over; `table` as in file_ops.poll.
static uint32_t look(struct item *i, struct poll_table *table)
{
    if (i->disabled)
        return 0;
    if (i->host_fd >= 0) {
        uint32_t edge = i->host_edge;
        i->host_edge = 0;
        return edge;
    }
    struct sight s = sight_of(i, table);
    if (!(i->event.events & EPOLLET))
        return s.ready;
    uint32_t ready = edge_events(i, &s);
    i->looked_at = true;
    i->wakes = s.wakes;
    i->out_reported = s.ready & EPOLLOUT;
    return ready;
}

static void hear(struct epoll *e, const struct host_edge *edge)
{
    for (struct item *i = e->items; i; i = i->next)
        if (i->host_fd == edge->host_fd)
            i->host_edge |= edge->events & (i->event.events | EPOLLERR | EPOLLHUP);
}

// What the host's epoll has to tell goes to the items.
static void ask_host_locked(struct epoll *e, struct poll_table *table)
{
    struct host_edge edges[EDGES_AT_ONCE];
    if (e->host < 0 || !poll_host_epoll(table, e->host))
        return;
    for (unsigned n = EDGES_AT_ONCE; n == EDGES_AT_ONCE;) {
        n = epoll_host_take(e->host, edges, EDGES_AT_ONCE);
        for (unsigned i = 0; i < n; i++)
            hear(e, &edges[i]);
        e->host_edges += n;
    }
}

struct collect {
    struct epoll *epoll;
    struct epoll_event *events;
    int max;
};

// The events did not fit: what was reported goes behind what was not looked at, to be the last next time.
static void rotate(struct epoll *e, struct item *last_reported)
{
    struct item *first = e->items, **end = &last_reported->next;
    e->items = last_reported->next;
    while (*end)
        end = &(*end)->next;
    if (end == &last_reported->next) { // it was the last of all
        e->items = first;
        return;
    }
    *end = first;
    last_reported->next = NULL;
}

static int collect_once(struct poll_table *table, void *context)
{
    struct collect *c = context;
    int n = 0;
    poll_wait(table, &c->epoll->changed);
    mutex_lock(&c->epoll->lock);
    ask_host_locked(c->epoll, table);
    struct item *last = NULL;
    for (struct item *i = c->epoll->items; i && n < c->max; i = i->next) {
        uint32_t ready = look(i, table);
        if (!ready)
            continue;
        last = i;
        c->events[n++] = (struct epoll_event){.events = ready, .data = i->event.data};
        table->settled = true;
        if (i->event.events & EPOLLONESHOT)
            i->disabled = true;
    }
    table->cut_short = n == c->max;
    if (n == c->max)
        rotate(c->epoll, last);
    mutex_unlock(&c->epoll->lock);
    return n;
}

int epoll_collect(struct file *epoll, struct epoll_event *events, int max, uint64_t deadline_ns)
{
    struct collect c = {epoll_of(epoll), events, max};
    if (!c.epoll)
        return -EINVAL;
    return poll_loop(collect_once, &c, deadline_ns, &c.epoll->host_files);
}

unsigned epoll_size(struct file *epoll)
{
    struct epoll *e = epoll_of(epoll);
    unsigned n = 0;
    if (!e)
        return 0;
    mutex_lock(&e->lock);
    for (const struct item *i = e->items; i; i = i->next)
        n++;
    mutex_unlock(&e->lock);
    return n;
}

static unsigned epoll_poll(struct file *f, struct poll_table *table)
{
    struct epoll *e = f->context;
    unsigned ready = 0;
    poll_wait(table, &e->changed);
    mutex_lock(&e->lock);
    ask_host_locked(e, table);
    if (table)
        table->wakes += e->host_edges;
    for (const struct item *i = e->items; i; i = i->next) {
        if (i->host_fd >= 0) {
            ready |= i->disabled ? 0 : i->host_edge;
            continue;
        }
        struct sight s = sight_of(i, table); // of all: an epoll around this one counts their wakes
        if (!i->disabled)
            ready |= i->event.events & EPOLLET ? edge_events(i, &s) : s.ready;
    }
    mutex_unlock(&e->lock);
    return ready ? POLLIN : 0;
}

// Takes the items of this file out, into *gone. Were there any?
static bool take_out_locked(struct epoll *e, const struct file *f, struct item **gone)
{
    const struct item *before = *gone;
    for (struct item **at = &e->items; *at;) {
        struct item *i = *at;
        if (i->file != f) {
            at = &i->next;
            continue;
        }
        *at = i->next;
        i->next = *gone;
        *gone = i;
    }
    return *gone != before;
}

void epoll_forget(struct file *f)
{
    struct item *gone = NULL;
    mutex_lock(&nesting);
    for (struct epoll *e = all; e; e = e->next) {
        mutex_lock(&e->lock);
        if (take_out_locked(e, f, &gone))
            waitq_wake(&e->changed, ~0u); // who waits lets go of it
        mutex_unlock(&e->lock);
    }
    mutex_unlock(&nesting);
    items_free(gone);
}

static void epoll_release(struct file *f)
{
    struct epoll *e = f->context;
    if (!e)
        return;
    mutex_lock(&nesting);
    struct epoll **link = &all;
    while (*link != e)
        link = &(*link)->next;
    *link = e->next;
    mutex_unlock(&nesting);
    items_free(e->items);
    if (e->host >= 0)
        epoll_host_close(e->host);
    host_set_free(e->host_files);
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
    e->host = -1;
    f->context = e;
    f->name = "anon_inode:[eventpoll]";
    mutex_lock(&nesting);
    e->next = all;
    all = e;
    mutex_unlock(&nesting);
    *ret = f;
    return 0;
}
