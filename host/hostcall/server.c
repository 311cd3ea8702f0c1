// SPDX-License-Identifier: MIT
//
// Serves host calls: an allow-list of Linux system calls, and the few requests that are not system calls.
// Compiled without stack protector; uses raw system calls only, since FS may be the program's.
#include "host/hostcall/server.h"

#include "host/hostcall/cpuid.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/layout.h"
#include "host/hostcall/forward.h"

struct host_thread host_threads[THREAD_AREA_COUNT];
uint8_t *host_blocks;

static const struct host_call_ops *ops;
static int process_id;

#define ALLOW_LIMIT 512
static const uint8_t allowed[ALLOW_LIMIT] = {
#define ALLOW(name) [SYS_##name] = 1,
#include "host/hostcall/allow.def"
#undef ALLOW
};

int host_call_setup(const struct host_call_ops *target_ops)
{
    size_t size = (size_t)THREAD_AREA_COUNT * HOST_BLOCK_SIZE;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return -errno;
    host_blocks = p;
    ops = target_ops;
    process_id = getpid();
    return 0;
}

unsigned host_block_index(const void *p)
{
    return (unsigned)(((uintptr_t)p - (uintptr_t)host_blocks) / HOST_BLOCK_SIZE);
}

long host_thread_interrupt(uint64_t index)
{
    static volatile int never;
    if (index >= THREAD_AREA_COUNT || !host_threads[index].tid)
        return -ESRCH;
    host_threads[index].interrupted = 1;
    const uint64_t arg[6] = {(uint64_t)process_id, (uint64_t)host_threads[index].tid, HOST_INTERRUPT_SIGNAL};
    return host_syscall_raw(SYS_tgkill, arg, &never);
}

void host_syscall_cancel(ucontext_t *context)
{
    greg_t *g = context->uc_mcontext.gregs;
    uint64_t rip = (uint64_t)g[REG_RIP];
    if (rip >= (uint64_t)host_syscall_window_start && rip < (uint64_t)host_syscall_window_end)
        g[REG_RIP] = (greg_t)host_syscall_cancelled;
}

// Only a call that may wait is given up for an interrupt: the kernel does not expect EINTR from the others.
static bool may_wait(const struct host_call *call)
{
    switch (call->number) {
    case SYS_arch_prctl:
    case SYS_clock_gettime:
    case SYS_close:
    case SYS_dup:
    case SYS_fstat:
    case SYS_gettid:
    case SYS_lseek:
    case SYS_sched_getaffinity:
    case SYS_sched_yield:
        return false;
    case SYS_futex:
        return (call->arg[1] & FUTEX_CMD_MASK) == FUTEX_WAIT;
    default:
        return true;
    }
}

static long system_call(unsigned index, const struct host_call *call)
{
    static volatile int never;
    if (call->number >= ALLOW_LIMIT || !allowed[call->number])
        return -ENOSYS;
    return host_syscall_raw(call->number, call->arg, may_wait(call) ? &host_threads[index].interrupted : &never);
}

static void print_and_abort(const char *text, uint64_t length)
{
    static volatile int never;
    const uint64_t line[6] = {STDERR_FILENO, (uint64_t)text, length > 512 ? 512 : length};
    const uint64_t newline[6] = {STDERR_FILENO, (uint64_t)"\n", 1};
    (void)host_syscall_raw(SYS_write, line, &never);
    (void)host_syscall_raw(SYS_write, newline, &never);
    ops->process_exit(134);
}

static long not_here(void)
{
    return -EINVAL;
}

static long dispatch(unsigned index, const struct host_call *c)
{
    const uint64_t *a = c->arg;
    switch ((enum host_call_kind)c->kind) {
    case HOST_CALL_SYSCALL:
        return system_call(index, c);
    case HOST_CALL_EXIT:
        ops->process_exit((int)(a[0] & 0xff));
        return 0;
    case HOST_CALL_ABORT:
        print_and_abort((const char *)a[0], a[1]);
        return 0;
    case HOST_CALL_THREAD:
        return ops->thread_start(a[0]);
    case HOST_CALL_THREAD_EXIT:
        ops->thread_exit(index);
        return 0;
    case HOST_CALL_MEMORY_AUGMENT:
        return ops->augment(a[0], a[1], (int)a[2], a[3]);
    case HOST_CALL_MEMORY_PROTECT:
        return ops->protect(a[0], a[1], (int)a[2], (enum memory_protect_how)a[3]);
    case HOST_CALL_MEMORY_REPLACE:
        return ops->replace ? ops->replace(a[0], a[1], (int)a[2], a[3]) : not_here();
    case HOST_CALL_MEMORY_TRIM:
        return ops->trim(a[0], a[1]);
    case HOST_CALL_MEMORY_REMOVE:
        return ops->remove(a[0], a[1]);
    case HOST_CALL_MEMORY_TCS:
        return ops->make_tcs(a[0]);
    case HOST_CALL_INTERRUPT:
        return host_thread_interrupt(a[0]);
    case HOST_CALL_QUOTE_TARGET_INFO:
        return ops->quote_target_info ? ops->quote_target_info((uint8_t *)a[0]) : not_here();
    case HOST_CALL_QUOTE:
        return ops->quote ? ops->quote((const uint8_t *)a[0], (uint8_t *)a[1], a[2]) : not_here();
    case HOST_CALL_COLLATERAL:
        return ops->collateral ? ops->collateral((const void *)a[0], a[1], (void *)a[2], a[3]) : not_here();
    case HOST_CALL_STOP:
        return host_stop((int)a[0]);
    case HOST_CALL_CPUID:
        host_cpuid((uint32_t)a[0], (uint32_t)a[1], (uint32_t *)a[2]);
        return 0;
    case HOST_CALL_CPUID_TRAP:
        return ops->cpuid_trap ? ops->cpuid_trap(a[0] == 1) : -ENODEV;
    case HOST_CALL_CPUID_BREAK:
        return ops->cpuid_break(index, a);
    case HOST_CALL_KINDS:
        break;
    }
    return -ENOSYS;
}

void host_call_serve(unsigned index, struct host_call *call)
{
    call->result = dispatch(index, call);
}
