// SPDX-License-Identifier: MIT
//
// What a platform keeps: one file of fixed size, made once and never changed. Everything that costs signatures is in
// it, so that opening a platform is reading a file and a quote is one signature.
#pragma once

#include <stdint.h>

#include "sgx/keys.h"
#include "sgx/structures.h"

enum { PLATFORM_PEM_SIZE = 2048, PLATFORM_AUTH_SIZE = 32 };

struct platform_key { // EC P-256, big-endian numbers
    uint8_t secret[32];
    uint8_t point[64]; // x, y
};

struct platform_pem { // text, not terminated
    uint32_t size;
    char text[PLATFORM_PEM_SIZE];
};

struct platform_state {
    char magic[16];
    struct sgx_key_secrets secrets;
    uint8_t ppid[16], instance_id[16], qe_id[16];
    uint8_t qe_mrenclave[SGX_HASH_SIZE], qe_mrsigner[SGX_HASH_SIZE];
    struct platform_key attestation, pck, pck_ca, tcb_signing;
    struct sgx_report_body qe_report; // certifies the attestation key
    uint8_t qe_report_signature[64];  // by the PCK key
    uint8_t authentication[PLATFORM_AUTH_SIZE];
    struct platform_pem pck_certificate, pck_ca_certificate, tcb_certificate;
    struct platform_pem root_certificate; // the test root it was made under
    uint64_t checksum;                    // against damage, not against people: they can read the secrets anyway
};
_Static_assert(sizeof(struct platform_state) % 8 == 0, "checksum has no padding behind it");

// Fills in a new platform. 0, -EIO or -ENOMEM (library), or what getrandom says.
int platform_state_make(struct platform_state *ret);

// Is it whole, of this version and under the test root built in? 0 or -EBADMSG with a reason that lives forever.
int platform_state_check(const struct platform_state *s, const char **ret_reason);

// TARGETINFO and REPORT body of its quoting enclave. The report has no report data yet.
void platform_qe_target_info(const struct platform_state *s, struct sgx_targetinfo *ret);
void platform_qe_report(const struct platform_state *s, struct sgx_report_body *ret);
