// SPDX-License-Identifier: MIT
//
// Memory that several processes have at the same addresses: System V segments. Without page tables of our own a page
// stands at one address, so these stand beside the windows of address spaces (window.h), are never exchanged, and are
// committed as a whole.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/layout.h"

#define SHARED_SIZE 0x400000000ul // 16 GiB
#define SHARED_BASE (USER_END - SHARED_SIZE)

// Zeroed pages, readable and writable. size: a multiple of PAGE_SIZE. 0 or -ENOMEM.
int shared_area_new(size_t size, uint64_t *ret_address);
void shared_area_free(uint64_t address);
