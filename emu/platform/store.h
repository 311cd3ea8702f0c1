// SPDX-License-Identifier: MIT
#pragma once

#include <limits.h>
#include <stddef.h>

struct platform_state;

// Reads the user's platform, or makes and stores it. 0 or negative errno with a reason.
int platform_store_open(struct platform_state *ret, char *reason, size_t reason_size);

// Where the user's platform stands; -ENOENT: there is none yet.
int platform_store_find(char ret_path[PATH_MAX]);
