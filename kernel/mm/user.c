// SPDX-License-Identifier: MIT
//
// See user.h. The range check here is the only one: every program address passes through it.
#include "kernel/mm/user.h"

#include <linux/errno.h>
#include <stdbool.h>

#include "abi/layout.h"

size_t user_copy_raw(void *to, const void *from, size_t size);
size_t user_clear_raw(void *to, size_t size);
long user_strncpy_raw(char *to, const char *from, size_t size);
long user_xsave_raw(void *area, uint32_t components);
long user_xrstor_raw(const void *area, uint32_t components);
long user_fxrstor_raw(const void *area);
long user_load_upper_raw(const void *masks, const void *registers);

static bool in_range(uint64_t p, size_t size)
{
    return p >= USER_BASE && p < USER_END && size <= USER_END - p;
}

int copy_from_user(void *to, const void USER *from, size_t size)
{
    if (!in_range((uint64_t)from, size))
        return size ? -EFAULT : 0;
    return user_copy_raw(to, (const void *)(uint64_t)from, size) ? -EFAULT : 0;
}

int copy_to_user(void USER *to, const void *from, size_t size)
{
    if (!in_range((uint64_t)to, size))
        return size ? -EFAULT : 0;
    return user_copy_raw((void *)(uint64_t)to, from, size) ? -EFAULT : 0;
}

// How much of it lies in the program's range.
static size_t part_in_range(uint64_t p, size_t size)
{
    if (!in_range(p, 0))
        return 0;
    return size < USER_END - p ? size : USER_END - p;
}

size_t copy_from_user_part(void *to, const void USER *from, size_t size)
{
    size_t n = part_in_range((uint64_t)from, size);
    return n - user_copy_raw(to, (const void *)(uint64_t)from, n);
}

size_t copy_to_user_part(void USER *to, const void *from, size_t size)
{
    size_t n = part_in_range((uint64_t)to, size);
    return n - user_copy_raw((void *)(uint64_t)to, from, n);
}

void *user_place(const void USER *p, size_t size)
{
    return in_range((uint64_t)p, size) ? (void *)(uint64_t)p : NULL;
}

int clear_user(void USER *to, size_t size)
{
    if (!in_range((uint64_t)to, size))
        return size ? -EFAULT : 0;
    return user_clear_raw((void *)(uint64_t)to, size) ? -EFAULT : 0;
}

int xsave_to_user(void USER *area, size_t size, uint32_t components)
{
    if (!in_range((uint64_t)area, size))
        return -EFAULT;
    return user_xsave_raw((void *)(uint64_t)area, components) ? -EFAULT : 0;
}

int xrstor_from_user(const void USER *area, size_t size, uint32_t components)
{
    if (!in_range((uint64_t)area, size))
        return -EFAULT;
    return user_xrstor_raw((const void *)(uint64_t)area, components) ? -EFAULT : 0;
}

int fxrstor_from_user(const void USER *area)
{
    if (!in_range((uint64_t)area, FXSAVE_SIZE))
        return -EFAULT;
    return user_fxrstor_raw((const void *)(uint64_t)area) ? -EFAULT : 0;
}

int load_upper_from_user(const void USER *masks, const void USER *registers)
{
    if (!in_range((uint64_t)masks, UPPER_MASKS_SIZE) || !in_range((uint64_t)registers, UPPER_REGISTERS_SIZE))
        return -EFAULT;
    return user_load_upper_raw((const void *)(uint64_t)masks, (const void *)(uint64_t)registers) ? -EFAULT : 0;
}

long strncpy_from_user(char *to, const char USER *from, size_t size)
{
    uint64_t p = (uint64_t)from;
    if (!in_range(p, 1))
        return -EFAULT;
    size_t room = size < USER_END - p ? size : USER_END - p;
    long n = user_strncpy_raw(to, (const char *)p, room);
    if (n < 0)
        return -EFAULT;
    return (size_t)n < room ? n : room < size ? -EFAULT : -ENAMETOOLONG;
}

int user_range_writable(const void USER *p, size_t size)
{
    if (!in_range((uint64_t)p, size))
        return size ? -EFAULT : 0;
    uint64_t start = (uint64_t)p, last = start + (size ? size - 1 : 0);
    for (uint64_t at = start; size; at = (at | (PAGE_SIZE - 1)) + 1) {
        char c;
        if (at > last)
            break;
        // Reading and writing back one byte would race with other threads; an atomic OR of nothing does not.
        if (user_copy_raw(&c, (const void *)at, 1))
            return -EFAULT;
    }
    return 0;
}
