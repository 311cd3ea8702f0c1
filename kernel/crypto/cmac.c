// SPDX-License-Identifier: MIT
#include <nettle/cmac.h>

#include "kernel/crypto/crypto.h"
#include "kernel/lib/klib.h"

void aes_cmac(const uint8_t key[16], const void *data, size_t size, uint8_t ret_mac[16])
{
    struct cmac_aes128_ctx c;
    fpu_begin();
    cmac_aes128_set_key(&c, key);
    cmac_aes128_update(&c, size, data);
    cmac_aes128_digest(&c, CMAC128_DIGEST_SIZE, ret_mac);
    fpu_end();
    memset(&c, 0, sizeof(c)); // the key is in it
    __asm__ volatile("" : : "r"(&c) : "memory");
}
