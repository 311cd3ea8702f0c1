// SPDX-License-Identifier: MIT
//
// Two kinds of proof that bytes are padding:
// - they lie between the end of one function and the start of the next, as the unwind tables say, and all bytes there are those
//   that assemblers pad with;
// - they follow at least eight bytes of int3: no instruction has more than eight operand bytes in a row, so these are
//   instructions, and running into them would be a trap.
#include "kernel/rewrite/hole.h"

#include <stdbool.h>

#include "kernel/mm/user.h"
#include "kernel/rewrite/functions.h"

enum { HOLE = 5, REACH_BACK = 126, REACH_AHEAD = 129, GAP_MAX = 64, NEIGHBOURS = 6, OPERAND_BYTES = 8 };
enum { INT3 = 0xcc, JMP_REL32 = 0xe9 };

static bool reachable(uint64_t site, uint64_t hole)
{
    return hole >= site - REACH_BACK && hole <= site + REACH_AHEAD;
}

static bool is_padding(uint8_t b)
{
    switch (b) {
    case INT3:
    case 0x90:
    case 0x66:
    case 0x2e:
    case 0x0f:
    case 0x1f:
    case 0x84:
    case 0x80:
    case 0x40:
    case 0x44:
    case 0x00:
        return true;
    default:
        return false;
    }
}

// A hole in [begin, end), all of which is padding except jumps that we put there before.
static uint64_t hole_in_gap(uint64_t site, uint64_t begin, uint64_t end)
{
    uint8_t bytes[GAP_MAX];
    if (end <= begin || end - begin > GAP_MAX || copy_from_user(bytes, (const void USER *)begin, end - begin))
        return 0;
    uint64_t used = 0, size = end - begin;
    while (used + HOLE <= size && bytes[used] == JMP_REL32)
        used += HOLE;
    for (uint64_t i = used; i < size; i++)
        if (!is_padding(bytes[i]))
            return 0;
    uint64_t hole = begin + used;
    return used + HOLE <= size && reachable(site, hole) ? hole : 0;
}

static uint64_t hole_between_functions(uint64_t site, uint64_t object_base)
{
    struct function_table t;
    uint32_t here;
    if (!object_base || !function_table_find(object_base, &t) || !function_at(&t, site, &here))
        return 0;
    uint32_t first = here > NEIGHBOURS ? here - NEIGHBOURS : 0;
    for (uint32_t i = first; i < here + NEIGHBOURS; i++) {
        uint64_t begin, end, next_begin, next_end;
        if (!function_bounds(&t, i, &begin, &end) || !function_bounds(&t, i + 1, &next_begin, &next_end))
            continue;
        uint64_t hole = hole_in_gap(site, end, next_begin);
        if (hole)
            return hole;
    }
    return 0;
}

static uint64_t hole_in_int3(uint64_t site)
{
    uint8_t bytes[REACH_BACK + REACH_AHEAD + HOLE];
    uint64_t start = site - REACH_BACK;
    if (copy_from_user(bytes, (const void USER *)start, sizeof(bytes)))
        return 0;
    unsigned run = 0;
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        run = bytes[i] == INT3 ? run + 1 : 0;
        if (run == OPERAND_BYTES + HOLE && reachable(site, start + i - HOLE + 1))
            return start + i - HOLE + 1;
    }
    return 0;
}

uint64_t hole_find(uint64_t site, uint64_t object_base)
{
    uint64_t hole = hole_between_functions(site, object_base);
    return hole ? hole : hole_in_int3(site);
}
