// SPDX-License-Identifier: MIT
//
// Fills the boot information that the kernel copies at its start (abi/boot.h). Common to both targets.
#pragma once

#include "abi/boot.h"
#include "host/run.h"

// The memory behind it is the process's for good. 0 or negative errno.
int boot_info_fill(const struct run_options *options, struct boot_info *ret_info);
