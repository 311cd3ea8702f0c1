// SPDX-License-Identifier: MIT
//
// Runs a program of the measured system image as a process of its own on the calling thread, as Linux starts request-key. The
// caller's system call stays open on its kernel stack; the helper gets another one. It shares nothing with the caller: own
// address space, descriptors, root credentials, and no environment but MYST_TARGET.
#include "kernel/task/helper.h"

#include <stddef.h>

#include <linux/errno.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/exec/exec.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/task/xstate.h"
#include "kernel/tee/tee.h"
#include "kernel/time/time.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/text_busy.h"

#define STACK_PAGES (THREAD_KERNEL_STACK_SIZE / PAGE_SIZE)

int helper_enter(uint64_t *ret_rsp, const struct regs *frame);
_Noreturn void helper_leave(uint64_t rsp, int status);

struct helper {
    struct thread *caller, *thread;
    struct process *process;
    uint8_t *stack;
    uint64_t caller_rsp, caller_stack_top, caller_fs_base, caller_frame;
    uint8_t *caller_xstate;
    struct file *input, *output;
};

// Not inlined: current_thread() means somebody else afterwards.
static __attribute__((noinline)) void switch_current(struct thread_block *tb, struct thread *t)
{
    tb->current = t;
    __asm__ volatile("" ::: "memory");
}

static void discard(struct helper *h)
{
    struct thread_block *tb = h->caller->block;
    switch_current(tb, h->caller);
    tb->interrupt_pending = 1; // what was meant for the caller meanwhile was seen by the helper only
    if (h->thread)
        thread_free(h->thread);
    if (h->process && h->process->mm)
        turn_leave(h->process->mm);
    if (h->process)
        process_free(h->process);
    if (h->stack)
        kpages_free(h->stack, STACK_PAGES);
    file_put(h->input);
    file_put(h->output);
}

// The console as a file: from a table that lives only here.
static int open_console(struct process *p, struct file **ret_console)
{
    int r = fd_table_new(&p->files);
    if (!r)
        r = vfs_open_console(p->files);
    if (!r && !(*ret_console = fd_get(2)))
        r = -EIO;
    if (p->files)
        fd_table_put(p->files);
    p->files = NULL;
    return r;
}

static int open_streams(struct helper *h, const void *input, size_t size)
{
    int r = memory_file_new(0, "/memfd:input", &h->input);
    if (!r)
        r = memory_file_new(0, "/memfd:output", &h->output);
    for (size_t done = 0; !r && done < size;) {
        long n = file_write_at(h->input, (const char *)input + done, size - done, done);
        if (n <= 0)
            r = n < 0 ? (int)n : -EIO;
        else
            done += (size_t)n;
    }
    if (r)
        return r;
    struct file *console = NULL;
    r = open_console(h->process, &console);
    if (!r)
        r = fd_table_new(&h->process->files);
    if (r) {
        if (console)
            file_put(console);
        return r;
    }
    struct file *const streams[3] = {file_get(h->input), file_get(h->output), console};
    for (int fd = 0; fd < 3; fd++) {
        r = fd_install(streams[fd], 0, fd);
        if (r < 0)
            return r;
    }
    return 0;
}

// Everything that can fail, with the helper as the current thread.
static int prepare(struct helper *h, const char *path, char *const argv[], const void *input, size_t size,
                   struct regs **ret_frame)
{
    struct thread_block *tb = h->caller->block;
    h->process = process_new(h->caller->process);
    h->thread = h->process ? thread_new(h->process, tb) : NULL;
    h->stack = kpages_alloc(STACK_PAGES);
    h->caller_xstate = xstate_buffer(h->caller);
    if (!h->thread || !h->stack || !h->caller_xstate)
        return -ENOMEM;
    h->thread->tid = h->process->pid;
    h->thread->cred.capabilities = capabilities_all();
    h->thread->helper = h;
    thread_publish(h->thread);
    switch_current(tb, h->thread);
    int r = fs_state_new(&h->process->fs);
    if (!r)
        r = open_streams(h, input, size);
    struct file *program = NULL;
    if (!r)
        r = system_image_open(path, &program);
    if (r)
        return r;
    char *no_environment[] = {NULL};
    const struct exec_request request = {
        .path = path, .argv = (char **)(uintptr_t)argv, .envp = no_environment, .file = program};
    struct regs *frame = (struct regs *)(h->stack + THREAD_KERNEL_STACK_SIZE - 8) - 1;
    struct mm *mm = NULL;
    struct file *executable = NULL;
    r = exec_load(&request, &mm, frame, &executable);
    file_put(program);
    if (r)
        return r;
    r = process_set_program(h->process, mm, executable, path);
    if (r) {
        turn_leave(mm);
        mm_put(mm);
        text_end_run(executable);
        file_put(executable);
    }
    *ret_frame = frame;
    return r;
}

static int run(struct helper *h, struct regs *frame)
{
    struct thread_block *tb = h->caller->block;
    h->caller_stack_top = tb->kernel_stack_top;
    h->caller_fs_base = tb->fs_base;
    h->process->start_ns = clock_monotonic_ns();
    xstate_save(h->caller_xstate);
    xstate_reset();
    target_set_fs_base(0);
    tb->kernel_stack_top = (uint64_t)(frame + 1);
    int status = helper_enter(&h->caller_rsp, frame);
    tb->kernel_stack_top = h->caller_stack_top;
    target_set_fs_base(h->caller_fs_base);
    xstate_restore(h->caller_xstate);
    return status;
}

_Noreturn void helper_end(struct thread *t)
{
    helper_leave(t->helper->caller_rsp, t->process->exit_status);
}

static int collect(const struct helper *h, size_t limit, void **ret_output, size_t *ret_size)
{
    uint64_t size = file_size(h->output), done = 0;
    if (size > limit)
        return -E2BIG;
    char *output = kmalloc(size + 1);
    if (!output)
        return -ENOMEM;
    while (done < size) {
        long n = file_read_at(h->output, output + done, size - done, done);
        if (n <= 0) {
            kfree(output);
            return n < 0 ? (int)n : -EIO;
        }
        done += (uint64_t)n;
    }
    output[size] = '\0';
    *ret_output = output;
    *ret_size = size;
    return 0;
}

int helper_run(const char *path, char *const argv[], const void *input, size_t input_size, void **ret_output,
               size_t *ret_size, size_t limit)
{
    struct helper h = {.caller = current_thread()};
    struct regs *frame = NULL;
    int r = prepare(&h, path, argv, input, input_size, &frame);
    if (!r) {
        int wait_status = run(&h, frame);
        r = collect(&h, limit, ret_output, ret_size);
        if (!r)
            r = wait_status & 0x7f ? 128 + (wait_status & 0x7f) : wait_status >> 8;
    }
    discard(&h);
    return r;
}
