// SPDX-License-Identifier: MIT
//
// Loads kernel-linux.elf at its addresses in this process and runs it: the linux target. Memory requests of the kernel become
// mmap, mprotect; threads become threads of this process.
#include <asm/prctl.h>
#include <errno.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "host/boot_info.h"
#include "host/hostcall/forward.h"
#include "host/hostcall/cpuid.h"
#include "host/hostcall/server.h"
#include "host/linux/linux.h"
#include "host/loader/kernel_image.h"
#include "lib/place/place.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

enum { SIGNAL_STACK_SIZE = 65536, POPULATE_MAX = 0x20000 };

static uint64_t kernel_entry;
static struct place place;
static struct boot_info boot_info;

// Raw system calls: these run while FS is the program's.
static long raw(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    static volatile int never;
    const uint64_t arg[6] = {a, b, c, d, e, f};
    return host_syscall_raw((uint64_t)number, arg, &never);
}

static long commit(uint64_t address, uint64_t length, int prot)
{
    if (address >= ENCLAVE_SIZE || length > ENCLAVE_SIZE - address)
        return -EINVAL;
    // Small pieces are about to be used whole: one call is cheaper than a fault per page.
    uint64_t flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE | (prot && length <= POPULATE_MAX ? MAP_POPULATE : 0);
    long r = raw(SYS_mmap, address, length, (uint64_t)prot, flags, (uint64_t)-1, 0);
    if (r > 0 && length >= 0x400000)
        (void)raw(SYS_madvise, address, length, MADV_HUGEPAGE, 0, 0, 0); // a hint
    return r < 0 ? r : 0;
}

static long protect(uint64_t address, uint64_t length, int prot, enum memory_protect_how how)
{
    return raw(SYS_mprotect, address, length, (uint64_t)prot, 0, 0, 0);
}

static long commit_content(uint64_t address, uint64_t length, int prot, uint64_t content)
{
    if (address >= ENCLAVE_SIZE || length > ENCLAVE_SIZE - address)
        return -EINVAL;
    long r = place_content(&place, address, (const void *)content, length);
    return r ? r : protect(address, length, prot, 0);
}

static long augment(uint64_t address, uint64_t length, int prot, uint64_t content)
{
    return content ? commit_content(address, length, prot, content) : commit(address, length, prot);
}

static long replace(uint64_t address, uint64_t length, int prot, uint64_t content)
{
    if (address >= ENCLAVE_SIZE || length > ENCLAVE_SIZE - address)
        return -EINVAL;
    long r = place_over(&place, address, (const void *)content, length);
    return r > 0 ? protect(address, length, prot, 0) : r;
}

static long trim(uint64_t address, uint64_t length)
{
    return 0;
}

static long remove_pages(uint64_t address, uint64_t length)
{
    return commit(address, length, PROT_NONE);
}

static long make_tcs(uint64_t address)
{
    return -EINVAL;
}

static void process_exit(int status)
{
    raw(SYS_exit_group, (uint64_t)status, 0, 0, 0, 0, 0);
}

static int enter_thread(unsigned index, const struct boot_info *boot)
{
    struct thread_block *tb = (struct thread_block *)(THREAD_AREA(index) + THREAD_BLOCK_OFFSET);
    struct host_thread *t = &host_threads[index];
    void *stack = mmap(NULL, SIGNAL_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return -errno;
    linux_signals_thread(stack, SIGNAL_STACK_SIZE);
    syscall(SYS_arch_prctl, ARCH_GET_FS, &t->host_fs);
    t->tid = (int)syscall(SYS_gettid);
    if (syscall(SYS_arch_prctl, ARCH_SET_GS, tb))
        return -errno;
    // Every `syscall` instruction inside the enclave range traps; outside of it (selector NULL) all are allowed.
    if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, ENCLAVE_SIZE, (1ul << 47) - ENCLAVE_SIZE, 0)) {
        fprintf(stderr, "myst: this Linux lacks Syscall User Dispatch (needs 5.11 or newer)\n");
        return -ENOSYS;
    }
    ((void (*)(struct thread_block *, const struct boot_info *))kernel_entry)(tb, boot);
    return 0;
}

// Where a host thread's stack is when it begins: threads that end come back here.
static jmp_buf thread_begin[THREAD_AREA_COUNT];

static void *thread_main(void *argument)
{
    unsigned index = (unsigned)(uintptr_t)argument;
    struct thread_block *tb = (struct thread_block *)(THREAD_AREA(index) + THREAD_BLOCK_OFFSET);
    if (_setjmp(thread_begin[index])) {
        host_thread_park(index);
        ((void (*)(struct thread_block *, const struct boot_info *))kernel_entry)(tb, NULL);
    }
    if (enter_thread(index, NULL))
        process_exit(1);
    return NULL;
}

static long thread_start(uint64_t index)
{
    if (index >= THREAD_AREA_COUNT)
        return -EINVAL;
    if (host_thread_unpark(index))
        return 0;
    struct thread_block *tb;
    __asm__("mov %%gs:0, %0" : "=r"(tb));
    pthread_t thread;
    pthread_attr_t attributes;
    // pthread_create needs this thread's own thread-local storage.
    raw(SYS_arch_prctl, ARCH_SET_FS, host_threads[tb->area_index].host_fs, 0, 0, 0, 0);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    int error = pthread_create(&thread, &attributes, thread_main, (void *)(uintptr_t)index);
    pthread_attr_destroy(&attributes);
    raw(SYS_arch_prctl, ARCH_SET_FS, tb->fs_base, 0, 0, 0, 0);
    return -error;
}

static void thread_exit(unsigned index)
{
    raw(SYS_arch_prctl, ARCH_SET_FS, host_threads[index].host_fs, 0, 0, 0, 0);
    if (index)
        _longjmp(thread_begin[index], 1);
    host_threads[index].tid = 0;
    for (;;) // the boot thread's stack is that of main
        pause();
}

static void serve(struct host_call *call)
{
    host_call_serve(host_block_index(call), call);
}

static const struct host_call_ops ops = {
    .augment = augment,
    .protect = protect,
    .replace = replace,
    .trim = trim,
    .remove = remove_pages,
    .make_tcs = make_tcs,
    .thread_start = thread_start,
    .thread_exit = thread_exit,
    .process_exit = process_exit,
    .cpuid_trap = host_cpuid_trap,
    .cpuid_break = host_cpuid_break,
};

static int reserve(void)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void *p = mmap((void *)USER_BASE, ENCLAVE_SIZE - USER_BASE, PROT_NONE, flags, -1, 0);
    if (p == (void *)USER_BASE)
        return 0;
    fprintf(stderr, "myst: the low 512 GiB of this process's addresses are not free: %s\n", strerror(errno));
    return -ENOMEM;
}

// Pages of the file stand where they are to be, for nothing that is written; the last one may show more of the file.
static bool move_mapped(const struct kernel_segment *s)
{
    const uint64_t from = (uint64_t)s->data;
    if ((s->prot & PROT_WRITE) || from % PAGE_SIZE || s->data_size + PAGE_SIZE <= s->size)
        return false;
    return raw(SYS_mremap, from, s->size, s->size, MREMAP_MAYMOVE | MREMAP_FIXED, s->address, 0) == (long)s->address;
}

static int load_segment(const struct kernel_segment *s)
{
    if (move_mapped(s))
        return (int)protect(s->address, s->size, s->prot, 0);
    long r = commit(s->address, s->size, PROT_READ | PROT_WRITE);
    if (r)
        return (int)r;
    memcpy((void *)s->address, s->data, s->data_size);
    return (int)protect(s->address, s->size, s->prot, 0);
}

static int load_config(const struct run_options *options)
{
    size_t size = (options->config_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    long r = commit(CONFIG_BASE, size, PROT_READ | PROT_WRITE);
    if (r)
        return (int)r;
    memcpy((void *)CONFIG_BASE, options->config, options->config_size);
    return (int)protect(CONFIG_BASE, size, PROT_READ, 0);
}

static int load_boot_area(void)
{
    uint64_t area = THREAD_AREA(0);
    long r = commit(area + THREAD_BLOCK_OFFSET, PAGE_SIZE, PROT_READ | PROT_WRITE);
    if (!r)
        r = commit(area + THREAD_TRAP_STACK_OFFSET, THREAD_TRAP_STACK_SIZE, PROT_READ | PROT_WRITE);
    if (!r)
        r = commit(area + THREAD_XSAVE_OFFSET, THREAD_XSAVE_SIZE, PROT_READ | PROT_WRITE);
    if (!r)
        r = commit(area + THREAD_KERNEL_STACK_OFFSET, THREAD_KERNEL_STACK_SIZE, PROT_READ | PROT_WRITE);
    if (r)
        return (int)r;
    struct thread_block *tb = (struct thread_block *)(area + THREAD_BLOCK_OFFSET);
    tb->self = tb;
    tb->kernel_stack_top = area + THREAD_KERNEL_STACK_OFFSET + THREAD_KERNEL_STACK_SIZE - 8;
    tb->trap_stack_top = area + THREAD_TRAP_STACK_OFFSET + THREAD_TRAP_STACK_SIZE - 8;
    tb->area = area;
    return 0;
}

int linux_run(const struct run_options *options)
{
    struct kernel_image image;
    int r = reserve();
    place_open(&place);
    place_expect(&place, USER_BASE, ENCLAVE_SIZE - USER_BASE); // commit() maps memory without content anew
    if (!r)
        r = kernel_image_open(options->kernel_path, &image);
    for (unsigned i = 0; !r && i < image.segment_count; i++)
        r = load_segment(&image.segments[i]);
    if (!r)
        r = load_config(options);
    if (!r)
        r = load_boot_area();
    if (!r)
        r = host_call_setup(&ops);
    if (!r)
        r = boot_info_fill(options, BOOT_CPUID_NONE, &boot_info);
    if (!r)
        r = linux_signals_setup();
    if (r)
        return 1;
    kernel_entry = image.entry;
    host_signals_forward();
    boot_info.host_call = (uint64_t)serve;
    (void)enter_thread(0, &boot_info);
    return 1;
}
