// SPDX-License-Identifier: MIT
//
// The boot sequence: from the first instruction of C in the enclave to the first instruction of the program.
#include "kernel/boot/boot.h"

#include <linux/errno.h>

#include "abi/entry.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/crypto/crypto.h"
#include "kernel/entry/cpuid.h"
#include "kernel/entry/regs.h"
#include "kernel/exec/exec.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/boot.h"
#include "kernel/task/task.h"
#include "kernel/tee/tee.h"
#include "kernel/time/time.h"
#include "kernel/trace/log.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/tree.h"

enum { EXIT_NOT_FOUND = 127, EXIT_NOT_EXECUTABLE = 126 }; // as shells do

// One line that says what is wrong with the program and what to do, then out.
static _Noreturn void refuse_program(const char *path, int error)
{
    const char *detail = exec_error_detail();
    switch (error) {
    case -ENOENT:
        log_line("myst: %s: not found in the root filesystem%s%s", path, detail ? ": " : "", detail ? detail : "");
        target_exit(EXIT_NOT_FOUND);
    case -EACCES:
        log_line("myst: %s: not executable (check its mode bits in the directory given to mkcpio)", path);
        break;
    case -EISDIR:
        log_line("myst: %s: is a directory, not a program", path);
        break;
    case -ENOMEM:
        log_line("myst: %s: not enough memory; raise MemorySize or --memory-size", path);
        break;
    case -EIO:
        if (!file_damage_said())
            log_line("myst: %s: cannot be read: the root filesystem does not match its measured hash", path);
        break;
    default:
        log_line("myst: %s: cannot be executed: %s", path, detail ? detail : "not an x86-64 Linux program");
    }
    target_exit(EXIT_NOT_EXECUTABLE);
}

static void read_request(struct exec_request *request)
{
    request->path = config_string(config_get()->application_path);
    if (!request->path || request->path[0] != '/')
        kernel_stop("the configuration names no program (ApplicationPath)");
    int r = boot_arguments(&request->argv);
    if (r >= 0)
        r = boot_environment(&request->envp);
    if (r == -E2BIG)
        kernel_stop("too many arguments or environment variables");
    if (r < 0)
        kernel_stop("not enough memory for arguments and environment");
    if (!request->argv[0]) {
        request->argv[0] = (char *)(uintptr_t)request->path;
        request->argv[1] = NULL;
    }
}

static void enter_directory(const char *path)
{
    struct fs_state *fs = current_fs();
    struct node *directory, *before = fs->cwd;
    if (!path || path[0] != '/')
        kernel_stop("the configuration names no directory to start in (CurrentWorkingDirectory)");
    int r = tree_walk(before, path, WALK_FOLLOW | WALK_DIRECTORY, &directory);
    if (r) {
        log_line("myst: %s: %s (CurrentWorkingDirectory)", path,
                 r == -ENOTDIR ? "not a directory" : "not found in the root filesystem");
        target_exit(EXIT_NOT_FOUND);
    }
    fs->cwd = directory;
    node_put(before);
}

static _Noreturn void start_program(void)
{
    struct regs regs; // on the kernel stack: an interrupted return starts again from below this frame
    struct exec_request request;
    read_request(&request);
    credentials_boot(request.envp);
    enter_directory(config_string(config_get()->current_directory));
    struct mm *mm = NULL;
    struct file *executable = NULL;
    int r = exec_load(&request, &mm, &regs, &executable);
    if (r)
        refuse_program(request.path, r);
    task_boot_program(mm, executable, &request);
    enter_program(&regs);
}

// The canary changes here, so no protected function may be on the stack: kernel_boot never returns.
__attribute__((optimize("no-stack-protector"))) void kernel_boot(struct thread_block *tb,
                                                                  const struct boot_info *untrusted)
{
    tb->syscall_entry = (uint64_t)syscall_entry_fast;
    tb->cpuid_entry = (uint64_t)cpuid_entry_fast;
    config_boot();
    boot_info_copy(untrusted, !target_is_tee || (config_get()->flags & CONFIG_DEBUG));
    tb->host_block = boot_get()->host_block[0];
    tb->host_block_size = boot_get()->host_block[1];
    target_boot(tb, boot_get());
    heap_init();
    task_boot(tb);
    crypto_boot();
    uint64_t canary;
    random_bytes(&canary, sizeof(canary));
    tb->canary = canary; // not while protected functions are running
    time_boot();
    vfs_boot(config_get(), boot_get());
    task_boot_files();
    start_program();
}
