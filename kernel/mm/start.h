// SPDX-License-Identifier: MIT
//
// What a program was started with, as /proc shows it. Made with its stack, shared by address spaces forked from each other.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mm;

enum start_part { START_ARGUMENTS, START_ENVIRONMENT, START_AUXILIARY, START_PARTS };

struct program_start {
    uint32_t references;
    size_t end[START_PARTS];     // of each part; one after the other in data
    uint64_t place[START_PARTS]; // where the program has it, and may have changed it since
    char data[];
};

// NULL: out of memory.
struct program_start *program_start_new(const void *const part[START_PARTS], const size_t size[START_PARTS],
                                        const uint64_t place[START_PARTS]);
void program_start_put(struct program_start *s); // NULL allowed
void mm_set_start(struct mm *mm, struct program_start *s); // takes over the reference
const struct program_start *mm_start(const struct mm *mm); // or NULL
