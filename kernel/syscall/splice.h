// SPDX-License-Identifier: MIT
//
// Flags of splice(2), which are in no header of the kernel's.
#pragma once

enum { SPLICE_F_MOVE = 1, SPLICE_F_NONBLOCK = 2, SPLICE_F_MORE = 4, SPLICE_F_GIFT = 8 };
