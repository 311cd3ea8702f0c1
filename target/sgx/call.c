// SPDX-License-Identifier: MIT
//
// Host calls of the sgx target.
//
// What a hostile host can try here, and the answer:
// - give a host block inside the enclave: its address was checked at boot (kernel/boot/config.c).
// - change the request while it is served: nothing of it is read back but `result`, once.
#include <asm/prctl.h>

#include "abi/boot.h"
#include "abi/entry.h"
#include "abi/hostcall.h"
#include "abi/layout.h"
#include "abi/target.h"
#include "target/sgx/enclu.h"
#include "target/sgx/target.h"

const char target_name[] = "sgx";
const int target_is_tee = 1;

struct thread_block *sgx_current_block(void)
{
    struct thread_block *tb;
    __asm__("mov %%gs:0, %0" : "=r"(tb));
    return tb;
}

long target_host_call(unsigned kind, uint64_t number, const uint64_t arg[6])
{
    volatile struct host_call *call = (volatile struct host_call *)sgx_current_block()->host_block;
    call->kind = kind;
    call->number = number;
    for (unsigned i = 0; i < 6; i++)
        call->arg[i] = arg[i];
    sgx_host_call(EXIT_HOST_CALL, (uint64_t)call);
    return call->result;
}

long sgx_call(unsigned kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    const uint64_t arg[6] = {a, b, c, d};
    return target_host_call(kind, 0, arg);
}

void target_set_fs_base(uint64_t base)
{
    sgx_current_block()->fs_base = base;
    sgx_set_fs_base(base);
}

void target_boot(struct thread_block *tb, const struct boot_info *boot)
{
    sgx_cpuid_boot(boot);
    sgx_threads_boot(boot);
}

void target_exit(int status)
{
    sgx_call(HOST_CALL_EXIT, (uint64_t)status, 0, 0, 0);
    for (;;) // a host that goes on gets nothing more
        sgx_host_call(EXIT_FATAL, 0);
}

void target_abort(const char *reason, size_t length)
{
    struct thread_block *tb = sgx_current_block();
    char *text = (char *)tb->host_block + HOST_BLOCK_BOUNCE_OFFSET;
    for (size_t i = 0; tb->host_block && i < length; i++)
        text[i] = reason[i];
    if (tb->host_block)
        sgx_call(HOST_CALL_ABORT, (uint64_t)text, length, 0, 0);
    for (;;)
        sgx_host_call(EXIT_FATAL, 0);
}

void target_thread_exit(void)
{
    volatile struct host_call *call = (volatile struct host_call *)sgx_current_block()->host_block;
    call->kind = HOST_CALL_THREAD_EXIT;
    sgx_thread_leave(EXIT_HOST_CALL, (uint64_t)call);
}

void target_thread_interrupt(unsigned index)
{
    (void)sgx_call(HOST_CALL_INTERRUPT, index, 0, 0, 0); // a thread that is gone needs no interrupt
}
