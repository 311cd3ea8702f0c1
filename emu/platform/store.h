// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

struct platform_state;

// Reads the user's platform, or makes and stores it. 0 or negative errno with a reason.
int platform_store_open(struct platform_state *ret, char *reason, size_t reason_size);
