// SPDX-License-Identifier: MIT
//
// Counting committed pages against MemorySize.
#pragma once

#include <stdbool.h>
#include <stddef.h>

int account_commit(size_t pages); // 0 or -ENOMEM
bool account_has_room(size_t pages); // so many could be committed now, or are there, free, in the heap
void account_release(size_t pages);
