// SPDX-License-Identifier: MIT
//
// System V semaphores (semop(2), semctl(2)). All sets under one lock: operations are a few instructions. Who has to wait stands in line,
// and whoever changes a value carries out what can be done now in the order of the line, those who wait for zero first.
//
// As long as nobody can tell that somebody waits already he is only told to look for himself, and whoever runs may be faster: processes
// that were forked from each other take turns here, and to hand a semaphore to and fro between them costs hundreds of times what it
// costs Linux. One can tell when they were counted (GETNCNT), or when some time has passed.
#include <linux/errno.h>
#include <linux/sem.h>

#include "kernel/ipc/ids.h"
#include "kernel/ipc/ipc.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

struct semaphore {
    uint16_t value;
    int32_t pid; // last that changed it
};

enum { MUST_WAIT = 1, UNSEEN_NS = 10000000 };

// Operations that are under way, on the stack of who asked for them; guarded by lock.
struct pending {
    struct pending *next; // in line
    const struct sembuf *ops;
    unsigned count;
    unsigned blocker; // which of them has to wait
    struct sem_undo *undo;
    int32_t pid;
    int result; // MUST_WAIT, or what became of it
    bool seen;  // is to be served in line
    bool look;  // something has changed: look for yourself
    uint64_t since_ns;
    struct waitq woken;
};

struct sem_set {
    struct ipc_object object; // first
    unsigned count;
    unsigned references; // the table's and those of waiters
    int64_t otime, ctime;
    struct pending *line; // the longest first
    struct sem_undo *undos;
    struct semaphore sems[];
};

// What the end of a process gives back to a set.
struct sem_undo {
    struct sem_undo *next_of_process, *next_of_set;
    struct sem_set *set; // NULL: removed
    int16_t adjust[];
};

static struct mutex lock;
/* guarded by lock: */
static struct ipc_table table = {.most = SEMMNI};

static void put_set(struct sem_set *s)
{
    if (!--s->references)
        kfree(s);
}

static long make_set(int key, int count, int flags)
{
    if (count <= 0)
        return -EINVAL;
    struct sem_set *s = kzalloc(sizeof(*s) + (size_t)count * sizeof(s->sems[0]));
    if (!s)
        return -ENOMEM;
    s->count = (unsigned)count;
    s->references = 1;
    s->ctime = ipc_time_now();
    int id = ipc_add(&table, &s->object, key, flags);
    if (id < 0)
        kfree(s);
    return id;
}

long sem_get(int key, int count, int flags)
{
    struct ipc_object *found;
    if (count < 0 || count > SEMMSL)
        return -EINVAL;
    mutex_lock(&lock);
    long r = ipc_get(&table, key, flags, &found);
    if (!r && !found)
        r = make_set(key, count, flags);
    else if (found && r != -EEXIST && (unsigned)count > ((struct sem_set *)found)->count)
        r = -EINVAL; // whether it is permitted or not
    else if (!r)
        r = found->id;
    mutex_unlock(&lock);
    return r;
}

static struct sem_undo *find_undo(const struct sem_set *s)
{
    struct sem_undo *u = current_process()->undo;
    while (u && u->set != s)
        u = u->next_of_process;
    return u;
}

static struct sem_undo *make_undo(struct sem_set *s)
{
    struct process *p = current_process();
    struct sem_undo *u = find_undo(s);
    if (u)
        return u;
    u = kzalloc(sizeof(*u) + s->count * sizeof(u->adjust[0]));
    if (!u)
        return NULL;
    u->set = s;
    u->next_of_set = s->undos;
    s->undos = u;
    u->next_of_process = p->undo;
    p->undo = u;
    return u;
}

static bool has_undo(const struct sembuf *op)
{
    return op->sem_op && (op->sem_flg & SEM_UNDO);
}

// One operation. 0, MUST_WAIT, -EAGAIN or -ERANGE.
static int apply_one(struct sem_set *s, const struct sembuf *op, struct sem_undo *u)
{
    struct semaphore *sem = &s->sems[op->sem_num];
    int result = sem->value + op->sem_op;
    if ((!op->sem_op && sem->value) || result < 0)
        return op->sem_flg & IPC_NOWAIT ? -EAGAIN : MUST_WAIT;
    if (result > SEMVMX)
        return -ERANGE;
    if (has_undo(op)) {
        int adjust = u->adjust[op->sem_num] - op->sem_op;
        if (adjust < -SEMAEM - 1 || adjust > SEMAEM)
            return -ERANGE;
        u->adjust[op->sem_num] = (int16_t)adjust;
    }
    sem->value = (uint16_t)result;
    return 0;
}

static void take_back(struct sem_set *s, const struct sembuf *ops, unsigned count, struct sem_undo *u)
{
    while (count--) {
        s->sems[ops[count].sem_num].value = (uint16_t)(s->sems[ops[count].sem_num].value - ops[count].sem_op);
        if (has_undo(&ops[count]))
            u->adjust[ops[count].sem_num] = (int16_t)(u->adjust[ops[count].sem_num] + ops[count].sem_op);
    }
}

// All operations or none.
static int apply(struct sem_set *s, struct pending *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        int r = apply_one(s, &p->ops[i], p->undo);
        if (!r)
            continue;
        take_back(s, p->ops, i, p->undo);
        p->blocker = i;
        return r;
    }
    for (unsigned i = 0; i < p->count; i++)
        s->sems[p->ops[i].sem_num].pid = p->pid;
    s->otime = ipc_time_now();
    return 0;
}

static bool alters(const struct pending *p)
{
    bool any = false;
    for (unsigned i = 0; i < p->count; i++)
        any |= p->ops[i].sem_op;
    return any;
}

// Its thread goes on; it takes the lock before it leaves its stack.
static void end_wait(struct pending *p, int result)
{
    __atomic_store_n(&p->result, result, __ATOMIC_RELEASE);
    (void)waitq_wake(&p->woken, 1);
}

static bool is_seen(struct pending *p)
{
    p->seen |= clock_monotonic_ns() - p->since_ns >= UNSEEN_NS;
    return p->seen;
}

// The first in line that need not wait any more, those that alter nothing before the others; false: all have to.
static bool serve_one(struct sem_set *s, bool altering)
{
    for (struct pending **link = &s->line; *link; link = &(*link)->next) {
        struct pending *p = *link;
        int r = alters(p) == altering && is_seen(p) ? apply(s, p) : MUST_WAIT;
        if (r == MUST_WAIT)
            continue;
        *link = p->next;
        end_wait(p, r);
        return true;
    }
    return false;
}

static bool is_blocked(const struct sem_set *s, const struct sembuf *op)
{
    unsigned value = s->sems[op->sem_num].value;
    return op->sem_op ? (int)value + op->sem_op < 0 : value;
}

static void serve(struct sem_set *s)
{
    while (serve_one(s, false) || serve_one(s, true))
        ;
    for (struct pending *p = s->line; p; p = p->next) {
        if (p->seen || is_blocked(s, &p->ops[p->blocker]))
            continue;
        __atomic_store_n(&p->look, true, __ATOMIC_RELEASE);
        (void)waitq_wake(&p->woken, 1);
    }
}

static void leave_line(struct sem_set *s, const struct pending *p)
{
    struct pending **link = &s->line;
    while (*link != p)
        link = &(*link)->next;
    *link = p->next;
}

static bool may_go_on(const struct pending *p)
{
    return __atomic_load_n(&p->result, __ATOMIC_ACQUIRE) != MUST_WAIT || __atomic_load_n(&p->look, __ATOMIC_ACQUIRE);
}

// Looks for itself. Its result.
static int try_now(struct sem_set *s, struct pending *p)
{
    p->look = false;
    p->result = apply(s, p);
    return p->result;
}

static long wait_in_line(struct sem_set *s, struct pending *p, uint64_t deadline)
{
    int slept = 0;
    struct pending **end = &s->line;
    while (*end)
        end = &(*end)->next;
    *end = p;
    p->since_ns = clock_monotonic_ns();
    while (!slept) {
        mutex_unlock(&lock);
        slept = wait_event(&p->woken, may_go_on(p), deadline);
        mutex_lock(&lock);
        if (p->result != MUST_WAIT) // it has left the line
            return p->result;
        if (try_now(s, p) != MUST_WAIT)
            break;
    }
    leave_line(s, p);
    return p->result != MUST_WAIT ? p->result : slept == -ETIMEDOUT ? -EAGAIN : slept;
}

// The lock is held, and is given up while asleep.
static long operate_locked(struct sem_set *s, struct pending *p, uint64_t deadline)
{
    long r = try_now(s, p);
    if (r == MUST_WAIT)
        r = wait_in_line(s, p, deadline);
    if (!r && alters(p))
        serve(s);
    return r;
}

static int check_operations(const struct sem_set *s, const struct sembuf *ops, unsigned count, bool *ret_undo)
{
    bool alter = false;
    *ret_undo = false;
    for (unsigned i = 0; i < count; i++) {
        if (ops[i].sem_num >= s->count)
            return -EFBIG;
        alter |= ops[i].sem_op;
        *ret_undo |= has_undo(&ops[i]);
    }
    return ipc_permitted(&s->object, alter ? 0222 : 0444);
}

// An undo of the current process cannot go away under a waiting thread of it: only the end of the process and the
// removal of the set detach it, and neither frees it while a thread is in here.
long sem_operate(int id, const struct sembuf *ops, unsigned count, uint64_t deadline)
{
    bool undo;
    mutex_lock(&lock);
    struct sem_set *s = (struct sem_set *)ipc_find(&table, id);
    long r = s ? check_operations(s, ops, count, &undo) : -EINVAL;
    if (!r) {
        struct sem_undo *u = undo ? make_undo(s) : NULL;
        if (undo && !u) {
            r = -ENOMEM;
        } else {
            struct pending p = {.ops = ops, .count = count, .undo = u, .pid = current_process()->pid};
            s->references++;
            r = operate_locked(s, &p, deadline);
            put_set(s);
        }
    }
    mutex_unlock(&lock);
    return r;
}

static void forget_adjustments(struct sem_set *s, unsigned first, unsigned count)
{
    for (struct sem_undo *u = s->undos; u; u = u->next_of_set)
        memset(u->adjust + first, 0, count * sizeof(u->adjust[0]));
}

static long set_value(struct sem_set *s, int number, int value)
{
    forget_adjustments(s, (unsigned)number, 1);
    s->sems[number].value = (uint16_t)value;
    s->sems[number].pid = current_process()->pid;
    s->ctime = ipc_time_now();
    serve(s);
    return 0;
}

static long count_waiting(const struct sem_set *s, int number, bool zero)
{
    long n = 0;
    for (struct pending *p = s->line; p; p = p->next) {
        p->seen = true;
        n += p->ops[p->blocker].sem_num == number && !p->ops[p->blocker].sem_op == zero;
    }
    return n;
}

static long get_one(const struct sem_set *s, int number, int command)
{
    const struct semaphore *sem = &s->sems[number];
    switch (command) {
    case GETVAL:
        return sem->value;
    case GETPID:
        return sem->pid;
    case GETNCNT:
        return count_waiting(s, number, /* zero= */ false);
    default:
        return count_waiting(s, number, /* zero= */ true);
    }
}

static long set_all(struct sem_set *s, const uint16_t *values)
{
    for (unsigned i = 0; i < s->count; i++)
        if (values[i] > SEMVMX)
            return -ERANGE;
    forget_adjustments(s, 0, s->count);
    for (unsigned i = 0; i < s->count; i++) {
        s->sems[i].value = values[i];
        s->sems[i].pid = current_process()->pid;
    }
    s->ctime = ipc_time_now();
    serve(s);
    return 0;
}

static void remove_set(struct sem_set *s)
{
    ipc_remove(&table, &s->object);
    for (struct sem_undo *u = s->undos; u; u = u->next_of_set)
        u->set = NULL;
    s->undos = NULL;
    for (struct pending *p = s->line, *next; p; p = next) {
        next = p->next;
        end_wait(p, -EIDRM);
    }
    s->line = NULL;
    put_set(s);
}

static struct semid64_ds status_of(const struct sem_set *s)
{
    return (struct semid64_ds){
        .sem_perm = ipc_perm_of(&s->object), .sem_otime = s->otime, .sem_ctime = s->ctime, .sem_nsems = s->count};
}

static long control_value(int id, int number, int command, int value)
{
    if (command == SETVAL && (value < 0 || value > SEMVMX))
        return -ERANGE;
    mutex_lock(&lock);
    struct sem_set *s = (struct sem_set *)ipc_find(&table, id);
    bool there = s && number >= 0 && (unsigned)number < s->count;
    long r = s && (there || command != SETVAL) ? ipc_permitted(&s->object, command == SETVAL ? 0222 : 0444) : -EINVAL;
    if (!r && !there)
        r = -EINVAL;
    if (!r)
        r = command == SETVAL ? set_value(s, number, value) : get_one(s, number, command);
    mutex_unlock(&lock);
    return r;
}

// The array is copied without the lock; a set's size never changes, but the set may be another one meanwhile.
static long control_all(int id, int command, uint64_t argument)
{
    uint16_t *values = kmalloc(SEMMSL * sizeof(*values));
    if (!values)
        return -ENOMEM;
    mutex_lock(&lock);
    const struct sem_set *s = (struct sem_set *)ipc_find(&table, id);
    long r = s ? ipc_permitted(&s->object, command == SETALL ? 0222 : 0444) : -EINVAL;
    unsigned count = r ? 0 : s->count;
    for (unsigned i = 0; i < count; i++)
        values[i] = s->sems[i].value;
    mutex_unlock(&lock);
    if (!r && command == GETALL)
        r = copy_to_user((void USER *)argument, values, count * sizeof(*values));
    if (!r && command == SETALL)
        r = copy_from_user(values, (const void USER *)argument, count * sizeof(*values));
    if (!r && command == SETALL) {
        mutex_lock(&lock);
        struct sem_set *again = (struct sem_set *)ipc_find(&table, id);
        r = again && again->count == count ? set_all(again, values) : -EIDRM;
        mutex_unlock(&lock);
    }
    kfree(values);
    return r;
}

static long control_change(int id, int command, const struct semid64_ds *ds)
{
    mutex_lock(&lock);
    struct sem_set *s = (struct sem_set *)ipc_find(&table, id);
    long r = s ? ipc_owned(&s->object) : -EINVAL;
    if (!r && command == IPC_RMID) {
        remove_set(s);
    } else if (!r) {
        r = ipc_set_perm(&s->object, &ds->sem_perm);
        s->ctime = r ? s->ctime : ipc_time_now();
    }
    mutex_unlock(&lock);
    return r;
}

static long control_status(int id, int command, uint64_t argument)
{
    struct semid64_ds ds;
    mutex_lock(&lock);
    const struct sem_set *s =
        (struct sem_set *)(command == IPC_STAT ? ipc_find(&table, id) : ipc_find_index(&table, id));
    long r = !s ? -EINVAL : command == SEM_STAT_ANY ? 0 : ipc_permitted(&s->object, 0444);
    if (!r) {
        ds = status_of(s);
        r = command == IPC_STAT ? 0 : s->object.id;
    }
    mutex_unlock(&lock);
    return r >= 0 && copy_to_user((void USER *)argument, &ds, sizeof(ds)) ? -EFAULT : r;
}

int sem_next(unsigned *index, struct semid64_ds *ret)
{
    mutex_lock(&lock);
    const struct sem_set *o = (struct sem_set *)ipc_next(&table, index);
    const int id = o ? o->object.id : -1;
    if (o)
        *ret = status_of(o);
    mutex_unlock(&lock);
    return id;
}

static long control_info(int command, uint64_t argument)
{
    struct seminfo info = {.semmap = SEMMAP,
                           .semmni = SEMMNI,
                           .semmns = SEMMNS,
                           .semmnu = SEMMNU,
                           .semmsl = SEMMSL,
                           .semopm = SEMOPM,
                           .semume = SEMUME,
                           .semusz = SEMUSZ,
                           .semvmx = SEMVMX,
                           .semaem = SEMAEM};
    mutex_lock(&lock);
    if (command == SEM_INFO) {
        info.semusz = (int)table.count;
        info.semaem = 0;
        for (unsigned i = 0; i < table.room; i++)
            if (table.slots[i])
                info.semaem += (int)((struct sem_set *)table.slots[i])->count;
    }
    long r = ipc_highest_index(&table);
    mutex_unlock(&lock);
    return copy_to_user((void USER *)argument, &info, sizeof(info)) ? -EFAULT : r;
}

long sem_control(int id, int number, int command, uint64_t argument)
{
    struct semid64_ds ds = {0};
    if (id < 0)
        return -EINVAL;
    switch (command) {
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
    case SETVAL:
        return control_value(id, number, command, (int)argument);
    case GETALL:
    case SETALL:
        return control_all(id, command, argument);
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        return control_status(id, command, argument);
    case IPC_INFO:
    case SEM_INFO:
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

static void unlink_from_set(const struct sem_undo *u)
{
    for (struct sem_undo **link = &u->set->undos; *link; link = &(*link)->next_of_set) {
        if (*link == u) {
            *link = u->next_of_set;
            break;
        }
    }
}

static void give_back(const struct process *p, const struct sem_undo *u)
{
    struct sem_set *s = u->set;
    for (unsigned i = 0; i < s->count; i++) {
        int value = s->sems[i].value + u->adjust[i];
        if (!u->adjust[i])
            continue;
        s->sems[i].value = (uint16_t)(value < 0 ? 0 : value > SEMVMX ? SEMVMX : value);
        s->sems[i].pid = p->pid;
    }
    s->otime = ipc_time_now();
    serve(s);
}

void sem_process_end(struct process *p)
{
    mutex_lock(&lock);
    while (p->undo) {
        struct sem_undo *u = p->undo;
        p->undo = u->next_of_process;
        if (u->set) {
            give_back(p, u);
            unlink_from_set(u);
        }
        kfree(u);
    }
    mutex_unlock(&lock);
}
