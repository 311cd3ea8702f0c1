// SPDX-License-Identifier: MIT
//
// Host threads that enter enclaves: each has an aligned region with its state, signal stack and leaf stack, freed at its end.
#include <errno.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "emu/state.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF 0
#define PR_SYS_DISPATCH_ON 1
#endif

static __thread struct emu_thread *self;
static pthread_key_t end_of_thread;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int setup_error;

static void release(void *region)
{
    const stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
    self = NULL;
    munmap(region, EMU_THREAD_REGION);
}

static void setup(void)
{
    setup_error = pthread_key_create(&end_of_thread, release);
    if (!setup_error)
        setup_error = -emu_signals_setup();
}

static uint8_t *aligned_region(void)
{
    uint8_t *p = mmap(NULL, 2 * EMU_THREAD_REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    uint8_t *start = (uint8_t *)(((uintptr_t)p + EMU_THREAD_REGION - 1) & ~(uintptr_t)(EMU_THREAD_REGION - 1));
    if (start > p)
        munmap(p, (size_t)(start - p));
    munmap(start + EMU_THREAD_REGION, (size_t)(p + EMU_THREAD_REGION - start));
    return start;
}

// `syscall` is allowed outside the enclave's range only; a range, so that nothing needs switching at entry and exit.
static int forbid_syscalls(const struct emu_enclave *e)
{
    uint64_t start = e->secs.base + e->secs.size, length = (1ul << 47) - start;
    if (e->secs.base) // Linux allows one range: the rest of the address space, around the end
        length += e->secs.base;
    return prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, start, length, 0) ? -errno : 0;
}

struct emu_thread *emu_thread_self(void)
{
    if (self)
        return self;
    pthread_once(&once, setup);
    uint8_t *region = setup_error ? NULL : aligned_region();
    if (!region)
        return NULL;
    struct emu_thread *t = (struct emu_thread *)region;
    t->leaf_stack_top = region + EMU_LEAF_STACK_END;
    t->gathered = region + EMU_GATHERED_OFFSET;
    t->resume_frame = region + EMU_FRAME_OFFSET;
    emu_fs_of_host(t);
    t->loaded_gs = ~0ul;
    const stack_t stack = {.ss_sp = region + EMU_SIGNAL_STACK_OFFSET, .ss_size = EMU_SIGNAL_STACK_SIZE};
    if (sigaltstack(&stack, NULL) || pthread_setspecific(end_of_thread, region)) {
        munmap(region, EMU_THREAD_REGION);
        return NULL;
    }
    self = t;
    return t;
}

int emu_thread_attach(struct emu_thread *t, struct emu_enclave *e)
{
    int r = t->enclave == e ? 0 : forbid_syscalls(e);
    if (!r && t->enclave != e) {
        t->enclave = e;
        t->run = (struct emu_run){0};
    }
    return r;
}
