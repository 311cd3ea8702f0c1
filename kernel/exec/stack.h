// SPDX-License-Identifier: MIT
//
// Building the program's first stack.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct credentials;
struct exec_request;
struct mm;

struct stack_request {
    const struct exec_request *exec;
    const struct credentials *cred;
    uint64_t headers; // program address of the program headers
    unsigned header_count;
    uint64_t entry;            // of the program itself
    uint64_t interpreter_base; // 0 when static
    uint64_t vdso;
    bool executable_stack;
};

// 0 with the stack pointer, or -E2BIG, -ENOMEM.
int stack_build(struct mm *mm, const struct stack_request *request, uint64_t *ret_rsp);
