// SPDX-License-Identifier: MIT
//
// Ancillary data as it lies in memory (man 3 cmsg).
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CONTROL_ALIGNMENT = 8 };

struct control { // struct cmsghdr
    uint64_t size; // header included
    int32_t level, type;
};

static inline size_t control_aligned(size_t n)
{
    return (n + CONTROL_ALIGNMENT - 1) & ~(size_t)(CONTROL_ALIGNMENT - 1);
}
