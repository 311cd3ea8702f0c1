// SPDX-License-Identifier: MIT
//
// Collateral for a platform when nobody gave a folder of it.
#pragma once

#include "cli/attest/collateral_files.h"

// For the emulated platform: its own. For others: from the cache while it is current, else from the
// collateral service (host/pccs/pccs.h), and then into the cache. 0 or negative errno with a reason.
int collateral_obtain(const struct attest_platform *platform, struct collateral_files *ret, char *reason,
                      size_t size);

// From the service, whatever the cache has. `url`: NULL is the configured one.
int collateral_fetch(const struct attest_platform *platform, const char *url, bool insecure,
                     struct collateral_files *ret, char *reason, size_t size);

// The folder of the cache for a platform: $XDG_CACHE_HOME/mystikos/collateral/sgx-00606a000000-platform.
// -ENOENT: no home directory.
int collateral_cache_folder(const struct attest_platform *platform, char *ret_path);

// Which platform the folder's TCB info is of. -EBADMSG: it has none that can be read.
int collateral_platform(const struct attest_collateral *collateral, struct attest_platform *ret);
