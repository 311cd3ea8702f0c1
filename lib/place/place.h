// SPDX-License-Identifier: MIT
//
// Puts content into memory of this process that nothing can access yet, so that no thread ever sees a page half
// filled.
//
// Raw system calls and general registers only: FS and the vector registers may be somebody else's.
#pragma once

#include <stdint.h>

// The two ways in, each a negative number where Linux does not let this process have it. A child after fork needs its own: these
// stay those of the process that opened them.
struct place {
    int faults; // userfaultfd
    int memory; // /proc/self/mem
};

void place_open(struct place *ret);
void place_close(struct place *p);

// A hint: content will come into this range of a private anonymous mapping. Pages of it that no content was placed in must not be
// opened, but be mapped anew: they are not memory that is zero.
void place_expect(const struct place *p, uint64_t address, uint64_t length);

// Pages of a private anonymous mapping that nobody uses meanwhile: they hold the content afterwards, and the access
// that they had or none, which is the caller's to give. 0 or a negative errno, after which some of the pages may hold content.
long place_content(const struct place *p, uint64_t address, const void *content, uint64_t length);
// The same for pages that are there. 1: no longer with the access that they had, but with none.
long place_over(const struct place *p, uint64_t address, const void *content, uint64_t length);
