// SPDX-License-Identifier: MIT
//
// System V message queues (msgop(2), msgctl(2)). One lock for all; text is copied from and to the program without it.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/msg.h>

#include "kernel/ipc/ids.h"
#include "kernel/ipc/ipc.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"

struct message {
    struct message *next;
    long type;
    size_t size;
    uint8_t text[];
};

struct msg_queue {
    struct ipc_object object; // first
    unsigned references;      // the table's and those of waiters
    bool removed;
    struct message *first, *last;
    size_t bytes, count, limit;
    int64_t stime, rtime, ctime;
    int32_t lspid, lrpid;
    struct waitq can_send, can_receive;
};

static struct mutex lock;
/* guarded by lock: */
static struct ipc_table table;

static void put_queue(struct msg_queue *q)
{
    if (--q->references)
        return;
    for (struct message *m = q->first, *next; m; m = next) {
        next = m->next;
        kfree(m);
    }
    kfree(q);
}

static long make_queue(int key, int flags)
{
    struct msg_queue *q = kzalloc(sizeof(*q));
    if (!q)
        return -ENOMEM;
    q->references = 1;
    q->limit = MSGMNB;
    q->ctime = ipc_time_now();
    int id = ipc_add(&table, &q->object, key, flags);
    if (id < 0)
        kfree(q);
    return id;
}

long msg_get(int key, int flags)
{
    struct ipc_object *found;
    mutex_lock(&lock);
    long r = ipc_get(&table, key, flags, &found);
    if (!r)
        r = found ? found->id : make_queue(key, flags);
    mutex_unlock(&lock);
    return r;
}

// Sleeps on one of the queue's wait queues; the lock is given up meanwhile. 0: look again.
static int wait_locked(struct msg_queue *q, struct waitq *on)
{
    struct waiter w = {0};
    waitq_add(on, &w);
    mutex_unlock(&lock);
    int r = waiter_sleep(&w, UINT64_MAX);
    waitq_remove(&w);
    mutex_lock(&lock);
    return q->removed ? -EIDRM : r;
}

static bool fits(const struct msg_queue *q, size_t size)
{
    return size <= q->limit - q->bytes && q->count < q->limit;
}

static void append(struct msg_queue *q, struct message *m)
{
    m->next = NULL;
    if (q->last)
        q->last->next = m;
    else
        q->first = m;
    q->last = m;
    q->bytes += m->size;
    q->count++;
    q->lspid = current_process()->pid;
    q->stime = ipc_time_now();
    (void)waitq_wake(&q->can_receive, UINT32_MAX);
}

static long send_locked(struct msg_queue *q, struct message *m, int flags)
{
    int r = ipc_permitted(&q->object, 0222);
    while (!r && (q->bytes > q->limit || !fits(q, m->size))) {
        r = flags & IPC_NOWAIT ? -EAGAIN : wait_locked(q, &q->can_send);
        if (!r)
            r = ipc_permitted(&q->object, 0222);
    }
    if (!r)
        append(q, m);
    return r;
}

long msg_send(int id, const void USER *buf, size_t size, int flags)
{
    long type;
    if (size > MSGMAX || id < 0)
        return -EINVAL;
    if (GET_USER(type, buf))
        return -EFAULT;
    if (type < 1)
        return -EINVAL;
    struct message *m = kmalloc(sizeof(*m) + size);
    if (!m)
        return -ENOMEM;
    m->type = type;
    m->size = size;
    long r = copy_from_user(m->text, (const char USER *)buf + sizeof(type), size);
    mutex_lock(&lock);
    struct msg_queue *q = (struct msg_queue *)ipc_find(&table, id);
    if (!r && !q)
        r = -EINVAL;
    if (!r) {
        q->references++;
        r = send_locked(q, m, flags);
        put_queue(q);
    }
    mutex_unlock(&lock);
    if (r)
        kfree(m);
    return r;
}

static bool wanted(const struct message *m, long type, int flags)
{
    if (type > 0)
        return (m->type == type) != !!(flags & MSG_EXCEPT);
    return !type || m->type <= (type == INT64_MIN ? INT64_MAX : -type);
}

// The link to the message to take, or NULL. type < 0: of those up to -type, the first of the lowest. MSG_COPY: by
// number.
static struct message **choose(struct msg_queue *q, long type, int flags)
{
    struct message **best = NULL;
    long index = 0;
    for (struct message **link = &q->first; *link; link = &(*link)->next, index++) {
        if (flags & MSG_COPY ? index != type : !wanted(*link, type, flags))
            continue;
        if (type >= 0 || (flags & MSG_COPY))
            return link;
        if (!best || (*link)->type < (*best)->type)
            best = link;
    }
    return best;
}

static void unlink_message(struct msg_queue *q, struct message **link)
{
    struct message *m = *link;
    *link = m->next;
    if (q->last == m) {
        q->last = NULL;
        for (struct message *rest = q->first; rest; rest = rest->next)
            q->last = rest;
    }
    q->bytes -= m->size;
    q->count--;
    q->lrpid = current_process()->pid;
    q->rtime = ipc_time_now();
    (void)waitq_wake(&q->can_send, UINT32_MAX);
}

static struct message *duplicate(const struct message *m)
{
    struct message *copy = kmalloc(sizeof(*m) + m->size);
    if (copy)
        memcpy(copy, m, sizeof(*m) + m->size);
    return copy;
}

static long receive_locked(struct msg_queue *q, size_t size, long type, int flags, struct message **ret)
{
    struct message **link = NULL;
    for (;;) {
        int r = ipc_permitted(&q->object, 0444);
        if (r)
            return r;
        link = choose(q, type, flags);
        if (link)
            break;
        r = flags & IPC_NOWAIT ? -ENOMSG : wait_locked(q, &q->can_receive);
        if (r && !(r == -EINTR && choose(q, type, flags))) // a message that came together with a signal is received
            return r;
    }
    if ((*link)->size > size && !(flags & MSG_NOERROR))
        return -E2BIG;
    *ret = *link;
    if (flags & MSG_COPY)
        *ret = duplicate(*link);
    else
        unlink_message(q, link);
    return *ret ? 0 : -ENOMEM;
}

long msg_receive(int id, void USER *buf, size_t size, long type, int flags)
{
    struct message *m = NULL;
    if (id < 0 || size > INT64_MAX)
        return -EINVAL;
    if ((flags & MSG_COPY) && ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT)))
        return -EINVAL;
    mutex_lock(&lock);
    struct msg_queue *q = (struct msg_queue *)ipc_find(&table, id);
    long r = q ? 0 : -EINVAL;
    if (q) {
        q->references++;
        r = receive_locked(q, size, type, flags, &m);
        put_queue(q);
    }
    mutex_unlock(&lock);
    if (r)
        return r;
    size_t n = m->size < size ? m->size : size;
    if (PUT_USER(m->type, (long USER *)buf) || copy_to_user((char USER *)buf + sizeof(m->type), m->text, n))
        r = -EFAULT; // the message is gone, as on Linux
    kfree(m);
    return r ? r : (long)n;
}

static void remove_queue(struct msg_queue *q)
{
    ipc_remove(&table, &q->object);
    q->removed = true;
    (void)waitq_wake(&q->can_send, UINT32_MAX);
    (void)waitq_wake(&q->can_receive, UINT32_MAX);
    put_queue(q);
}

static long set_queue(struct msg_queue *q, const struct msqid64_ds *ds)
{
    if (ds->msg_qbytes > MSGMNB && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    int r = ipc_set_perm(&q->object, &ds->msg_perm);
    if (r)
        return r;
    q->limit = ds->msg_qbytes;
    q->ctime = ipc_time_now();
    (void)waitq_wake(&q->can_send, UINT32_MAX); // more may fit, less may be allowed
    (void)waitq_wake(&q->can_receive, UINT32_MAX);
    return 0;
}

static long control_change(int id, int command, const struct msqid64_ds *ds)
{
    mutex_lock(&lock);
    struct msg_queue *q = (struct msg_queue *)ipc_find(&table, id);
    long r = q ? ipc_owned(&q->object) : -EINVAL;
    if (!r && command == IPC_SET)
        r = set_queue(q, ds);
    else if (!r)
        remove_queue(q);
    mutex_unlock(&lock);
    return r;
}

static struct msqid64_ds status_of(const struct msg_queue *q)
{
    return (struct msqid64_ds){.msg_perm = ipc_perm_of(&q->object),
                               .msg_stime = q->stime,
                               .msg_rtime = q->rtime,
                               .msg_ctime = q->ctime,
                               .msg_cbytes = q->bytes,
                               .msg_qnum = q->count,
                               .msg_qbytes = q->limit,
                               .msg_lspid = q->lspid,
                               .msg_lrpid = q->lrpid};
}

static long control_status(int id, int command, uint64_t argument)
{
    struct msqid64_ds ds;
    mutex_lock(&lock);
    const struct msg_queue *q =
        (struct msg_queue *)(command == IPC_STAT ? ipc_find(&table, id) : ipc_find_index(&table, id));
    long r = !q ? -EINVAL : command == MSG_STAT_ANY ? 0 : ipc_permitted(&q->object, 0444);
    if (!r) {
        ds = status_of(q);
        r = command == IPC_STAT ? 0 : q->object.id;
    }
    mutex_unlock(&lock);
    return r >= 0 && copy_to_user((void USER *)argument, &ds, sizeof(ds)) ? -EFAULT : r;
}

static long control_info(int command, uint64_t argument)
{
    struct msginfo info = {.msgpool = MSGPOOL,
                           .msgmap = MSGMAP,
                           .msgmax = MSGMAX,
                           .msgmnb = MSGMNB,
                           .msgmni = IPC_OBJECTS_MAX,
                           .msgssz = MSGSSZ,
                           .msgtql = MSGTQL,
                           .msgseg = MSGSEG};
    mutex_lock(&lock);
    if (command == MSG_INFO) {
        info.msgpool = (int)table.count;
        info.msgmap = info.msgtql = 0;
        for (unsigned i = 0; i < table.room; i++) {
            const struct msg_queue *q = (struct msg_queue *)table.slots[i];
            info.msgmap += q ? (int)q->count : 0;
            info.msgtql += q ? (int)q->bytes : 0;
        }
    }
    long r = ipc_highest_index(&table);
    mutex_unlock(&lock);
    return copy_to_user((void USER *)argument, &info, sizeof(info)) ? -EFAULT : r;
}

long msg_control(int id, int command, uint64_t argument)
{
    struct msqid64_ds ds = {0};
    if (id < 0)
        return -EINVAL;
    switch (command) {
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY:
        return control_status(id, command, argument);
    case IPC_INFO:
    case MSG_INFO:
        return control_info(command, argument);
    case IPC_SET:
        if (copy_from_user(&ds, (const void USER *)argument, sizeof(ds)))
            return -EFAULT;
        return control_change(id, command, &ds);
    case IPC_RMID:
        return control_change(id, command, &ds);
    default:
        return -EINVAL;
    }
}
