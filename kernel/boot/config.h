// SPDX-License-Identifier: MIT
//
// The measured configuration and the kernel's own copy of the boot information.
#pragma once

#include <stdbool.h>

#include "abi/boot.h"
#include "abi/config.h"

const struct config *config_get(void);
const char *config_string(uint32_t offset);                         // NULL when absent
const char *config_list_item(const struct config_list *l, uint32_t i); // NULL past the end
const struct boot_info *boot_get(void); // trusted copy; pointers in it still point to untrusted memory
bool boot_strace(void);

// True when [p, p+size) lies wholly outside the enclave and does not wrap. The only test for untrusted addresses.
bool is_untrusted(uint64_t p, uint64_t size);
// Copies from / to untrusted memory. The size was checked by the caller against what it expects.
void host_read(void *to, uint64_t from, uint64_t size);
void host_write(uint64_t to, const void *from, uint64_t size);
