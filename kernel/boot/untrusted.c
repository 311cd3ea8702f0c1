// SPDX-License-Identifier: MIT
//
// The one place where kernel code touches untrusted memory.
//
// What a hostile host can try here, and the answer:
// - give an address inside the enclave, so that the kernel reads or overwrites itself: is_untrusted, the only test.
// - change memory while it is read: every crossing is one copy; only the copy is checked and used.
#include "abi/layout.h"
#include "kernel/boot/config.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"

#define ADDRESS_END 0x7ffffffff000ul // above lies no memory of a Linux process

bool is_untrusted(uint64_t p, uint64_t size)
{
    return p >= ENCLAVE_SIZE && size <= ADDRESS_END && p <= ADDRESS_END - size;
}

void host_read(void *to, uint64_t from, uint64_t size)
{
    if (!is_untrusted(from, size))
        host_lied("an address it gave lies inside the enclave");
    memcpy(to, (const void *)from, size);
}

void host_write(uint64_t to, const void *from, uint64_t size)
{
    if (!is_untrusted(to, size))
        host_lied("an address it gave lies inside the enclave");
    memcpy((void *)to, from, size);
}
