// SPDX-License-Identifier: MIT
#pragma once

// membarrier(2). Commands of <linux/membarrier.h>; 0, a set of them, or -errno.
long membarrier(int command);
