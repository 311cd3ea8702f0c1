// SPDX-License-Identifier: MIT
//
// Lengths of the x86-64 instructions that compilers put behind a system call, and what moving them takes. Everything else is
// "unknown", which only means that a site is left alone. Checked against a full decoder by tests/unit/rewrite.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum instruction_kind {
    INSTRUCTION_PLAIN,    // may be copied; `displacement` says where a RIP-relative operand stands
    INSTRUCTION_BRANCH,   // conditional, relative
    INSTRUCTION_JUMP,     // unconditional, relative
    INSTRUCTION_CALL,     // relative
    INSTRUCTION_END,      // control does not come out behind it (ret, indirect jump); may be copied
};

struct instruction {
    enum instruction_kind kind;
    unsigned length;
    unsigned displacement; // offset of a 4-byte RIP-relative displacement, 0: none
    unsigned condition;    // of a branch: low four bits of its opcode
    int32_t distance;      // of a branch, jump or call, from its end
};

enum { INSTRUCTION_MAX = 15 };

// Decodes at code[0..size). 0, or -1: unknown, or not wholly there.
int instruction_decode(const uint8_t *code, size_t size, struct instruction *ret);
