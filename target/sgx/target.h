// SPDX-License-Identifier: MIT
//
// Inside the sgx target.
#pragma once

#include <stdint.h>

struct boot_info;
struct thread_block;

struct thread_block *sgx_current_block(void);
long sgx_call(unsigned kind, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void sgx_cpuid_boot(const struct boot_info *boot);
void sgx_threads_boot(const struct boot_info *boot);
// EACCEPT of every page in the range with these SECINFO.FLAGS; a refusal means that the host did not do what it said.
void sgx_accept(uint64_t address, uint64_t length, uint64_t flags);
