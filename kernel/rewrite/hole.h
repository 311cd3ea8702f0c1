// SPDX-License-Identifier: MIT
//
// Five bytes that no program executes, near a system call site.
#pragma once

#include <stdint.h>

// Address of a hole that a two-byte jump at `site` reaches, or 0. object_base: where the ELF header of the mapped object is, 0 if
// unknown.
uint64_t hole_find(uint64_t site, uint64_t object_base);
