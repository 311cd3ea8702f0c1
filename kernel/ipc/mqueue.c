// SPDX-License-Identifier: MIT
//
// One lock for all queues. Who waits stands in line: a message goes to the first receiver without passing through the queue, and room
// to the first sender, so that what comes later does not overtake.
#include "kernel/ipc/mqueue.h"

#include <stdbool.h>

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/stat.h>

#include "kernel/ipc/ids.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/netlink/netlink.h"
#include "kernel/signal/signal.h"
#include "kernel/task/capability.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

enum { NAME_ROOM = 256, DEFAULT_MESSAGES = 10, DEFAULT_SIZE = 8192, MESSAGES_MAX = 65536, SIZE_MAX_BYTES = 16 << 20 };
enum { QUEUES_MAX = 256, SHOWN_SIZE = 80 };
enum { LINUX_MESSAGE = 48, LINUX_PRIORITY = 48 }; // what RLIMIT_MSGQUEUE counts for each beside the text (man 2 getrlimit)

struct message {
    struct message *next;
    unsigned priority;
    size_t size;
    uint8_t text[];
};

struct waiting { // on the stack of who waits; guarded by lock
    struct waiting *next;
    struct waitq woken;
    struct message *message; // a sender's, until it is taken; a receiver's, once it is there
    bool done;
};

struct mqueue {
    struct mqueue *next; // in the list of all
    unsigned references; // the name's and those of open files
    bool named;
    char name[NAME_ROOM];
    struct node *node; // its owner and mode
    uint32_t payer; // the user whose RLIMIT_MSGQUEUE holds it
    uint64_t cost;
    long limit, size_limit, count;
    struct message *first; // by priority, then age
    struct waiting *senders, *receivers; // the longest first
    struct waitq can_send, can_receive;  // for poll
    int32_t notify_pid;                  // 0: nobody
    struct mqueue_event notify;
};

static struct mutex lock;
/* guarded by lock: */
static struct mqueue *queues;
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
    struct mqueue **link = &queues;
    while (*link != q)
        link = &(*link)->next;
    *link = q->next;
    for (struct message *m = q->first, *next; m; m = next) {
        next = m->next;
        kfree(m);
    }
    q->node->context = NULL; // somebody may be about to open it by way of /proc
    node_put(q->node);
    kfree(q);
}

static struct mqueue *find_name(const char *name)
{
    struct mqueue *q = queues;
    while (q && (!q->named || strcmp(q->name, name)))
        q = q->next;
    return q;
}

static int check_name(const char *name)
{
    if (!*name)
        return -ENOENT;
    return strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") ? -EACCES : 0;
}

static int check_attributes(const struct mq_attr *a)
{
    bool any = capable(CAP_SYS_RESOURCE);
    if (a->mq_maxmsg <= 0 || a->mq_msgsize <= 0 || a->mq_maxmsg > (any ? MESSAGES_MAX : DEFAULT_MESSAGES) ||
        a->mq_msgsize > (any ? SIZE_MAX_BYTES : DEFAULT_SIZE))
        return -EINVAL;
    return 0;
}

static int pay(const struct mq_attr *a, struct mqueue *q)
{
    const struct process *p = current_process();
    const uint64_t messages = (uint64_t)a->mq_maxmsg, priorities = messages < MQ_PRIO_MAX ? messages : MQ_PRIO_MAX;
    uint64_t sum = q->cost = messages * ((uint64_t)a->mq_msgsize + LINUX_MESSAGE) + priorities * LINUX_PRIORITY;
    q->payer = current_thread()->cred.uid;
    for (const struct mqueue *o = queues; o; o = o->next)
        sum += o->payer == q->payer ? o->cost : 0;
    return sum > p->rlimits[RLIMIT_MSGQUEUE][0] ? -EMFILE : 0;
}

static int make_node(struct mqueue *q, unsigned mode)
{
    struct node *n = q->node = node_new(S_IFREG | (mode & 0777));
    if (!n)
        return -ENOMEM;
    n->uid = current_thread()->cred.fsuid;
    n->gid = current_thread()->cred.fsgid;
    n->size = SHOWN_SIZE;
    node_touch(n);
    n->atime_ns = n->mtime_ns;
    n->ops = &mqueue_ops;
    n->context = q;
    return 0;
}

static int make_queue(const char *name, unsigned mode, const struct mq_attr *a, struct mqueue **ret)
{
    const struct mq_attr ordinary = {.mq_maxmsg = DEFAULT_MESSAGES, .mq_msgsize = DEFAULT_SIZE};
    a = a ? a : &ordinary;
    if (name_count >= QUEUES_MAX && !capable(CAP_SYS_RESOURCE))
        return -ENOSPC;
    int r = check_attributes(a);
    if (r)
        return r;
    struct mqueue *q = kzalloc(sizeof(*q));
    r = q ? pay(a, q) : -ENOMEM;
    if (!r)
        r = make_node(q, mode);
    if (r) {
        kfree(q);
        return r;
    }
    q->references = 1;
    q->named = true;
    q->limit = a->mq_maxmsg;
    q->size_limit = a->mq_msgsize;
    snprintf(q->name, sizeof(q->name), "%s", name);
    q->next = queues;
    queues = q;
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
    *ret = find_name(name);
    if (!*ret)
        return flags & O_CREAT ? make_queue(name, mode, a, ret) : -ENOENT;
    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    if ((flags & O_ACCMODE) == O_ACCMODE)
        return -EINVAL;
    const struct node *n = (*ret)->node;
    const struct ipc_object owner = {.uid = n->uid, .gid = n->gid, .cuid = n->uid, .cgid = n->gid, .mode = n->mode & 0777};
    return ipc_permitted_or(&owner, wanted_access(flags), CAP_DAC_OVERRIDE);
}

int mqueue_open(const char *name, int flags, unsigned mode, const struct mq_attr *attributes, struct file **ret)
{
    struct mqueue *q;
    int r = check_name(name);
    if (r)
        return r;
    char *path = kmalloc(strlen(name) + 2);
    if (!path)
        return -ENOMEM;
    snprintf(path, strlen(name) + 2, "/%s", name);
    mutex_lock(&lock);
    r = find_or_make(name, flags, mode, attributes, &q);
    struct file *f = r ? NULL : file_new(&mqueue_ops, (uint32_t)flags & (O_ACCMODE | O_NONBLOCK), q->node);
    if (f) {
        q->references++;
        f->context = q;
        f->path = path;
        *ret = f;
    }
    mutex_unlock(&lock);
    if (!f)
        kfree(path);
    return r ? r : f ? 0 : -ENOMEM;
}

// By way of /proc/self/fd.
static int mqueue_reopen(struct file *f)
{
    mutex_lock(&lock);
    struct mqueue *q = f->node->context;
    if (q)
        q->references++;
    f->context = q;
    mutex_unlock(&lock);
    return q ? 0 : -ENXIO;
}

// As in a folder of root's where each may remove what is his.
static int may_unlink(const struct mqueue *q)
{
    uint32_t euid = current_thread()->cred.euid;
    return !euid || euid == q->node->uid || capable(CAP_FOWNER) ? 0 : -EPERM;
}

int mqueue_unlink(const char *name)
{
    int r = check_name(name);
    if (r)
        return r;
    mutex_lock(&lock);
    struct mqueue *q = find_name(name);
    r = q ? may_unlink(q) : -ENOENT;
    if (!r) {
        q->named = false;
        q->node->nlink = 0;
        name_count--;
        put_queue(q);
    }
    mutex_unlock(&lock);
    return r;
}

static void tell_thread(struct mqueue *q, uint8_t what)
{
    q->notify.cookie->data[NOTIFY_COOKIE_LEN - 1] = what;
    netlink_deliver(q->notify.socket, q->notify.cookie);
    netlink_put(q->notify.socket);
}

static void end_notification_locked(struct mqueue *q)
{
    if (q->notify_pid && q->notify.how == SIGEV_THREAD)
        tell_thread(q, NOTIFY_REMOVED);
    q->notify_pid = 0;
}

// Any descriptor of the queue that the registered process closes ends its registration.
static void mqueue_descriptor_closed(struct file *f)
{
    struct mqueue *q = f->context;
    mutex_lock(&lock);
    if (q->notify_pid == current_process()->pid)
        end_notification_locked(q);
    mutex_unlock(&lock);
}

static void mqueue_release(struct file *f)
{
    struct mqueue *q = f->context;
    if (!q)
        return;
    mutex_lock(&lock);
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
    const struct mqueue_event nobody = {0}, e = q->notify_pid ? q->notify : nobody;
    size_t length = (size_t)snprintf(text, sizeof(text), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", bytes, e.how,
                                     e.how == SIGEV_SIGNAL ? e.signal : 0, q->notify_pid);
    mutex_unlock(&lock);
    size_t n = offset < length ? length - offset : 0;
    n = n < size ? n : size;
    memcpy(to, text + (n ? offset : 0), n);
    return (long)n;
}

// Its size is made up, and any will do.
static int mqueue_truncate(struct file *f, uint64_t size)
{
    f->node->size = size;
    return 0;
}

static const struct file_ops mqueue_ops = {
    .open = mqueue_reopen,
    .read = mqueue_read,
    .truncate = mqueue_truncate,
    .poll = mqueue_poll,
    .release = mqueue_release,
    .descriptor_closed = mqueue_descriptor_closed,
};

static void send_signal(const struct mqueue *q)
{
    struct siginfo info = {.si_signo = q->notify.signal, .si_code = SI_MESGQ};
    info.si_pid = current_process()->pid;
    info.si_uid = current_thread()->cred.uid;
    info.si_value.sival_ptr = (void *)q->notify.value;
    struct process *p = process_find_lock(q->notify_pid);
    if (!p)
        return;
    if (p->threads && info.si_signo)
        (void)signal_send_process(p, &info); // out of memory: the message is there all the same
    mutex_unlock(&p->lock);
}

// The first message of an empty queue that nobody waits for: the registered process is told, once.
static void notify_locked(struct mqueue *q)
{
    if (q->notify.how == SIGEV_SIGNAL)
        send_signal(q);
    else if (q->notify.how == SIGEV_THREAD)
        tell_thread(q, NOTIFY_WOKENUP);
    q->notify_pid = 0;
}

static void insert_locked(struct mqueue *q, struct message *m)
{
    struct message **link = &q->first;
    while (*link && (*link)->priority >= m->priority)
        link = &(*link)->next;
    m->next = *link;
    *link = m;
    q->count++;
}

static struct waiting *first_waiting(struct waiting **line)
{
    struct waiting *w = *line;
    if (w)
        *line = w->next;
    return w;
}

static void end_wait_locked(struct waiting *w)
{
    __atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
    (void)waitq_wake(&w->woken, 1); // it takes the lock before it goes
}

// Sleeps in line, without the lock. 0: what it waits for was done for it.
static int wait_locked(struct waiting **line, struct waiting *w, uint64_t deadline)
{
    struct waiting **link = line;
    while (*link)
        link = &(*link)->next;
    *link = w;
    mutex_unlock(&lock);
    int r = wait_event(&w->woken, __atomic_load_n(&w->done, __ATOMIC_ACQUIRE), deadline);
    mutex_lock(&lock);
    if (w->done)
        return 0;
    for (link = line; *link != w;)
        link = &(*link)->next;
    *link = w->next;
    return r;
}

// There is room, or somebody waits for a message.
static void put_message_locked(struct mqueue *q, struct message *m)
{
    struct waiting *receiver = first_waiting(&q->receivers);
    if (receiver) {
        receiver->message = m;
        end_wait_locked(receiver);
        return;
    }
    insert_locked(q, m);
    if (q->count == 1 && q->notify_pid)
        notify_locked(q);
    (void)waitq_wake(&q->can_receive, UINT32_MAX);
}

// The queue is not empty. What the first sender in line has fills the gap.
static struct message *take_message_locked(struct mqueue *q)
{
    struct message *m = q->first;
    struct waiting *sender = first_waiting(&q->senders);
    q->first = m->next;
    q->count--;
    if (sender) {
        insert_locked(q, sender->message);
        end_wait_locked(sender);
    } else {
        (void)waitq_wake(&q->can_send, UINT32_MAX);
    }
    return m;
}

static int check_file(const struct file *f, bool access)
{
    return queue_of(f) && access ? 0 : -EBADF;
}

int mqueue_send(struct file *f, const void *text, size_t size, unsigned priority, uint64_t deadline)
{
    struct mqueue *q = queue_of(f);
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
    struct waiting w = {.message = m};
    mutex_lock(&lock);
    if (q->count < q->limit)
        put_message_locked(q, m);
    else
        r = f->flags & O_NONBLOCK ? -EAGAIN : wait_locked(&q->senders, &w, deadline);
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
    struct waiting w = {0};
    mutex_lock(&lock);
    if (q->first)
        w.message = take_message_locked(q);
    else
        r = f->flags & O_NONBLOCK ? -EAGAIN : wait_locked(&q->receivers, &w, deadline);
    mutex_unlock(&lock);
    if (r)
        return r;
    struct message *m = w.message;
    long n = (long)m->size;
    memcpy(to, m->text, m->size);
    *ret_priority = m->priority;
    kfree(m);
    return n;
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
            end_notification_locked(q);
    } else if (q->notify_pid) {
        r = -EBUSY;
    } else {
        q->notify_pid = pid;
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
