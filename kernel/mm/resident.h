// SPDX-License-Identifier: MIT
//
// mincore(2).
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mm;
// For each of `count` pages from address on, 1 when it is in memory, else 0. For how many: fewer where nothing is mapped.
size_t mm_resident(struct mm *mm, uint64_t address, size_t count, uint8_t *there);
