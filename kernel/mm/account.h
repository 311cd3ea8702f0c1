// SPDX-License-Identifier: MIT
//
// Counting committed pages against MemorySize.
#pragma once

#include <stddef.h>

int account_commit(size_t pages); // 0 or -ENOMEM
void account_release(size_t pages);
