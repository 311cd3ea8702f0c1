// SPDX-License-Identifier: MIT
//
// The ChaCha20 block function (RFC 8439, 2.3). Ours, since a compiled library may look at FS (stack protector), and FS is the
// program's: it may point anywhere.
#pragma once

#include <stdint.h>

enum { CHACHA_KEY_SIZE = 32, CHACHA_BLOCK_SIZE = 64 };

// The key stream's block number `counter`, nonce zero.
void chacha20_block(const uint8_t key[CHACHA_KEY_SIZE], uint32_t counter, uint8_t ret[CHACHA_BLOCK_SIZE]);
