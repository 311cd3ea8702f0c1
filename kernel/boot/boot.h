// SPDX-License-Identifier: MIT
//
// Steps of kernel_boot, in the order in which they run (kernel/boot/boot.c).
#pragma once

#include <stdbool.h>

struct boot_info;

// Checks the measured configuration; stops the enclave when it is damaged.
void config_boot(void);
// Copies the boot information once and checks every address and size in it.
void boot_info_copy(const struct boot_info *untrusted, bool allow_strace);
// The program's arguments and environment as the configuration allows them: NULL-terminated arrays in kernel memory.
int boot_arguments(char ***ret_argv);
int boot_environment(char ***ret_envp);
