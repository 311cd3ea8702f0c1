// SPDX-License-Identifier: MIT
//
// execve: the new program is loaded beside the old one, so that every failure leaves the old one as it was. Only when both want
// the same addresses (position-dependent programs) the old one goes first; a failure after that ends the process, as on Linux.
#include "kernel/task/exec.h"

#include <stddef.h>

#include <asm/resource.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>

#include "abi/target.h"
#include "kernel/entry/cpuid.h"
#include "kernel/exec/exec.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/signal/signal.h"
#include "kernel/sync/futex_pi.h"
#include "kernel/task/exit.h"
#include "kernel/task/process.h"
#include "kernel/task/processes.h"
#include "kernel/task/sharing.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"
#include "kernel/task/xstate.h"
#include "kernel/time/process_timers.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/text_busy.h"

#define STRING_MAX 131072u // MAX_ARG_STRLEN of Linux
#define STRINGS_MAX 65536u
#define BYTES_MAX 0x200000u
#define BYTES_LEAST 131072u // ARG_MAX of Linux
#define KILL 9

struct exec_call { // execveat's arguments
    int dirfd, flags;
    const char USER *path;
    const void USER *argv, *envp;
};

static void list_free(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        kfree(list[i]);
    kfree(list);
}

// A quarter of the stack: for strings and the pointers to them.
static size_t bytes_allowed(void)
{
    uint64_t quarter = current_process()->rlimits[RLIMIT_STACK][0] / 4;
    return quarter < BYTES_LEAST ? BYTES_LEAST : quarter < BYTES_MAX ? quarter : BYTES_MAX;
}

static int string_from_user(uint64_t at, char *scratch, size_t *left, char **ret_string)
{
    long n = strncpy_from_user(scratch, (const char USER *)at, STRING_MAX);
    if (n < 0)
        return n == -ENAMETOOLONG ? -E2BIG : (int)n;
    size_t taken = (size_t)n + 1 + sizeof(uint64_t);
    if (taken > *left)
        return -E2BIG;
    *left -= taken;
    char *s = kmalloc((size_t)n + 1);
    if (!s)
        return -ENOMEM;
    memcpy(s, scratch, (size_t)n + 1);
    *ret_string = s;
    return 0;
}

static int list_grow(char ***list, size_t *room)
{
    size_t more = *room ? *room * 2 : 64;
    char **grown = krealloc(*list, more * sizeof(char *));
    if (!grown)
        return -ENOMEM;
    *list = grown;
    *room = more;
    return 0;
}

// A NULL-terminated list of strings from program memory; a NULL list is an empty one, as on Linux.
static int list_from_user(uint64_t at, char *scratch, size_t *left, char ***ret_list)
{
    char **list = NULL;
    size_t room = 0;
    int r = 0;
    for (size_t i = 0; !r; i++) {
        uint64_t string = 0;
        if (i >= STRINGS_MAX)
            r = -E2BIG;
        if (!r && i + 1 >= room) // one ahead: there is always room for the end
            r = list_grow(&list, &room);
        if (list)
            list[i] = NULL;
        if (r)
            break;
        if (at && GET_USER(string, (const uint64_t USER *)(at + i * sizeof(string))))
            r = -EFAULT;
        if (!r && !string) {
            *ret_list = list;
            return 0;
        }
        if (!r)
            r = string_from_user(string, scratch, left, &list[i]);
    }
    list_free(list);
    return r;
}

// What execveat names otherwise than by a path that anybody can open. The new program sees Linux's name for it, in `path`.
static int open_at(struct exec_request *request, int dirfd, char *path, int flags)
{
    if (!*path && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    if (!(flags & AT_SYMLINK_NOFOLLOW) && *path && (dirfd == AT_FDCWD || *path == '/'))
        return 0;
    int r = program_at(dirfd, path, flags, &request->file);
    if (r || dirfd == AT_FDCWD || *path == '/')
        return r;
    char prefix[32];
    size_t length = (size_t)snprintf(prefix, sizeof(prefix), "/dev/fd/%d%s", dirfd, *path ? "/" : ""), size = strlen(path) + 1;
    if (length + size > PATH_MAX)
        return -ENAMETOOLONG;
    memmove(path + length, path, size);
    memcpy(path, prefix, length);
    return 0;
}

// A program always has a name: an empty one, as on Linux, when its caller gave none. The list has room for it.
static int give_name(struct exec_request *request)
{
    char *empty = kzalloc(1);
    request->argv[0] = empty;
    request->argv[1] = NULL;
    return empty ? 0 : -ENOMEM;
}

static int request_from_user(struct exec_request *request, char *path, const struct exec_call *call)
{
    long n = strncpy_from_user(path, call->path, PATH_MAX);
    if (n < 0)
        return (int)n;
    int r = open_at(request, call->dirfd, path, call->flags);
    if (r)
        return r;
    char *scratch = kmalloc(STRING_MAX);
    if (!scratch)
        return -ENOMEM;
    size_t left = bytes_allowed();
    request->path = path;
    r = list_from_user((uint64_t)call->argv, scratch, &left, &request->argv);
    if (!r && !request->argv[0])
        r = give_name(request);
    if (!r)
        r = list_from_user((uint64_t)call->envp, scratch, &left, &request->envp);
    kfree(scratch);
    return r;
}

static bool addresses_taken(int error)
{
    return error == -EEXIST || error == -ENOMEM;
}

// Loads; ret_regs is filled. Ends the process when the old program had to go and the new one still does not load.
static int load(const struct exec_request *request, struct mm **ret_mm, struct regs *ret_regs, struct file **ret_file)
{
    struct process *p = current_process();
    int r = exec_load(request, ret_mm, ret_regs, ret_file);
    if (!addresses_taken(r))
        return r;
    int alone = threads_end_others();
    if (alone)
        return alone;
    thread_release_memory(current_thread());
    process_drop_memory(p);
    r = exec_load(request, ret_mm, ret_regs, ret_file);
    if (r)
        process_exit_by_signal(KILL);
    return 0;
}

// What does not survive: memory, handlers, alternate stack, robust list, close-on-exec descriptors, FS base, vector state.
static void forget_old_program(struct thread *t)
{
    struct process *p = t->process;
    if (p->mm) {
        thread_release_memory(t);
        process_drop_memory(p);
    }
    vfork_release(p); // who waits has to sleep while the new program takes its place: else each change of its pages reaches two processors
    if (thread_adopt_own() || process_part_actions(p))
        process_exit_by_signal(KILL);
    spin_lock(&p->signal_lock);
    signal_actions_reset(p->actions);
    spin_unlock(&p->signal_lock);
    process_timers_exec(p);
    t->altstack_sp = t->altstack_size = 0;
    t->altstack_flags = 0;
    t->tid = p->pid; // execve by another thread takes over the leader's number
    futex_pi_begin(t);
    fd_table_close_on_exec(p->files);
    target_set_fs_base(0);
    xstate_reset();
}

long process_exec(int dirfd, const char USER *user_path, const void USER *argv, const void USER *envp, int flags)
{
    const struct exec_call call = {dirfd, flags, user_path, argv, envp};
    struct thread *t = current_thread();
    struct exec_request request = {0};
    struct mm *mm = NULL;
    struct file *executable = NULL;
    char *path = kmalloc(PATH_MAX);
    struct regs regs;
    int r = path ? request_from_user(&request, path, &call) : -ENOMEM;
    if (!r)
        r = load(&request, &mm, &regs, &executable);
    if (!r && t->process->thread_count > 1 && (r = threads_end_others())) {
        turn_leave(mm);
        mm_put(mm);
        text_end_run(executable);
        file_put(executable);
    }
    if (!r) {
        forget_old_program(t);
        if (process_set_program(t->process, mm, executable, path))
            process_exit_by_signal(KILL);
    }
    list_free(request.argv);
    list_free(request.envp);
    file_put(request.file);
    kfree(path);
    if (r)
        return r == -EISDIR ? -EACCES : r; // the console says it better than execve(2)
    *t->regs = regs;
    cpuid_watch_begin();
    enter_program(t->regs);
}
