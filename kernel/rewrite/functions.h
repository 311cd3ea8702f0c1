// SPDX-License-Identifier: MIT
//
// Bounds of functions as the program's own .eh_frame_hdr tells them (Linux Standard Base, 10.6).
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct function_table {
    uint64_t header; // program address of .eh_frame_hdr
    uint64_t bias;   // of the object
    uint32_t count;
};

// The table of the object that is mapped around `address`. false: none, or not in the usual form.
bool function_table_find(uint64_t object_base, struct function_table *ret);
// Number of the last function that starts at or below address. false: none.
bool function_at(const struct function_table *t, uint64_t address, uint32_t *ret_number);
// [begin, end) of function `number`. false: not there, or unreadable.
bool function_bounds(const struct function_table *t, uint32_t number, uint64_t *ret_begin, uint64_t *ret_end);
