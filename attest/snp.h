// SPDX-License-Identifier: MIT
//
// Reports of SEV-SNP guests, and the keys that sign them.
#pragma once

#include "attest/x509.h"

enum { SNP_REPORT_SIZE = 1184, SNP_SIGNED_SIZE = 0x2a0, SNP_REPORT_DATA_OFFSET = 0x50 };

struct snp_report {
    struct attest_snp claims; // product and csp_id empty
    uint8_t report_data[64];
    uint8_t r[48], s[48];            // big-endian
    struct attest_bytes signed_part; // these point into the input
    struct attest_bytes rest;        // what follows the report
};

// -EBADMSG with the verdict's reason.
int snp_report_parse(struct attest_bytes input, struct snp_report *ret_report,
                     struct attest_verdict *verdict);
// True when the input begins like a report and not like a quote.
bool snp_report_looks_like(struct attest_bytes input);

// The component of a TCB version; the places differ between products.
enum snp_component { SNP_FMC, SNP_BOOT_LOADER, SNP_TEE, SNP_FIRMWARE, SNP_MICROCODE, SNP_COMPONENTS };
// False where the product has no such component.
bool snp_tcb_component(bool turin, const uint8_t tcb[8], enum snp_component component, uint8_t *ret_svn);

// What the certificate of a report's key says.
struct vek {
    bool vlek;
    char product[16]; // the part before the '-': Milan, Genoa, Turin
    char csp_id[64];
    uint32_t spl[SNP_COMPONENTS];
    bool has_spl[SNP_COMPONENTS];
    uint8_t hwid[64];
    size_t hwid_size; // 64, or 8 since Turin; 0: none
};
bool vek_parse(const X509 *certificate, struct vek *ret_vek);
// NULL, or why this cannot be the key of a report with these claims.
const char *vek_mismatch(const struct vek *vek, const struct attest_snp *claims);

// The certificate of a kind in a guest driver's table; size 0: none. False: the table is malformed.
enum snp_table_entry { SNP_TABLE_VCEK, SNP_TABLE_VLEK, SNP_TABLE_CRL, SNP_TABLE_ENTRIES };
bool snp_table_find(struct attest_bytes table, enum snp_table_entry entry, struct attest_bytes *ret_data);

// Checks the path from the key's certificate to AMD's root for its product. `others` are certificates that
// came along. crl: AMD's, size 0: missing; it must be there when required, and for a CA that is not built in.
int vek_chain_verify(X509 *leaf, const struct vek *vek, STACK_OF(X509) * others, struct attest_bytes crl,
                     bool crl_required, int64_t time, bool *ret_crl_checked, struct attest_verdict *verdict);
