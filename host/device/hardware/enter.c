// SPDX-License-Identifier: MIT
//
// Entering through the vDSO (kernel documentation x86/sgx.rst, uapi asm/sgx.h).
//
// - An asynchronous exit restores RSP and RBP as they were at EENTER, also when the enclave was resumed since, and our
//   kernel leaves with the RSP and RBP of its last entry. All calls of a thread must therefore find the vDSO's frame
//   at the same address: they are made on a stack that begins at one place, the thread's anchor.
// - Interrupting a thread: the signal handler sees RIP at the vDSO's ENCLU and RAX = ERESUME. It exchanges the leaf for
//   one that no processor has; the ENCLU then faults and the vDSO reports it, with that leaf as function.
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "host/device/hardware/hardware.h"
#include "host/hostcall/server.h"

enum {
    LEAF_NONE = 0x7ffffff0,
    INTERRUPT_VECTOR = 256,
    ANCHOR_DEPTH = 4096,     // how much deeper later calls may come from
    ANCHOR_REACH = 64 * 1024, // and how much less deep
    RETRY_NANOSECONDS = 20000,
};

struct hardware_call {
    vdso_sgx_enter_enclave_t function;
    uint64_t rdi, rsi;
    uint64_t leaf;
    struct sgx_enclave_run *run;
};
_Static_assert(offsetof(struct hardware_call, rdi) == 8 && offsetof(struct hardware_call, rsi) == 16, "call.S");
_Static_assert(offsetof(struct hardware_call, leaf) == 24 && offsetof(struct hardware_call, run) == 32, "call.S");

int hardware_call(const struct hardware_call *c, void *stack);

// glibc names the field only in its newest versions.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static _Thread_local uintptr_t anchor;
static _Thread_local volatile sig_atomic_t missed; // an interrupt met host code

static void *anchored_stack(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (!anchor || anchor + ANCHOR_DEPTH / 4 > here || here - anchor > ANCHOR_REACH)
        anchor = (here - ANCHOR_DEPTH) & ~(uintptr_t)63;
    return (void *)anchor;
}

// The only documented place where the registers of an exit can be seen.
static int on_exit_from_enclave(long rdi, long rsi, long rdx, long rsp, long r8, long r9, struct sgx_enclave_run *run)
{
    struct enclave_exit *e = (struct enclave_exit *)run->user_data;
    e->rdi = (uint64_t)rdi;
    e->rsi = (uint64_t)rsi;
    return 0;
}

static const uint8_t enclu[3] = {0x0f, 0x01, 0xd7};

// Is the thread in an enclave, as far as Linux sees?
static bool about_to_resume(const greg_t *g)
{
    return (uint32_t)g[REG_RAX] == SGX_ERESUME && !memcmp((const void *)g[REG_RIP], enclu, sizeof(enclu));
}

static void on_interrupt(int signal_number, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    uint64_t rip = (uint64_t)g[REG_RIP];
    if (rip >= (uint64_t)host_syscall_window_start && rip < (uint64_t)host_syscall_window_end)
        g[REG_RIP] = (greg_t)host_syscall_cancelled;
    else if (about_to_resume(g))
        g[REG_RAX] = LEAF_NONE;
    else
        missed = 1;
}

int hardware_catch_interrupts(void)
{
    struct sigaction action = {.sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO}; // blocked calls end with EINTR
    sigemptyset(&action.sa_mask);
    return sigaction(HOST_INTERRUPT_SIGNAL, &action, NULL) < 0 ? -errno : 0;
}

// An interrupt that came between an exception's report and ERESUME must not be lost: the program would go on. It is
// sent again, a little later. (Before an EENTER there is no need: the kernel looks for itself.)
static void repeat_interrupt(void)
{
    static _Thread_local timer_t timer;
    static _Thread_local bool made;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = HOST_INTERRUPT_SIGNAL};
    const struct itimerspec soon = {.it_value = {.tv_nsec = RETRY_NANOSECONDS}};
    event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
    missed = 0;
    made = made || timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
    if (made)
        (void)timer_settime(timer, 0, &soon, NULL); // cannot fail with these arguments
}

static int classify(const struct sgx_enclave_run *run, struct enclave_exit *e)
{
    switch (run->function) {
    case SGX_EEXIT:
        e->exception = false;
        return 0;
    case SGX_ERESUME:
        e->exception = true;
        e->vector = run->exception_vector;
        e->error = run->exception_error_code;
        e->address = run->exception_addr;
        return 0;
    case LEAF_NONE:
        e->exception = true;
        e->vector = INTERRUPT_VECTOR;
        return 0;
    default: // EENTER itself faulted: a wrong TCS, or the machine slept and its enclave memory is gone
        return -EFAULT;
    }
}

int hardware_enter(struct enclave *e, uint64_t tcs, unsigned function, uint64_t rdi, uint64_t rsi,
                   struct enclave_exit *ret_exit)
{
    struct enclave_exit out = {0};
    struct sgx_enclave_run run = {
        .tcs = tcs, .user_handler = (uint64_t)on_exit_from_enclave, .user_data = (uint64_t)&out};
    const struct hardware_call call = {e->enter, rdi, rsi, function, &run};
    if (missed && function == SGX_ERESUME)
        repeat_interrupt();
    int r = hardware_call(&call, anchored_stack());
    if (!r)
        r = classify(&run, &out);
    if (!r)
        *ret_exit = out;
    return r;
}
