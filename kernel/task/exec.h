// SPDX-License-Identifier: MIT
//
// execve(2).
#pragma once

#include "kernel/mm/user.h"

// Replaces the current process's program; does not return on success. Strings are copied from program memory first.
long process_exec(const char USER *path, const void USER *argv, const void USER *envp);
