// SPDX-License-Identifier: MIT
//
// Checks in front of the few instructions of user_atomic_access.S that touch the program's words.
#include "kernel/sync/user_atomic.h"

#include <linux/errno.h>

#include "abi/layout.h"

// user_atomic_access.S: 0, or -1 when the access faulted
int user_atomic_load32(uint64_t address, uint32_t *ret_value);
int user_atomic_exchange32(uint64_t address, uint32_t expected, uint32_t desired, uint32_t *ret_seen);

static int check(uint64_t address)
{
    if (address % sizeof(uint32_t))
        return -EINVAL;
    return address >= USER_BASE && address < USER_END ? 0 : -EFAULT;
}

int user_load32(uint64_t address, uint32_t *ret_value)
{
    int r = check(address);
    if (!r && user_atomic_load32(address, ret_value))
        r = -EFAULT;
    return r;
}

int user_compare_exchange32(uint64_t address, uint32_t expected, uint32_t desired, uint32_t *ret_seen)
{
    int r = check(address);
    if (!r && user_atomic_exchange32(address, expected, desired, ret_seen))
        r = -EFAULT;
    return r;
}
