// SPDX-License-Identifier: MIT
#include "host/sgx/after_exit.h"

#include "abi/entry.h"
#include "abi/layout.h"
#include "host/hostcall/server.h"

enum { INTERRUPT_VECTOR = 256 };

// An exception, or an interrupt: the enclave looks at it at CSSA + 1 and says "resume".
static unsigned report(struct host_thread *t, const struct enclave_exit *e, uint64_t *rdi, uint64_t *rsi)
{
    if (t->reporting)
        return 0;
    if (e->vector == INTERRUPT_VECTOR)
        t->interrupted = 0;
    t->reporting = true;
    *rdi = e->vector == INTERRUPT_VECTOR ? ENTRY_INTERRUPT : 0;
    *rsi = 0;
    return SGX_EENTER;
}

static bool can_be_served(const struct host_call *call)
{
    switch ((enum host_call_kind)call->kind) {
    case HOST_CALL_SYSCALL:
    case HOST_CALL_MEMORY_AUGMENT:
    case HOST_CALL_MEMORY_PROTECT:
    case HOST_CALL_MEMORY_TRIM:
    case HOST_CALL_MEMORY_REMOVE:
    case HOST_CALL_INTERRUPT:
        return true;
    default:
        return false;
    }
}

unsigned sgx_after_exit(uint64_t tcs, const struct enclave_exit *e, uint64_t *rdi, uint64_t *rsi)
{
    unsigned index = (unsigned)((tcs - THREAD_AREA_BASE) / THREAD_AREA_SIZE);
    struct host_thread *t = &host_threads[index];
    if (e->exception)
        return report(t, e, rdi, rsi);
    if (t->reporting && e->rdi == EXIT_RESUME) {
        t->reporting = false;
        return SGX_ERESUME;
    }
    struct host_call *call = (struct host_call *)(host_blocks + (uint64_t)index * HOST_BLOCK_SIZE);
    if (t->reporting || e->rdi != EXIT_HOST_CALL || !can_be_served(call))
        return 0;
    host_call_serve(index, call);
    *rdi = ENTRY_RETURN;
    *rsi = 0;
    return SGX_EENTER;
}
