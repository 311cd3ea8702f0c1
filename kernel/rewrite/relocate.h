// SPDX-License-Identifier: MIT
//
// Code moved to another place.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Instructions from `code` (which stands, or stood, at program address `from`) until at least `span` bytes are covered, rewritten to do the
// same at address `to`, and a jump behind them unless control does not come there. Bytes written into `ret` (at most room), 0: not
// possible. starts[i] (i < span) becomes the offset in ret of the instruction that starts at code[i], 0xff: none does.
size_t relocate(const uint8_t *code, size_t size, uint64_t from, size_t span, uint64_t to, uint8_t *ret, size_t room,
                uint8_t starts[]);
