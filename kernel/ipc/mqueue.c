// SPDX-License-Identifier: MIT
//
// One lock for all queues. The notification of a process that closed its descriptors otherwise than by the last
// reference (a duplicate lives on in a child) stays until it fires or the process ends.
#include "kernel/ipc/mqueue.h"

#include <stdbool.h>

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/stat.h>

#include "kernel/ipc/ids.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/signal/signal.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

enum { NAME_ROOM = 256, DEFAULT_MESSAGES = 10, DEFAULT_SIZE = 8192, MESSAGES_MAX = 65536, SIZE_MAX_BYTES = 16 << 20 };
enum { QUEUES_MAX = 256 };
#define QUEUE_BYTES_MAX (64ul << 20) // of one queue that is full

struct message {
    struct message *next;
    unsigned priority;
    size_t size;
    uint8_t text[];
};

struct mqueue {
    struct mqueue *next; // in the list of names
    unsigned references; // the name's and those of open files
    char name[NAME_ROOM];
    struct ipc_object owner;
    long limit, size_limit, count;
    struct message *first; // by priority, then age
    struct waitq can_send, can_receive;
    unsigned receivers; // waiting
    int32_t notify_pid; // 0: nobody
    const struct file *notify_file;
    struct mqueue_event notify;
};

static struct mutex lock;
/* guarded by lock: */
static struct mqueue *names;
static unsigned name_count;

static const struct file_ops mqueue_ops;

static struct mqueue *queue_of(const struct file *f)
{
    return f->ops == &mqueue_ops ? f->context : NULL;
}

static void put_queue(struct mqueue *q)
{
    if (--q->references)
        return;
    for (struct message *m = q->first, *next; m; m = next) {
        next = m->next;
        kfree(m);
    }
    kfree(q);
}

static struct mqueue **find_name(const char *name)
{
    struct mqueue **link = &names;
    while (*link && strcmp((*link)->name, name))
        link = &(*link)->next;
    return link;
}

static int check_name(const char *name)
{
    if (!*name)
        return -ENOENT;
    return strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") ? -EACCES : 0;
}

// As Linux bounds them for a process that may exceed the ordinary limits.
static int check_attributes(const struct mq_attr *a)
{
    if (a->mq_maxmsg <= 0 || a->mq_msgsize <= 0 || a->mq_maxmsg > MESSAGES_MAX || a->mq_msgsize > SIZE_MAX_BYTES)
        return -EINVAL;
    return (uint64_t)a->mq_maxmsg * (uint64_t)a->mq_msgsize > QUEUE_BYTES_MAX ? -EMFILE : 0;
}

static int make_queue(const char *name, unsigned mode, const struct mq_attr *a, struct mqueue **ret)
{
    const struct mq_attr ordinary = {.mq_maxmsg = DEFAULT_MESSAGES, .mq_msgsize = DEFAULT_SIZE};
    int r = check_attributes(a ? a : &ordinary);
    if (!r && name_count == QUEUES_MAX)
        r = -ENOSPC;
    if (r)
        return r;
    struct mqueue *q = kzalloc(sizeof(*q));
    if (!q)
        return -ENOMEM;
    q->references = 1;
    q->owner = ipc_own(0, (int)mode);
    q->limit = (a ? a : &ordinary)->mq_maxmsg;
    q->size_limit = (a ? a : &ordinary)->mq_msgsize;
    snprintf(q->name, sizeof(q->name), "%s", name);
    q->next = names;
    names = q;
    name_count++;
    *ret = q;
    return 0;
}

static uint32_t wanted_access(int flags)
{
    int access = flags & O_ACCMODE;
    return access == O_RDONLY ? 0444 : access == O_WRONLY ? 0222 : 0666;
}

static int find_or_make(const char *name, int flags, unsigned mode, const struct mq_attr *a, struct mqueue **ret)
{
    *ret = *find_name(name);
    if (!*ret)
        return flags & O_CREAT ? make_queue(name, mode, a, ret) : -ENOENT;
    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    return ipc_permitted(&(*ret)->owner, wanted_access(flags));
}

int mqueue_open(const char *name, int flags, unsigned mode, const struct mq_attr *attributes, struct file **ret)
{
    struct mqueue *q;
    int r = check_name(name);
    if (!r && (flags & O_ACCMODE) == O_ACCMODE)
        r = -EINVAL;
    if (r)
        return r;
    struct file *f = file_new(&mqueue_ops, (uint32_t)flags & (O_ACCMODE | O_NONBLOCK), NULL);
    if (!f)
        return -ENOMEM;
    mutex_lock(&lock);
    r = find_or_make(name, flags, mode, attributes, &q);
    if (!r) {
        q->references++;
        f->context = q;
        f->name = "mqueue";
    }
    mutex_unlock(&lock);
    if (r)
        file_put(f);
    else
        *ret = f;
    return r;
}

int mqueue_unlink(const char *name)
{
    int r = check_name(name);
    if (r)
        return r;
    mutex_lock(&lock);
    struct mqueue **link = find_name(name), *q = *link;
    r = q ? ipc_owned(&q->owner) : -ENOENT;
    if (!r) {
        *link = q->next;
        name_count--;
        put_queue(q);
    }
    mutex_unlock(&lock);
    return r;
}

static void mqueue_release(struct file *f)
{
    struct mqueue *q = f->context;
    if (!q)
        return;
    mutex_lock(&lock);
    if (q->notify_file == f)
        q->notify_pid = 0;
    put_queue(q);
    mutex_unlock(&lock);
}

static unsigned mqueue_poll(struct file *f, struct poll_table *table)
{
    struct mqueue *q = f->context;
    poll_wait_for(table, &q->can_receive, POLLIN | POLLRDNORM);
    poll_wait_for(table, &q->can_send, POLLOUT | POLLWRNORM);
    mutex_lock(&lock);
    unsigned events = (q->count ? POLLIN | POLLRDNORM : 0) | (q->count < q->limit ? POLLOUT | POLLWRNORM : 0);
    mutex_unlock(&lock);
    return events;
}

// How full it is and who is to be told, as text (man 7 mq_overview).
static long mqueue_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct mqueue *q = f->context;
    char text[96];
    uint64_t bytes = 0;
    mutex_lock(&lock);
    for (const struct message *m = q->first; m; m = m->next)
        bytes += m->size;
    bool told = q->notify_pid;
    size_t length = (size_t)snprintf(text, sizeof(text), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", bytes,
                                     told && !q->notify.signal ? SIGEV_NONE : 0, told ? q->notify.signal : 0, told ? q->notify_pid : 0);
    mutex_unlock(&lock);
    size_t n = offset < length ? length - offset : 0;
    n = n < size ? n : size;
    memcpy(to, text + (n ? offset : 0), n);
    return (long)n;
}

static const struct file_ops mqueue_ops = {.mode = S_IFREG | 0600, .read = mqueue_read, .poll = mqueue_poll, .release = mqueue_release};

// The first message of an empty queue that nobody waits for: the registered process is told, once.
static void notify_locked(struct mqueue *q)
{
    struct siginfo info = {.si_signo = q->notify.signal, .si_code = SI_MESGQ};
    info.si_pid = current_process()->pid;
    info.si_uid = current_process()->cred.uid;
    info.si_value.sival_ptr = (void *)q->notify.value;
    struct process *p = process_find_lock(q->notify_pid);
    q->notify_pid = 0;
    if (!p)
        return;
    if (p->threads && info.si_signo)
        (void)signal_send_process(p, &info); // out of memory: the message is there all the same
    mutex_unlock(&p->lock);
}

static void insert(struct mqueue *q, struct message *m)
{
    struct message **link = &q->first;
    while (*link && (*link)->priority >= m->priority)
        link = &(*link)->next;
    m->next = *link;
    *link = m;
    if (!q->count++ && q->notify_pid && !q->receivers)
        notify_locked(q);
    (void)waitq_wake(&q->can_receive, UINT32_MAX);
}

// Sleeps without the lock; `waiting` counts who does. 0: look again.
static int wait_locked(struct waitq *on, unsigned *waiting, uint64_t deadline)
{
    struct waiter w = {0};
    waitq_add(on, &w);
    ++*waiting;
    mutex_unlock(&lock);
    int r = waiter_sleep(&w, deadline);
    waitq_remove(&w);
    mutex_lock(&lock);
    --*waiting;
    return r;
}

static int check_file(const struct file *f, bool access)
{
    return queue_of(f) && access ? 0 : -EBADF;
}

int mqueue_send(struct file *f, const void *text, size_t size, unsigned priority, uint64_t deadline)
{
    struct mqueue *q = queue_of(f);
    unsigned senders = 0;
    int r = check_file(f, file_writable(f));
    if (r)
        return r;
    if (size > (size_t)q->size_limit)
        return -EMSGSIZE;
    struct message *m = kmalloc(sizeof(*m) + size);
    if (!m)
        return -ENOMEM;
    *m = (struct message){.priority = priority, .size = size};
    memcpy(m->text, text, size);
    mutex_lock(&lock);
    while (!r && q->count >= q->limit)
        r = f->flags & O_NONBLOCK ? -EAGAIN : wait_locked(&q->can_send, &senders, deadline);
    if (q->count < q->limit) { // room that came together with a signal is room
        r = 0;
        insert(q, m);
    }
    mutex_unlock(&lock);
    if (r)
        kfree(m);
    return r;
}

long mqueue_message_size(struct file *f)
{
    int r = check_file(f, file_readable(f) || file_writable(f));
    return r ? r : queue_of(f)->size_limit;
}

long mqueue_receive(struct file *f, void *to, size_t size, unsigned *ret_priority, uint64_t deadline)
{
    struct mqueue *q = queue_of(f);
    int r = check_file(f, file_readable(f));
    if (r)
        return r;
    if (size < (size_t)q->size_limit)
        return -EMSGSIZE;
    mutex_lock(&lock);
    while (!r && !q->first)
        r = f->flags & O_NONBLOCK ? -EAGAIN : wait_locked(&q->can_receive, &q->receivers, deadline);
    struct message *m = q->first; // also what came together with a signal
    if (m) {
        r = 0;
        q->first = m->next;
        q->count--;
        (void)waitq_wake(&q->can_send, UINT32_MAX);
    }
    mutex_unlock(&lock);
    if (r)
        return r;
    long n = (long)m->size;
    memcpy(to, m->text, m->size);
    *ret_priority = m->priority;
    kfree(m);
    return n;
}

static bool process_lives(int32_t pid)
{
    struct process *p = pid ? process_find_lock(pid) : NULL;
    bool lives = p && p->threads;
    if (p)
        mutex_unlock(&p->lock);
    return lives;
}

int mqueue_notify(struct file *f, const struct mqueue_event *event)
{
    struct mqueue *q = queue_of(f);
    int32_t pid = current_process()->pid;
    if (!q)
        return -EBADF;
    int r = 0;
    mutex_lock(&lock);
    if (!event) {
        if (q->notify_pid == pid)
            q->notify_pid = 0;
    } else if (process_lives(q->notify_pid)) {
        r = -EBUSY;
    } else {
        q->notify_pid = pid;
        q->notify_file = f;
        q->notify = *event;
    }
    mutex_unlock(&lock);
    return r;
}

int mqueue_attributes(struct file *f, const struct mq_attr *new, struct mq_attr *ret_old)
{
    const struct mqueue *q = queue_of(f);
    if (new && (new->mq_flags & ~O_NONBLOCK))
        return -EINVAL;
    if (!q)
        return -EBADF;
    mutex_lock(&lock);
    *ret_old = (struct mq_attr){.mq_flags = (long)(f->flags & O_NONBLOCK),
                                .mq_maxmsg = q->limit,
                                .mq_msgsize = q->size_limit,
                                .mq_curmsgs = q->count};
    if (new)
        f->flags = (f->flags & ~(uint32_t)O_NONBLOCK) | (uint32_t)new->mq_flags;
    mutex_unlock(&lock);
    return 0;
}
