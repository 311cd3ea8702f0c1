// SPDX-License-Identifier: MIT
//
// Fills the boot information that the kernel copies at its start (abi/boot.h). Common to both targets.
#pragma once

#include "abi/boot.h"
#include "host/run.h"

// The memory behind it is the process's for good. cpuid: how much of CPUID the kernel has to be told. 0 or negative errno.
enum boot_cpuid_extent {
    BOOT_CPUID_NONE,   // the kernel executes the instruction
    BOOT_CPUID_KERNEL, // what the kernel itself asks for; programs execute it
    BOOT_CPUID_ALL,    // the instruction is illegal in the enclave
};
int boot_info_fill(const struct run_options *options, enum boot_cpuid_extent cpuid, struct boot_info *ret_info);
