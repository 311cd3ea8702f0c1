// SPDX-License-Identifier: MIT
//
// Key derivation as EGETKEY and EREPORT do it (SDM vol. 3D, 40.4 "EGETKEY", table 38-7). Hardware's byte
// layout is not public and nothing outside a processor can see it; here a key is AES-CMAC(base secret of the
// key name, the packed inputs).
#pragma once

#include <stdint.h>

#include "sgx/structures.h"

// The secrets of a (software) processor. Base secrets by enum sgx_keyname.
struct sgx_key_secrets {
    uint8_t base[5][SGX_KEY_SIZE];
    uint8_t owner_epoch[16];
    uint8_t seal_fuses[16];
    uint8_t cpusvn[16];
};

// Who asks: the part of the SECS that enters derivation. Filled by EINIT.
struct sgx_identity {
    struct sgx_attributes attributes;
    uint32_t miscselect;
    uint8_t cet_attributes;
    uint8_t mrenclave[SGX_HASH_SIZE], mrsigner[SGX_HASH_SIZE];
    uint8_t configid[64], isvfamilyid[16], isvextprodid[16];
    uint16_t isvprodid, isvsvn, configsvn;
};

// EGETKEY. 0, a positive SGX result code, -EINVAL where hardware raises #GP, or -EIO.
int sgx_getkey(const struct sgx_key_secrets *secrets, const struct sgx_identity *identity,
               const struct sgx_keyrequest *request, uint8_t ret_key[SGX_KEY_SIZE]);

// The report key of a target, as EREPORT derives it. 0 or -EIO.
int sgx_report_key(const struct sgx_key_secrets *secrets, const struct sgx_targetinfo *target,
                   const uint8_t keyid[32], uint8_t ret_key[SGX_KEY_SIZE]);

// REPORT.MAC over the body. 0 or -EIO.
int sgx_report_mac(const uint8_t key[SGX_KEY_SIZE], const struct sgx_report_body *body, uint8_t ret_mac[16]);

// EREPORT: a report of `identity` for `target`. 0, -EINVAL where hardware raises #GP, or -EIO.
int sgx_create_report(const struct sgx_key_secrets *secrets, const struct sgx_identity *identity,
                      const struct sgx_targetinfo *target, const uint8_t reportdata[64],
                      const uint8_t keyid[32], struct sgx_report *ret_report);

// AES-128-CMAC (RFC 4493). 0 or -EIO.
int sgx_cmac(const uint8_t key[SGX_KEY_SIZE], const void *data, size_t size, uint8_t ret_mac[16]);
