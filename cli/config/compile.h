// SPDX-License-Identifier: MIT
//
// Settings and image hashes as the bytes that are measured (abi/config.h). The same input gives the same bytes.
#pragma once

#include "abi/config.h"
#include "cli/config/settings.h"

// 0 with *ret_config (struct config and its strings, to be freed) and its size; -E2BIG beyond CONFIG_MAX_SIZE; -ENOMEM.
int config_compile(const struct settings *s, const struct config_image *rootfs, const struct config_image *system,
                   void **ret_config, size_t *ret_size);
