// SPDX-License-Identifier: MIT
//
// The state of every page of the program range: committed or not, and with which access the target holds it.
// One table for all address spaces, since they do not overlap. The caller serialises per page (mm lock).
#pragma once

#include <stdint.h>

#define PAGE_COMMITTED 0x80u // the other bits are PROT_*
#define PAGE_REMAINS 0x40u   // there, but not committed for any space (remains.h); likewise
#define PAGE_SPARE 0x20u     // there, and nobody's (spare.h); likewise
#define PAGE_HIDDEN 0x10u    // there, of a space that is not in place (hidden.h); likewise

uint8_t pages_state(uint64_t address);
// Makes the table's parts for the range exist. 0 or -ENOMEM.
int pages_prepare(uint64_t start, uint64_t end);
void pages_set(uint64_t start, uint64_t end, uint8_t state); // prepared before
// End of the run of pages from start (below limit) that have the same state as start.
uint64_t pages_run(uint64_t start, uint64_t limit);
// How many pages of the range are committed.
uint64_t pages_committed(uint64_t start, uint64_t end);
