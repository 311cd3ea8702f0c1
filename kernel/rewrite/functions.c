// SPDX-License-Identifier: MIT
//
// Reads program memory through copy_from_user only: the tables are the program's and may say anything. What is wrong here ends in
// "no bounds known", never in a fault.
#include "kernel/rewrite/functions.h"

#include <linux/elf.h>

#include "kernel/mm/user.h"

enum { HEADERS_MAX = 64, ENTRY_SIZE = 8, PT_EH_FRAME = 0x6474e550 };
// Encodings that every linker writes: pointers relative to their place, counts plain, the table relative to the header; all 4 bytes.
enum { PCREL_SDATA4 = 0x1b, UDATA4 = 0x03, DATAREL_SDATA4 = 0x3b };

static bool get(void *to, uint64_t from, size_t size)
{
    return !copy_from_user(to, (const void USER *)from, size);
}

bool function_table_find(uint64_t base, struct function_table *ret)
{
    Elf64_Ehdr e;
    if (!get(&e, base, sizeof(e)) || e.e_ident[0] != 0x7f || e.e_ident[1] != 'E' || e.e_phnum > HEADERS_MAX)
        return false;
    uint64_t low = UINT64_MAX, header = 0;
    for (unsigned i = 0; i < e.e_phnum; i++) {
        Elf64_Phdr p;
        if (!get(&p, base + e.e_phoff + i * sizeof(p), sizeof(p)))
            return false;
        if (p.p_type == PT_LOAD && p.p_vaddr - p.p_offset < low)
            low = p.p_vaddr - p.p_offset;
        if (p.p_type == PT_EH_FRAME)
            header = p.p_vaddr;
    }
    uint8_t encodings[4];
    if (!header || low == UINT64_MAX)
        return false;
    ret->bias = base - low;
    ret->header = header + ret->bias;
    return get(encodings, ret->header, 4) && encodings[0] == 1 && encodings[1] == PCREL_SDATA4 && encodings[2] == UDATA4 &&
           encodings[3] == DATAREL_SDATA4 && get(&ret->count, ret->header + 8, 4);
}

static bool start_of(const struct function_table *t, uint32_t number, uint64_t *ret)
{
    int32_t relative;
    if (number >= t->count || !get(&relative, t->header + 12 + (uint64_t)number * ENTRY_SIZE, 4))
        return false;
    *ret = t->header + (uint64_t)(int64_t)relative;
    return true;
}

bool function_at(const struct function_table *t, uint64_t address, uint32_t *ret_number)
{
    uint32_t low = 0, high = t->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint64_t start;
        if (!start_of(t, middle, &start))
            return false;
        if (start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_number = low - 1;
    return low > 0;
}

bool function_bounds(const struct function_table *t, uint32_t number, uint64_t *ret_begin, uint64_t *ret_end)
{
    int32_t fde_relative;
    uint32_t fde[4]; // length, CIE pointer, pc begin (relative to itself), pc range
    if (!start_of(t, number, ret_begin) || !get(&fde_relative, t->header + 12 + (uint64_t)number * ENTRY_SIZE + 4, 4))
        return false;
    uint64_t at = t->header + (uint64_t)(int64_t)fde_relative;
    if (!get(fde, at, sizeof(fde)) || fde[0] < 12 || !fde[1])
        return false;
    if (at + 8 + (uint64_t)(int64_t)(int32_t)fde[2] != *ret_begin)
        return false; // pointers in another encoding
    *ret_end = *ret_begin + fde[3];
    return true;
}
