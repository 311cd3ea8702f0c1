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

// Who waits for a message, on its own stack; guarded by lock. The message comes to it without passing through the queue.
struct receiver {
    struct receiver *next; // in line
    long type;
    int flags;
    size_t size;
    int32_t pid;
    struct message *message;
    int result; // MUST_WAIT, 0: there it is, LOOK_AGAIN, -errno
    struct waitq woken;
};
enum { MUST_WAIT = 1, LOOK_AGAIN = 2 };

struct msg_queue {
    struct ipc_object object; // first
    unsigned references;      // the table's and those of waiters
    bool removed;
    struct message *first, *last;
    size_t bytes, count, limit;
    int64_t stime, rtime, ctime;
    int32_t lspid, lrpid;
    struct waitq can_send;
    struct receiver *receivers; // the longest first
};

static struct mutex lock;
/* guarded by lock: */
static struct ipc_table table = {.most = MSGMNI};

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

// Sleeps until something was taken out; the lock is given up meanwhile. 0: look again.
static int wait_for_room(struct msg_queue *q)
{
    struct waiter w = {0};
    waitq_add(&q->can_send, &w);
    mutex_unlock(&lock);
    int r = waiter_sleep(&w, UINT64_MAX);
    waitq_remove(&w);
    mutex_lock(&lock);
    return q->removed ? -EIDRM : r;
}

static bool wanted(const struct message *m, long type, int flags)
{
    if (type > 0)
        return (m->type == type) != !!(flags & MSG_EXCEPT);
    return !type || m->type <= (type == INT64_MIN ? INT64_MAX : -type);
}

// It takes the lock before it leaves its stack.
static void end_wait(struct receiver *r, int result)
{
    __atomic_store_n(&r->result, result, __ATOMIC_RELEASE);
    (void)waitq_wake(&r->woken, 1);
}

// To the first in line that wants it and has room; who has none is told so.
static bool hand_over(struct msg_queue *q, struct message *m)
{
    for (struct receiver **link = &q->receivers; *link;) {
        struct receiver *r = *link;
        if (!wanted(m, r->type, r->flags)) {
            link = &r->next;
            continue;
        }
        *link = r->next;
        bool fits = m->size <= r->size || (r->flags & MSG_NOERROR);
        if (fits) {
            q->lrpid = r->pid;
            q->rtime = ipc_time_now();
            r->message = m;
        }
        end_wait(r, fits ? 0 : -E2BIG);
        if (fits)
            return true;
    }
    return false;
}

static void end_waits(struct msg_queue *q, int result)
{
    for (struct receiver *r = q->receivers, *next; r; r = next) {
        next = r->next;
        end_wait(r, result);
    }
    q->receivers = NULL;
}

static bool fits(const struct msg_queue *q, size_t size)
{
    return size <= q->limit - q->bytes && q->count < q->limit;
}

static void append(struct msg_queue *q, struct message *m)
{
    q->lspid = current_process()->pid;
    q->stime = ipc_time_now();
    if (hand_over(q, m))
        return;
    m->next = NULL;
    if (q->last)
        q->last->next = m;
    else
        q->first = m;
    q->last = m;
    q->bytes += m->size;
    q->count++;
}

static long send_locked(struct msg_queue *q, struct message *m, int flags)
{
    int r = ipc_permitted(&q->object, 0222);
    while (!r && (q->bytes > q->limit || !fits(q, m->size))) {
        r = flags & IPC_NOWAIT ? -EAGAIN : wait_for_room(q);
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

// Found in the queue: 0, -E2BIG, -EINVAL, -ENOMEM.
static int take(struct msg_queue *q, struct message **link, size_t size, int flags, struct message **ret)
{
    bool larger = (*link)->size > size;
    if (larger && (!(flags & MSG_NOERROR) || (flags & MSG_COPY)))
        return flags & MSG_NOERROR ? -EINVAL : -E2BIG; // a copy is whole
    *ret = *link;
    if (flags & MSG_COPY)
        *ret = duplicate(*link);
    else
        unlink_message(q, link);
    return *ret ? 0 : -ENOMEM;
}

// In line, without the lock. 0 and the message, LOOK_AGAIN, or -errno.
static int wait_for_message(struct msg_queue *q, struct receiver *r)
{
    struct receiver **link = &q->receivers;
    while (*link)
        link = &(*link)->next;
    *link = r;
    mutex_unlock(&lock);
    int slept = wait_event(&r->woken, __atomic_load_n(&r->result, __ATOMIC_ACQUIRE) != MUST_WAIT, UINT64_MAX);
    mutex_lock(&lock);
    if (r->result != MUST_WAIT)
        return r->result;
    for (link = &q->receivers; *link != r;)
        link = &(*link)->next;
    *link = r->next;
    return slept;
}

static int receive_locked(struct msg_queue *q, size_t size, long type, int flags, struct message **ret)
{
    for (;;) {
        struct receiver self = {.type = type, .flags = flags, .size = size, .pid = current_thread()->tid, .result = MUST_WAIT};
        int r = ipc_permitted(&q->object, 0444);
        if (r)
            return r;
        struct message **link = choose(q, type, flags);
        if (link)
            return take(q, link, size, flags, ret);
        r = flags & IPC_NOWAIT ? -ENOMSG : wait_for_message(q, &self);
        *ret = self.message;
        if (r != LOOK_AGAIN)
            return r;
    }
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
    end_waits(q, -EIDRM);
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
    end_waits(q, LOOK_AGAIN);
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

int msg_next(unsigned *index, struct msqid64_ds *ret)
{
    mutex_lock(&lock);
    const struct msg_queue *o = (struct msg_queue *)ipc_next(&table, index);
    const int id = o ? o->object.id : -1;
    if (o)
        *ret = status_of(o);
    mutex_unlock(&lock);
    return id;
}

static long control_info(int command, uint64_t argument)
{
    struct msginfo info = {.msgpool = MSGPOOL,
                           .msgmap = MSGMAP,
                           .msgmax = MSGMAX,
                           .msgmnb = MSGMNB,
                           .msgmni = MSGMNI,
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
