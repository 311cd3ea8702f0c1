// SPDX-License-Identifier: MIT
//
// Processes: making them, finding them, and the first one.
#include "kernel/task/process.h"

#include <stddef.h>

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/signal.h>

#include "abi/layout.h"
#include "kernel/boot/config.h"
#include "kernel/exec/exec.h"
#include "kernel/ipc/ipc.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/task/boot.h"
#include "kernel/task/capability.h"
#include "kernel/task/credentials.h"
#include "kernel/task/processes.h"
#include "kernel/task/task.h"
#include "kernel/tee/tee.h"
#include "kernel/task/thread.h"
#include "kernel/time/process_timers.h"
#include "kernel/time/processor_time.h"
#include "kernel/time/time.h"
#include "kernel/trace/log.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/text_busy.h"

#define DEFAULT_STACK (8ul << 20)
#define DEFAULT_LOCKED (8ul << 20)
#define DEFAULT_CORE_FILTER 0x33u
#define DEFAULT_QUEUES 819200u // MQ_BYTES_MAX of <linux/mqueue.h>
#define DEFAULT_FILES 1024u

static struct mutex list_lock;
/* guarded by list_lock: */
static struct process *processes;

static struct process *first; // set once, at boot

static int32_t last_pid = FIRST_PID - 1; // atomic

// Numbers are not used twice: 2^31 threads are more than an enclave lives to see.
int32_t pid_new(void)
{
    int32_t pid = __atomic_add_fetch(&last_pid, 1, __ATOMIC_RELAXED);
    ASSERT(pid > 0);
    return pid;
}

static void limits_default(struct process *p)
{
    for (unsigned i = 0; i < RLIMITS; i++)
        p->rlimits[i][0] = p->rlimits[i][1] = RLIM64_INFINITY;
    const struct config *c = config_get(); // the first stack has its size anyway; threads take theirs from this limit
    p->rlimits[RLIMIT_STACK][0] = c->thread_stack_size ? c->thread_stack_size : c->main_stack_size ? c->main_stack_size : DEFAULT_STACK;
    p->rlimits[RLIMIT_NOFILE][0] = DEFAULT_FILES;
    p->rlimits[RLIMIT_NOFILE][1] = MOST_FILES;
    p->rlimits[RLIMIT_NPROC][0] = p->rlimits[RLIMIT_NPROC][1] = THREAD_AREA_COUNT;
    p->rlimits[RLIMIT_CORE][0] = 0;
    p->rlimits[RLIMIT_MEMLOCK][0] = p->rlimits[RLIMIT_MEMLOCK][1] = DEFAULT_LOCKED;
    p->rlimits[RLIMIT_MSGQUEUE][0] = p->rlimits[RLIMIT_MSGQUEUE][1] = DEFAULT_QUEUES;
    p->rlimits[RLIMIT_NICE][0] = p->rlimits[RLIMIT_NICE][1] = 0;
    p->rlimits[RLIMIT_RTPRIO][0] = p->rlimits[RLIMIT_RTPRIO][1] = 0;
}

uint64_t process_limit(const struct process *p, unsigned resource, bool hard)
{
    uint64_t limit = p->rlimits[resource][hard], span = resource == RLIMIT_AS && p->mm ? mm_span(p->mm) : limit;
    return span < limit ? span : limit;
}

struct process *process_new(struct process *parent)
{
    struct process *p = kzalloc(sizeof(*p));
    if (!p)
        return NULL;
    if (signal_actions_new(&p->actions)) {
        kfree(p);
        return NULL;
    }
    p->parent = parent;
    p->pid = p->pgid = p->sid = pid_new();
    if (!first)
        first = p;
    p->dumpable = true;
    p->core_filter = DEFAULT_CORE_FILTER;
    limits_default(p);
    mutex_lock(&list_lock);
    p->next = processes;
    processes = p;
    mutex_unlock(&list_lock);
    return p;
}

void process_free(struct process *p)
{
    mutex_lock(&list_lock);
    for (struct process **link = &processes; *link; link = &(*link)->next) {
        if (*link == p) {
            *link = p->next;
            break;
        }
    }
    mutex_unlock(&list_lock);
    mutex_lock(&p->lock); // whoever found it before goes first
    mutex_unlock(&p->lock);
    process_timers_free(p);
    sem_process_end(p);
    signal_queue_clear(&p->shared_pending);
    signal_actions_put(p->actions);
    if (p->files)
        fd_table_put(p->files);
    if (p->fs)
        fs_state_put(p->fs);
    if (p->mm)
        mm_put(p->mm);
    text_end_run(p->executable);
    file_put(p->executable);
    credentials_end(&p->cred);
    kfree(p->executable_path);
    attestation_process_free(p);
    kfree(p);
}

int process_part_actions(struct process *p)
{
    struct signal_actions *own, *shared = p->actions;
    if (!signal_actions_shared(shared))
        return 0;
    int r = signal_actions_new(&own);
    if (r)
        return r;
    signal_actions_copy(own, shared);
    spin_lock(&p->signal_lock);
    p->actions = own;
    spin_unlock(&p->signal_lock);
    signal_actions_put(shared);
    return 0;
}

bool process_is_first(const struct process *p)
{
    return p == first;
}

static bool is_stopped(struct process *p)
{
    spin_lock(&p->signal_lock);
    bool stopped = p->stop.signal && p->stop.done;
    spin_unlock(&p->signal_lock);
    return stopped;
}

bool process_first_is_stopped(void)
{
    return is_stopped(first);
}

bool processes_any_runs(void)
{
    bool any = false;
    mutex_lock(&list_lock);
    for (struct process *p = processes; p; p = p->next)
        any |= !p->zombie && !is_stopped(p);
    mutex_unlock(&list_lock);
    return any;
}

int32_t process_first_group(void)
{
    return first->pgid;
}

void processes_lock(void)
{
    mutex_lock(&list_lock);
}

void processes_unlock(void)
{
    mutex_unlock(&list_lock);
}

struct process *processes_first(void)
{
    return processes;
}

void processes_kick(const struct mm *mm)
{
    mutex_lock(&list_lock);
    for (struct process *p = processes; p; p = p->next) {
        if (p->mm != mm)
            continue;
        mutex_lock(&p->lock);
        for (struct thread *t = p->threads; t; t = t->next)
            if (!__atomic_load_n(&t->sleeping, __ATOMIC_SEQ_CST)) // else it is not active, or will be asked again
                thread_kick(t);
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&list_lock);
}

void processes_out_of_memory(const struct mm *mm)
{
    const struct siginfo info = {.si_signo = SIGKILL, .si_code = SI_KERNEL};
    mutex_lock(&list_lock);
    for (struct process *p = processes; p; p = p->next) {
        if (p->mm != mm || p->zombie)
            continue;
        log_line("myst: %s: killed, not enough memory; raise MemorySize or --memory-size",
                 p->executable_path ? p->executable_path : p->name);
        mutex_lock(&p->lock);
        (void)signal_send_process(p, &info);
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&list_lock);
}

int thread_visit(int32_t tid, void (*each)(struct thread *t, void *context), void *context)
{
    struct thread *t = NULL;
    mutex_lock(&list_lock);
    for (struct process *p = processes; p && !t; p = p->next) {
        mutex_lock(&p->lock);
        t = thread_find_locked(p, tid ? tid : current_thread()->tid);
        if (t && each)
            each(t, context);
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&list_lock);
    return t ? 0 : -ESRCH;
}

// Signals of programs (si_code) have to be allowed: man 2 kill. p's lock is held.
static bool may_signal(const struct process *p, const struct credentials *to, const struct siginfo *info)
{
    const struct process *self = current_process();
    const struct credentials *from = &current_thread()->cred;
    bool same_user = from->euid == to->suid || from->euid == to->uid || from->uid == to->suid || from->uid == to->uid;
    return info->si_code > 0 || p == self || same_user || capable(CAP_KILL) || (info->si_signo == SIGCONT && p->sid == self->sid);
}

static int send_locked(struct process *p, const struct siginfo *info)
{
    if (!may_signal(p, &p->cred, info))
        return -EPERM;
    return info->si_signo ? signal_send_process(p, info) : 0;
}

// The number of any thread names its process, as on Linux.
static long signal_process_of_thread(int32_t tid, const struct siginfo *info)
{
    long r = -ESRCH;
    mutex_lock(&list_lock);
    for (struct process *p = processes; p && r == -ESRCH; p = p->next) {
        mutex_lock(&p->lock);
        if (thread_find_locked(p, tid))
            r = send_locked(p, info);
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&list_lock);
    return r;
}

long process_signal(int32_t pid, const struct siginfo *info)
{
    if (pid == INIT_PID) // root's, and nothing does it any harm
        return capable(CAP_KILL) || !current_thread()->cred.uid || !current_thread()->cred.euid ? 0 : -EPERM;
    struct process *p = process_find_lock(pid);
    if (!p)
        return signal_process_of_thread(pid, info);
    int r = send_locked(p, info);
    mutex_unlock(&p->lock);
    return r;
}

long processes_signal(int32_t pgid, const struct siginfo *info)
{
    const struct process *self = current_process();
    long count = 0, refused = 0;
    mutex_lock(&list_lock);
    for (struct process *p = processes; p; p = p->next) {
        bool wanted = pgid == -1 ? p != self && p != first : p->pgid == pgid;
        if (!wanted || p->zombie)
            continue;
        mutex_lock(&p->lock);
        *(send_locked(p, info) == -EPERM ? &refused : &count) += 1;
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&list_lock);
    return count ? count : !refused ? -ESRCH : pgid == -1 ? 0 : -EPERM; // kill(-1) tries, whoever is there
}

static int send_to_thread_locked(struct process *p, int32_t tid, const struct siginfo *info)
{
    struct thread *t = thread_find_locked(p, tid);
    if (!t)
        return -ESRCH;
    if (!may_signal(p, &t->cred, info))
        return -EPERM;
    return info->si_signo ? signal_send_thread(t, info) : 0;
}

long process_signal_thread(int32_t pid, int32_t tid, const struct siginfo *info)
{
    struct thread *self = current_thread();
    if (pid == self->process->pid && tid == self->tid && signal_is_plain(info->si_signo)) // raise(3)
        return signal_raise(info);
    struct process *p = process_find_lock(pid);
    if (!p)
        return -ESRCH;
    int r = send_to_thread_locked(p, tid, info);
    mutex_unlock(&p->lock);
    return r;
}

long processes_signal_thread(int32_t tid, const struct siginfo *info)
{
    long r = -ESRCH;
    mutex_lock(&list_lock);
    for (struct process *p = processes; p && r == -ESRCH; p = p->next) {
        mutex_lock(&p->lock);
        r = send_to_thread_locked(p, tid, info);
        mutex_unlock(&p->lock);
    }
    mutex_unlock(&list_lock);
    return r;
}

static bool links_group(const struct process *p)
{
    const struct process *parent = p->parent;
    return p == first || (parent && parent->pgid != p->pgid && parent->sid == p->sid);
}

bool process_group_is_orphaned_locked(int32_t pgid, const struct process *without)
{
    bool linked = false;
    for (const struct process *p = processes; p && !linked; p = p->next)
        linked = p->pgid == pgid && p != without && !p->zombie && links_group(p);
    return !linked;
}

bool process_group_is_orphaned(int32_t pgid)
{
    mutex_lock(&list_lock);
    bool orphaned = process_group_is_orphaned_locked(pgid, NULL);
    mutex_unlock(&list_lock);
    return orphaned;
}

int32_t process_group_session(int32_t pgid)
{
    int32_t session = 0;
    mutex_lock(&list_lock);
    for (const struct process *p = processes; p && !session; p = p->next)
        session = p->pgid == pgid ? p->sid : 0;
    mutex_unlock(&list_lock);
    return session;
}

bool process_group_exists(int32_t pgid, int32_t sid)
{
    bool found = false;
    mutex_lock(&list_lock);
    for (const struct process *p = processes; p; p = p->next)
        found |= p->pgid == pgid && p->sid == sid;
    mutex_unlock(&list_lock);
    return found;
}

void processes_each(void (*each)(struct process *p, void *context), void *context)
{
    mutex_lock(&list_lock);
    for (struct process *p = processes; p; p = p->next)
        each(p, context);
    mutex_unlock(&list_lock);
}

static uint64_t threads_of_user(uint32_t uid)
{
    uint64_t n = 0;
    mutex_lock(&list_lock);
    for (const struct process *p = processes; p; p = p->next)
        n += p->cred.uid == uid ? (p->thread_count ? p->thread_count : 1) : 0; // ended ones have their number still
    mutex_unlock(&list_lock);
    return n;
}

bool process_may_have_one_more(void)
{
    const struct thread *t = current_thread();
    const uint64_t most = t->process->rlimits[RLIMIT_NPROC][0];
    if (!t->cred.uid || most >= THREAD_AREA_COUNT || capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN))
        return true;
    return threads_of_user(t->cred.uid) < most;
}

struct process *process_find_lock(int32_t pid)
{
    mutex_lock(&list_lock);
    struct process *p = processes;
    while (p && p->pid != pid)
        p = p->next;
    if (p)
        mutex_lock(&p->lock);
    mutex_unlock(&list_lock);
    return p;
}

void name_from_path(char name[16], const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(name, 16, "%s", slash ? slash + 1 : path);
}

static char *copy_string(const char *s)
{
    size_t size = strlen(s) + 1;
    char *copy = kmalloc(size);
    if (copy)
        memcpy(copy, s, size);
    return copy;
}

int process_set_program(struct process *p, struct mm *mm, struct file *executable, const char *path)
{
    char *copy = copy_string(path);
    if (!copy)
        return -ENOMEM;
    mutex_lock(&p->lock);
    char *old_path = p->executable_path;
    struct file *old = p->executable;
    p->executable_path = copy;
    p->executable = executable;
    p->mm = mm;
    struct credentials *c = &p->threads->cred;
    credentials_execute(c, executable->node, p->no_new_privileges);
    credentials_copy(&p->cred, c);
    p->dumpable = c->uid == c->euid && c->gid == c->egid && !node_permits(executable->node, MAY_READ);
    p->executed = true;
    name_from_path(p->name, path);
    memcpy(p->threads->name, p->name, sizeof(p->name));
    mutex_unlock(&p->lock);
    kfree(old_path);
    text_end_run(old);
    file_put(old);
    return 0;
}

void process_drop_memory(struct process *p)
{
    struct mm *old = p->mm;
    mutex_lock(&p->lock); // /proc looks at it under it
    p->mm = NULL;
    mutex_unlock(&p->lock);
    mm_quit(old);
}

void process_drop_program(struct process *p)
{
    mutex_lock(&p->lock);
    struct file *executable = p->executable;
    p->executable = NULL;
    mutex_unlock(&p->lock);
    text_end_run(executable);
    file_put(executable);
}

void task_boot(struct thread_block *tb)
{
    struct process *p = process_new(/* parent= */ NULL);
    struct thread *t = p ? thread_new(p, tb) : NULL;
    if (!t)
        kernel_stop("not enough memory for the first process");
    t->cred.capabilities = p->cred.capabilities = capabilities_all();
    t->tid = p->pid;
    tb->current = t;
    thread_publish(t);
    signal_actions_ignore(p->actions, boot_get()->ignored_signals);
    processor_time_begin(t);
    syscall_boot();
}

void task_boot_files(void)
{
    struct process *p = current_process();
    if (fd_table_new(&p->files) || fs_state_new(&p->fs) || vfs_open_console(p->files))
        kernel_stop("cannot open the console");
}

void task_boot_program(struct mm *mm, struct file *executable, const struct exec_request *request)
{
    struct process *p = current_process();
    p->start_ns = clock_monotonic_ns();
    if (process_set_program(p, mm, executable, request->path))
        kernel_stop("not enough memory for the first process");
}
