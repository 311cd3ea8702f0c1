// SPDX-License-Identifier: MIT
//
// After measuring, software SGX replaces instructions that it would otherwise have to catch as exceptions, and spares work that the
// trusted code does not need.
#pragma once

#include <stddef.h>

#include "host/loader/kernel_image.h"

struct enclave;
int emulated_patch_sites(struct enclave *e, const struct enclave_site *sites, size_t count);
