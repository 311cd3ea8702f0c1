// SPDX-License-Identifier: MIT
//
// Reading binary layouts front to back. Every read says whether the bytes were there; what a failed one would
// have read is untouched. Numbers are little-endian.
#pragma once

#include <stdbool.h>
#include <string.h>

#include <myst/attest.h>

static inline bool only_zeros(const uint8_t *p, size_t size)
{
    uint8_t any = 0;
    while (size--)
        any |= *p++;
    return !any;
}

struct reader {
    const uint8_t *p;
    size_t left;
};

static inline bool read_bytes(struct reader *in, size_t size, struct attest_bytes *ret)
{
    if (size > in->left)
        return false;
    *ret = (struct attest_bytes){in->p, size};
    in->p += size;
    in->left -= size;
    return true;
}

static inline bool read_copy(struct reader *in, void *ret, size_t size)
{
    struct attest_bytes bytes;
    if (!read_bytes(in, size, &bytes))
        return false;
    memcpy(ret, bytes.data, size);
    return true;
}

static inline bool read_u16(struct reader *in, uint16_t *ret)
{
    uint8_t b[2];
    if (!read_copy(in, b, sizeof(b)))
        return false;
    *ret = (uint16_t)(b[0] | b[1] << 8);
    return true;
}

static inline bool read_u32(struct reader *in, uint32_t *ret)
{
    uint16_t low, high;
    if (in->left < 4 || !read_u16(in, &low) || !read_u16(in, &high))
        return false;
    *ret = (uint32_t)low | (uint32_t)high << 16;
    return true;
}

static inline bool read_u64(struct reader *in, uint64_t *ret)
{
    uint32_t low, high;
    if (in->left < 8 || !read_u32(in, &low) || !read_u32(in, &high))
        return false;
    *ret = (uint64_t)low | (uint64_t)high << 32;
    return true;
}
