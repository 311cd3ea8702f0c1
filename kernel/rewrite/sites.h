// SPDX-License-Identifier: MIT
//
// The rewritten sites of an address space.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SITE_SYSCALL = 2, SITE_JUMP = 5, SITE_DISPLACED = SITE_JUMP - SITE_SYSCALL };

struct site {
    uint64_t address;
    uint64_t stub;              // entry; behind it the displaced instructions
    uint8_t original[SITE_JUMP]; // what stood there
    uint8_t jump[SITE_JUMP];     // what stands there now
    uint32_t landings;           // how often somebody trapped at a displaced byte
    uint64_t landing[SITE_DISPLACED]; // where the instruction that started at address + 2 + i now is; 0: nowhere yet
};

enum { CANDIDATES_MOST = 64 };
struct cpuid_candidates { // candidates.c; of the one thread that begins the program
    bool searched;
    unsigned count, next;
    uint64_t at[CANDIDATES_MOST];
};

struct sites; // any thread may call any of these at any time

struct sites *sites_new(void); // NULL: out of memory
void sites_free(struct sites *s);
// True the second time that an address is asked for: what traps once may never trap again. Forgetful.
bool sites_seen(struct sites *s, uint64_t address);
// Adds a copy. False: out of memory, or it overlaps another site.
bool sites_add(struct sites *s, const struct site *site);
// What has become known of where the instructions of the site at site->address are now.
void sites_update(struct sites *s, const struct site *site);
// Somebody trapped at a displaced byte of the site at site->address. True when that has become often: once.
bool sites_landed(struct sites *s, const struct site *site);
bool sites_overlap(struct sites *s, uint64_t address);
// The site whose displaced bytes (or, with stub true, whose stub) hold this address. NULL: none. It stays where it is; what becomes known
// of landings later may be told only of another copy.
const struct site *sites_find(struct sites *s, uint64_t address, bool stub);
struct cpuid_candidates *sites_candidates(struct sites *s);
