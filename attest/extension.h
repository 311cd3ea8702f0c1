// SPDX-License-Identifier: MIT
//
// The certificate extensions that carry evidence.
#pragma once

#include "attest/public_key.h"

enum evidence_kind {
    EVIDENCE_TAGGED,      // interoperable RA-TLS, 2.23.133.5.4.9
    EVIDENCE_OE_REPORT,   // 1.3.6.1.4.1.311.105.1, 1.2.840.113556.10.1.1
    EVIDENCE_OE_EVIDENCE, // 1.3.6.1.4.1.311.105.2, 1.2.840.113556.10.1.2
    EVIDENCE_GRAMINE,     // a raw quote
    EVIDENCE_INTEL,       // a raw quote that repeats the tagged evidence's; says nothing on its own
};

// The numbers of the extensions that we make.
#define OID_TAGGED_EVIDENCE "2.23.133.5.4.9"
#define OID_OE_REPORT       "1.3.6.1.4.1.311.105.1"

// Evidence in a certificate. Pointers go into the certificate.
struct evidence {
    enum evidence_kind kind;
    bool is_report; // a SEV-SNP report stands where the others have a quote
    struct attest_bytes quote;
    struct attest_bytes claims; // EVIDENCE_TAGGED and EVIDENCE_OE_EVIDENCE
};

enum { MAX_EVIDENCE = 8 };

// Finds all evidence; the number of pieces. -EBADMSG: one is malformed or unsupported, comes twice, or there are too many.
int evidence_find(const X509 *certificate, struct evidence ret_evidence[MAX_EVIDENCE],
                  struct attest_verdict *verdict);

// What the quote's report data must be for evidence that is bound to the key. False when it cannot be bound.
bool evidence_report_data(const struct evidence *evidence, const struct public_key *key,
                          uint8_t ret_report_data[64]);
