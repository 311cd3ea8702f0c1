// SPDX-License-Identifier: MIT
//
// Puts content into memory of this process that nothing can access yet, so that no thread ever sees a page half
// filled.
//
// Raw system calls and general registers only: FS and the vector registers may be somebody else's.
#pragma once

#include <stdint.h>

// For place_content; a negative number where this process may not write to its memory by file. A child after fork needs its
// own: this one stays the memory of the process that opened it.
int place_open(void);

// Pages of a private anonymous mapping that nobody uses meanwhile: they hold the content afterwards, and the access
// that they had or none, which is the caller's to give. 0 or a negative errno, after which some of the pages may hold content.
long place_content(int memory, uint64_t address, const void *content, uint64_t length);
