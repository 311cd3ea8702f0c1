// SPDX-License-Identifier: MIT
//
// /proc/PID and /proc/PID/task/TID: directories that are brought up to date at every look, with the files declared below. The
// context of a node is the number that it is about, and for files their row.
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/fs/event/pidfd.h"
#include "kernel/fs/proc/proc.h"
#include "kernel/fs/proc/show.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/inspect.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/link.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/tree.h"

// Behind mode bits: a file for those who may look into the process; one that goes with its memory.
enum { GUARDED = 010000, OF_MEMORY = 020000 };
enum { NUMBER_SHIFT = 16, NAME_SIZE = 24 }; // the low bits of a context: row of a file, or descriptor

static const struct {
    const char *name;
    subject_show *show;
    unsigned mode;
} files[] = {
    {"auxv", show_auxv, 0400 | GUARDED | OF_MEMORY},   {"cgroup", show_cgroup, 0444},         {"cmdline", show_cmdline, 0444},
    {"comm", show_comm, 0644},         {"coredump_filter", show_coredump_filter, 0644},
    {"environ", show_environ, 0400 | GUARDED | OF_MEMORY}, {"gid_map", show_id_map, 0644},        {"io", show_io, 0400 | GUARDED},
    {"limits", show_limits, 0444},     {"loginuid", show_login, 0644},        {"maps", show_maps, 0444 | GUARDED},
    {"mountinfo", show_mountinfo, 0444}, {"mounts", show_self_mounts, 0444},  {"oom_adj", show_oom_adj, 0644},
    {"oom_score", show_oom_score, 0444},     {"oom_score_adj", show_oom_score_adj, 0644},     {"personality", show_personality, 0400},
    {"schedstat", show_schedstat, 0444}, {"setgroups", show_setgroups, 0644}, {"smaps", show_smaps, 0444 | GUARDED},
    {"stat", show_self_stat, 0444},    {"statm", show_statm, 0444},           {"status", show_status, 0444},
    {"timerslack_ns", show_timerslack, 0666}, {"uid_map", show_id_map, 0644},    {"wchan", show_wchan, 0444},
};

int32_t subject_number(const struct node *n)
{
    return (int32_t)((uintptr_t)n->context >> NUMBER_SHIFT);
}

static unsigned low_of(const struct node *n)
{
    return (uintptr_t)n->context & ((1u << NUMBER_SHIFT) - 1);
}

static void *context_of(int32_t number, unsigned low)
{
    return (void *)((uintptr_t)number << NUMBER_SHIFT | low);
}

struct search {
    int32_t id;
    struct process *process;
};

static void has_thread(struct process *p, void *context)
{
    struct search *s = context;
    if (s->process)
        return;
    mutex_lock(&p->lock);
    if (p->pid == s->id || thread_find_locked(p, s->id))
        s->process = p; // stays locked
    else
        mutex_unlock(&p->lock);
}

struct process *subject_lock(int32_t id, struct thread **ret_thread)
{
    struct search s = {id, NULL};
    processes_each(has_thread, &s);
    if (s.process) {
        *ret_thread = thread_find_locked(s.process, id);
        if (!*ret_thread)
            *ret_thread = s.process->threads;
    }
    return s.process;
}

static bool may_look_into(const struct process *p)
{
    return process_permits_inspection(p, /* as_for_files= */ true);
}

static int subject_open(struct file *f)
{
    struct subject s = {0};
    struct text *t = kzalloc(sizeof(*t));
    f->context = t;
    if (!t)
        return -ENOMEM;
    s.process = subject_lock(subject_number(f->node), &s.thread);
    if (!s.process)
        return -ESRCH;
    s.mm = s.process->mm;
    const unsigned mode = files[low_of(f->node)].mode;
    int r = mode & GUARDED && !may_look_into(s.process) ? -EACCES : mode & OF_MEMORY && !s.mm ? -ESRCH : 0;
    if (!r)
        files[low_of(f->node)].show(t, &s);
    mutex_unlock(&s.process->lock);
    return r ? r : t->error;
}

// Where nothing is kept a write is no error.
static long subject_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    static const struct {
        subject_show *of;
        subject_change *change;
    } changes[] = {
        {show_comm, change_comm},
        {show_coredump_filter, change_coredump_filter},
        {show_oom_adj, change_oom_adj},
        {show_oom_score_adj, change_oom_score_adj},
        {show_timerslack, change_timerslack},
    };
    struct subject s = {0};
    long r = (long)size;
    s.process = subject_lock(subject_number(f->node), &s.thread);
    if (!s.process)
        return -ESRCH;
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        if (changes[i].of == files[low_of(f->node)].show)
            r = changes[i].change(&s, from, size);
    mutex_unlock(&s.process->lock);
    return r;
}

static bool still_there(int32_t number)
{
    struct thread *t;
    struct process *p = subject_lock(number, &t);
    if (p)
        mutex_unlock(&p->lock);
    return p;
}

static long subject_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    return !offset && !still_there(subject_number(f->node)) ? -ESRCH : text_ops.read(f, to, size, offset);
}

static struct file_ops subject_ops = {.open = subject_open, .read = subject_read, .write = subject_write};

// Links: what they name is looked up while the process is locked.
static struct node *executable(struct process *p, struct thread *t)
{
    return p->executable ? p->executable->node : NULL;
}

static struct fs_state *fs_of(struct process *p, struct thread *t)
{
    return t && t->fs ? t->fs : p->fs;
}

static struct fd_table *files_of(struct process *p, struct thread *t)
{
    return t && t->files ? t->files : p->files;
}

static struct node *working_directory(struct process *p, struct thread *t)
{
    struct fs_state *fs = fs_of(p, t);
    return fs ? fs->cwd : NULL;
}

static struct node *root(struct process *p, struct thread *t)
{
    struct fs_state *fs = fs_of(p, t);
    return fs ? fs->root : NULL;
}

static struct node *jump(struct node *link, struct node *(*find)(struct process *, struct thread *))
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(link), &t);
    struct node *n = p && may_look_into(p) ? find(p, t) : NULL;
    if (n)
        node_get(n);
    if (p)
        mutex_unlock(&p->lock);
    return n;
}

// What a link leads nowhere for: its process, or what it names, is gone, or is none of who looks.
static int why_not(struct node *link)
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(link), &t);
    int r = p && !may_look_into(p) ? -EACCES : -ENOENT;
    if (p)
        mutex_unlock(&p->lock);
    return r;
}

static struct node *exe_jump(struct node *link)
{
    return jump(link, executable);
}

static struct node *cwd_jump(struct node *link)
{
    return jump(link, working_directory);
}

static struct node *root_jump(struct node *link)
{
    return jump(link, root);
}

static int exe_target(struct node *link, char *to, size_t size)
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(link), &t);
    struct file *f = p && p->executable && may_look_into(p) ? file_get(p->executable) : NULL;
    if (p)
        mutex_unlock(&p->lock);
    int n = f ? file_path(f, to, size) : why_not(link);
    file_put(f);
    return n;
}

static int path_target(struct node *link, struct node *dir, char *to, size_t size)
{
    if (!dir)
        return why_not(link);
    tree_unlock(); // the walk holds the lock; the path takes it again
    int n = tree_path(dir, to, size);
    node_put(dir);
    tree_lock();
    return n;
}

static int cwd_target(struct node *link, char *to, size_t size)
{
    return path_target(link, cwd_jump(link), to, size);
}

static int root_target(struct node *link, char *to, size_t size)
{
    return path_target(link, root_jump(link), to, size);
}

static struct file *file_of(struct node *link)
{
    struct thread *t;
    struct process *p = subject_lock(subject_number(link), &t);
    struct file *f = p && files_of(p, t) && may_look_into(p) ? fd_get_in(files_of(p, t), (int)low_of(link)) : NULL;
    if (p)
        mutex_unlock(&p->lock);
    return f;
}

static int fd_target(struct node *link, char *to, size_t size)
{
    struct file *f = file_of(link);
    int n = f ? file_path(f, to, size) : why_not(link);
    file_put(f);
    return n;
}

static struct node *fd_jump(struct node *link)
{
    struct file *f = file_of(link);
    struct node *n = f && f->node ? node_get(f->node) : f ? node_new(file_mode(f)) : NULL; // one that cannot be opened: ENXIO
    if (n && !f->node)
        n->ino = FILE_INO;
    file_put(f);
    return n;
}

static const struct link_ops exe_link = {exe_target, exe_jump}, cwd_link = {cwd_target, cwd_jump}, root_link = {root_target, root_jump};
static const struct link_ops fd_link = {fd_target, fd_jump};

static void add(struct node *dir, const char *name, struct node *n)
{
    if (n)
        (void)directory_add(dir, name, strlen(name), n); // without memory it is not listed
    node_put(n);
}

static struct node *directory_at(struct node *dir, const char *name, unsigned mode, void *context, void (*refresh)(struct node *))
{
    struct node *n = directory_new(mode, dir);
    if (n) {
        n->context = context;
        n->directory.refresh = refresh;
        n->directory.fixed = true;
        add(dir, name, n);
    }
    return n;
}

static void put_info(struct text *t, const struct file *f)
{
    const int32_t pid = pidfd_pid(f);
    text_put(t, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t15\nino:\t%lu\n", f->ops->stream ? 0 : f->position, f->flags, f->node ? f->node->ino : 2);
    if (pid < 0)
        return;
    struct process *p = process_find_lock(pid);
    const int32_t shown = p ? pid : -1;
    if (p)
        mutex_unlock(&p->lock);
    text_put(t, "Pid:\t%d\nNSpid:\t%d\n", shown, shown);
}

// fdinfo: position and flags, and whom a pidfd stands for.
static int info_open(struct file *f)
{
    struct text *t = kzalloc(sizeof(*t));
    struct file *about = file_of(f->node);
    f->context = t;
    if (t && about)
        put_info(t, about);
    int r = !t ? -ENOMEM : !about ? -ENOENT : t->error;
    file_put(about);
    return r;
}

static struct file_ops info_ops = {.open = info_open};

static struct node *info_node(int32_t number, unsigned fd)
{
    struct node *n = node_new(S_IFREG | 0400);
    if (n) {
        n->ops = &info_ops;
        n->context = context_of(number, fd);
    }
    return n;
}

enum { FIRST_POSITION = 3 }; // behind . and ..

struct listing {
    struct node *dir;
    bool info;
};

static void list_fd(int fd, struct file *f, void *context)
{
    const struct listing *l = context;
    char name[NAME_SIZE];
    snprintf(name, sizeof(name), "%d", fd);
    void *about = context_of(subject_number(l->dir), (unsigned)fd);
    l->dir->directory.next_cookie = FIRST_POSITION + (unsigned)fd; // who closes what it lists misses nothing
    add(l->dir, name, l->info ? info_node(subject_number(l->dir), (unsigned)fd) : link_new_computed(&fd_link, about));
}

static void list_fds(struct node *dir, bool info)
{
    struct thread *t;
    struct listing l = {dir, info};
    directory_clear(dir);
    struct process *p = subject_lock(subject_number(dir), &t);
    if (p && files_of(p, t))
        fd_for_each(files_of(p, t), list_fd, &l);
    if (p)
        mutex_unlock(&p->lock);
}

static void refresh_fd(struct node *dir)
{
    list_fds(dir, false);
}

static void refresh_fdinfo(struct node *dir)
{
    list_fds(dir, true);
}

static void fill(struct node *dir);

// The effective user's of the process, but of one that changed its user only directories are: the rest is root's (man 5 proc).
static void own(struct node *dir, const struct process *p)
{
    dir->uid = p->cred.euid;
    dir->gid = p->cred.egid;
    for (struct entry *e = dir->directory.first; e; e = e->in_order) {
        struct node *n = e->node;
        if (S_TYPE(n->mode) == S_IFDIR && (n->mode & 0777) == 0555) { // task, and what is in it
            own(n, p);
            continue;
        }
        n->uid = p->dumpable ? dir->uid : 0;
        n->gid = p->dumpable ? dir->gid : 0;
    }
}

static void own_if_changed(struct node *dir, const struct process *p)
{
    const struct entry *first = dir->directory.first; // a file
    bool same = dir->uid == p->cred.euid && dir->gid == p->cred.egid;
    if (same && first)
        same = first->node->uid == (p->dumpable ? dir->uid : 0) && first->node->gid == (p->dumpable ? dir->gid : 0);
    if (!same)
        own(dir, p);
}

// The process's own threads list their descriptors, whatever they became.
static bool is_own(const struct node *dir)
{
    return subject_number(dir) == current_process()->pid;
}

static void add_private_directory(struct node *dir, const char *name, void (*refresh)(struct node *))
{
    struct node *n = directory_at(dir, name, 0500, dir->context, refresh);
    if (n)
        n->directory.permits = is_own;
}

static void fill_files(struct node *dir)
{
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct node *n = node_new(S_IFREG | (files[i].mode & 0777));
        if (n) {
            n->ops = &subject_ops;
            n->context = context_of(subject_number(dir), i);
        }
        add(dir, files[i].name, n);
    }
    struct node *mem = node_new(S_IFREG | 0600);
    if (mem) {
        mem->ops = &proc_mem_ops;
        mem->context = context_of(subject_number(dir), 0);
    }
    add(dir, "mem", mem);
    add(dir, "exe", link_new_computed(&exe_link, dir->context));
    add(dir, "cwd", link_new_computed(&cwd_link, dir->context));
    add(dir, "root", link_new_computed(&root_link, dir->context));
    add_private_directory(dir, "fd", refresh_fd);
    add_private_directory(dir, "fdinfo", refresh_fdinfo);
    struct thread *t;
    struct process *p = subject_lock(subject_number(dir), &t);
    if (!p)
        return;
    own(dir, p);
    mutex_unlock(&p->lock);
}

static void fill_thread(struct node *dir)
{
    if (directory_empty(dir))
        fill_files(dir);
}

// Names that are numbers of nobody go; what is there stays, since somebody may have it open.
static void add_number(struct node *dir, int32_t number, const struct process *p, void (*refresh)(struct node *))
{
    char name[NAME_SIZE];
    struct entry *e = dir->directory.first;
    while (e && (S_TYPE(e->node->mode) != S_IFDIR || subject_number(e->node) != number))
        e = e->in_order;
    snprintf(name, sizeof(name), "%d", number);
    struct node *n = e ? e->node : directory_at(dir, name, 0555, context_of(number, 0), refresh);
    if (n)
        own_if_changed(n, p);
}

static void remove_ended(struct node *dir)
{
    for (struct entry *e = dir->directory.first, *next; e; e = next) {
        next = e->in_order;
        if (S_TYPE(e->node->mode) == S_IFDIR && e->node->context && !still_there(subject_number(e->node)))
            directory_remove(dir, e->name, e->length);
    }
}

static void refresh_tasks(struct node *dir)
{
    struct thread *t;
    remove_ended(dir);
    struct process *p = subject_lock(subject_number(dir), &t);
    for (t = p ? p->threads : NULL; t; t = t->next)
        add_number(dir, t->tid, p, fill_thread);
    if (p)
        mutex_unlock(&p->lock);
}

static void fill(struct node *dir)
{
    if (!directory_empty(dir))
        return;
    fill_files(dir);
    struct node *tasks = directory_at(dir, "task", 0555, dir->context, refresh_tasks);
    if (tasks) {
        tasks->uid = dir->uid;
        tasks->gid = dir->gid;
    }
}

static void add_process(struct process *p, void *context)
{
    add_number(context, p->pid, p, fill);
}

static void refresh_processes(struct node *proc)
{
    remove_ended(proc);
    processes_each(add_process, proc);
}

int32_t proc_process_of(const struct node *n)
{
    return S_TYPE(n->mode) == S_IFDIR && n->directory.refresh == fill ? subject_number(n) : -EBADF;
}

static int self_target(struct node *link, char *to, size_t size)
{
    return snprintf(to, size, "%d", current_process()->pid);
}

static int thread_self_target(struct node *link, char *to, size_t size)
{
    return snprintf(to, size, "%d/task/%d", current_process()->pid, current_thread()->tid);
}

static const struct link_ops self_link = {.target = self_target}, thread_self_link = {.target = thread_self_target};

void proc_pids(struct node *proc)
{
    info_ops.read = text_ops.read;
    subject_ops.release = info_ops.release = text_ops.release;
    add(proc, "self", link_new_computed(&self_link, NULL));
    add(proc, "thread-self", link_new_computed(&thread_self_link, NULL));
    proc->directory.refresh = refresh_processes;
    proc->directory.fixed = true;
}
