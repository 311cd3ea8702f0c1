// SPDX-License-Identifier: MIT
//
// The tagged evidence of interoperable RA-TLS (TCG DICE attestation extensions): CBOR, a tag 60000 (a quote)
// or 60001 (a report that its hardware signs itself) around an array of two byte strings, the quote and the
// claims buffer; the latter is a CBOR map with the hash of the certificate's key.
#pragma once

#include <stdbool.h>

#include <myst/attest.h>

enum { CLAIMS_SIZE = 51 };

// Takes evidence apart; the results point into it. -EBADMSG when it is not of this form, or bytes follow; -ENOTSUP:
// tagged as something else.
int evidence_parse(struct attest_bytes evidence, struct attest_bytes *ret_quote,
                   struct attest_bytes *ret_claims, bool *ret_is_report);
// True when the claims name the key with this SubjectPublicKeyInfo.
bool claims_name_key(struct attest_bytes claims, struct attest_bytes spki);

// False when the crypto library fails.
bool claims_make(struct attest_bytes spki, uint8_t ret_claims[CLAIMS_SIZE]);
// malloc'ed; NULL without memory.
uint8_t *evidence_make(struct attest_bytes quote, const uint8_t claims[CLAIMS_SIZE], size_t *ret_size);
