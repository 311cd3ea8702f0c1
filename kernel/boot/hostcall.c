// SPDX-License-Identifier: MIT
//
// Host calls for kernel code.
//
// What a hostile host can try here, and the answer:
// - answer with more bytes than were asked for: counts are clamped to the request, a larger one stops the enclave.
// - change the bounce buffer after answering: bytes are copied in once, and only the copy is used.
#include "kernel/boot/hostcall.h"

#include <asm/unistd.h>
#include <linux/errno.h>

#include "abi/entry.h"
#include "abi/hostcall.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/lib/check.h"
#include "kernel/signal/host.h"
#include "kernel/task/task.h"

static struct thread_block *block(void)
{
    struct thread_block *tb;
    __asm__("mov %%gs:0, %0" : "=r"(tb));
    return tb;
}

long host_syscall(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    const uint64_t arg[6] = {a, b, c, d, e, f};
    long r = target_host_call(HOST_CALL_SYSCALL, number, arg);
    if (r == -EINTR)
        host_signals_note();
    return r;
}

long host_syscall_now(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    long r;
    while ((r = host_syscall(number, a, b, c, d, e, f)) == -EINTR)
        ;
    return r;
}

uint64_t host_bounce(void)
{
    return block()->host_block + HOST_BLOCK_BOUNCE_OFFSET;
}

size_t host_bounce_size(void)
{
    return HOST_BLOCK_SIZE - HOST_BLOCK_BOUNCE_OFFSET;
}

static long checked_count(long result, size_t asked)
{
    if (result > (long)asked)
        host_lied("more bytes than asked for");
    return result < -4095 ? -EIO : result;
}

long host_read_fd(int host_fd, void *to, size_t size)
{
    if (size > host_bounce_size())
        size = host_bounce_size();
    long n = checked_count(host_syscall(__NR_read, (uint64_t)host_fd, host_bounce(), size, 0, 0, 0), size);
    if (n > 0)
        host_read(to, host_bounce(), (uint64_t)n);
    return n;
}

long host_write_fd(int host_fd, const void *from, size_t size)
{
    if (size > host_bounce_size())
        size = host_bounce_size();
    host_write(host_bounce(), from, size);
    return checked_count(host_syscall(__NR_write, (uint64_t)host_fd, host_bounce(), size, 0, 0, 0), size);
}
