// SPDX-License-Identifier: MIT
//
// Who watches which file. A watch holds a reference of its node. Events about a file reach the watches of its directories too; which
// those are, and its name there, is looked for when something happens: nodes do not know their names.
//
// Files are closed under locks of all kinds (an address space's among them), and the tree lock may be held already or not: so it is not
// taken here.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/inotify.h>

#include "kernel/fs/event/inotify.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/notify.h"

enum { WATCHES_MOST = 65536 };
#define KEPT ((uint32_t)IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK)

struct watch {
    struct watch *next;
    struct inotify *owner;
    struct node *node;
    int wd;
    uint32_t mask;
};

uint32_t notify_watches;
static struct mutex lock;
/* guarded by lock: */
static struct watch *watches;
static uint32_t last_cookie; // atomic

// Takes a watch out; its node's reference is the caller's to give back.
static void unlink_watch(struct watch **link)
{
    *link = (*link)->next;
    __atomic_sub_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
}

static void tell(const struct watch *w, uint32_t mask, uint32_t cookie, const char *name, size_t length)
{
    inotify_tell(w->owner, w->wd, mask, cookie, name, length);
}

// Events about a node itself do not say that it is a directory.
static uint32_t with_kind(const struct node *n, uint32_t mask)
{
    return mask | (S_TYPE(n->mode) == S_IFDIR && mask != IN_MOVE_SELF ? IN_ISDIR : 0);
}

// The nodes of watches that went; their references are given back when no lock is held any more.
struct gone {
    struct watch *list;
};

static void forget(struct watch **link, struct gone *gone)
{
    struct watch *w = *link;
    unlink_watch(link);
    tell(w, IN_IGNORED, 0, NULL, 0);
    w->next = gone->list;
    gone->list = w;
}

static void put_gone(struct gone *gone)
{
    for (struct watch *w = gone->list, *next; w; w = next) {
        next = w->next;
        node_put(w->node);
        kfree(w);
    }
}

// Where to go on in the list.
static struct watch **tell_one(struct watch **link, const struct node *n, uint32_t mask, uint32_t cookie, const char *name, size_t length,
                               struct gone *gone)
{
    struct watch *w = *link;
    tell(w, with_kind(n, mask), cookie, name, length);
    if (!(w->mask & IN_ONESHOT))
        return &w->next;
    forget(link, gone);
    return link;
}

// Tells all watches of one node what happened to n.
static void tell_watches(const struct node *watched, const struct node *n, uint32_t mask, uint32_t cookie, const char *name, size_t length,
                         struct gone *gone)
{
    for (struct watch **link = &watches; *link;) {
        bool meant = (*link)->node == watched && (*link)->mask & mask;
        link = meant ? tell_one(link, n, mask, cookie, name, length, gone) : &(*link)->next;
    }
}

static const struct entry *name_of(const struct node *dir, const struct node *n)
{
    const struct entry *e = S_TYPE(dir->mode) == S_IFDIR ? dir->directory.first : NULL;
    while (e && e->node != n)
        e = e->in_order;
    return e;
}

static void tell_directories(const struct node *n, uint32_t mask, struct gone *gone)
{
    directory_names_lock();
    for (struct watch **link = &watches; *link;) {
        const struct entry *e = (*link)->mask & mask ? name_of((*link)->node, n) : NULL;
        link = e ? tell_one(link, n, mask, 0, e->name, e->length, gone) : &(*link)->next;
    }
    directory_names_unlock();
}

void notify_node(struct node *n, uint32_t mask)
{
    struct gone gone = {NULL};
    if (!notify_wanted())
        return;
    mutex_lock(&lock);
    tell_directories(n, mask, &gone);
    tell_watches(n, n, mask, 0, NULL, 0, &gone);
    mutex_unlock(&lock);
    put_gone(&gone);
}

void notify_name(struct node *dir, const char *name, size_t length, const struct node *n, uint32_t mask, uint32_t cookie)
{
    struct gone gone = {NULL};
    if (!notify_wanted())
        return;
    mutex_lock(&lock);
    tell_watches(dir, n, mask, cookie, name, length, &gone);
    mutex_unlock(&lock);
    put_gone(&gone);
}

void notify_self(struct node *n, uint32_t mask)
{
    struct gone gone = {NULL};
    if (!notify_wanted())
        return;
    mutex_lock(&lock);
    tell_watches(n, n, mask, 0, NULL, 0, &gone);
    mutex_unlock(&lock);
    put_gone(&gone);
}

uint32_t notify_cookie(void)
{
    return __atomic_add_fetch(&last_cookie, 1, __ATOMIC_RELAXED);
}

void notify_if_gone(struct node *n)
{
    struct gone gone = {NULL};
    uint32_t count = 0;
    if (!notify_wanted() || n->nlink)
        return;
    mutex_lock(&lock);
    for (const struct watch *w = watches; w; w = w->next)
        count += w->node == n;
    bool is_gone = count && __atomic_load_n(&n->references, __ATOMIC_ACQUIRE) == count + 1;
    for (struct watch **link = &watches; is_gone && *link;) {
        struct watch *w = *link;
        if (w->node != n) {
            link = &w->next;
            continue;
        }
        if (w->mask & IN_DELETE_SELF)
            tell(w, IN_DELETE_SELF, 0, NULL, 0);
        forget(link, &gone);
    }
    mutex_unlock(&lock);
    put_gone(&gone);
}

static long change_locked(struct watch *w, uint32_t mask)
{
    if (mask & IN_MASK_CREATE)
        return -EEXIST;
    w->mask = mask & IN_MASK_ADD ? w->mask | (mask & KEPT) : mask & KEPT;
    return w->wd;
}

static long add_locked(struct inotify *i, struct node *n, uint32_t mask, struct watch *fresh)
{
    struct watch **link = &watches;
    for (; *link; link = &(*link)->next)
        if ((*link)->owner == i && (*link)->node == n)
            return change_locked(*link, mask);
    if (notify_watches >= WATCHES_MOST)
        return -ENOSPC;
    *fresh = (struct watch){.owner = i, .node = node_get(n), .wd = inotify_number(i), .mask = mask & KEPT};
    *link = fresh;
    __atomic_add_fetch(&notify_watches, 1, __ATOMIC_RELAXED);
    return fresh->wd;
}

long watch_add(struct inotify *i, struct node *n, uint32_t mask)
{
    struct watch *fresh = kzalloc(sizeof(*fresh));
    if (!fresh)
        return -ENOMEM;
    mutex_lock(&lock);
    long wd = add_locked(i, n, mask, fresh);
    bool used = fresh->node;
    mutex_unlock(&lock);
    if (!used)
        kfree(fresh);
    return wd;
}

int watch_remove(struct inotify *i, int wd)
{
    struct gone gone = {NULL};
    mutex_lock(&lock);
    struct watch **link = &watches;
    while (*link && ((*link)->owner != i || (*link)->wd != wd))
        link = &(*link)->next;
    bool found = *link;
    if (found)
        forget(link, &gone);
    mutex_unlock(&lock);
    put_gone(&gone);
    return found ? 0 : -EINVAL;
}

void watch_remove_all(struct inotify *i)
{
    struct gone gone = {NULL};
    mutex_lock(&lock);
    for (struct watch **link = &watches; *link;) {
        if ((*link)->owner == i)
            forget(link, &gone);
        else
            link = &(*link)->next;
    }
    mutex_unlock(&lock);
    put_gone(&gone);
}
