// SPDX-License-Identifier: MIT
//
// Verifying the evidence of SGX enclaves, and making certificates that carry it. For relying parties and
// tools: a library of pure functions, bytes in and verdict out. It opens no file, talks to no network and has
// no clock: quotes, collateral and the time of verification are parameters, so any verdict can be reproduced
// later.
//
// Everything that comes in may have been made by an attacker. Nothing is accepted that was not checked:
// missing collateral is a refusal with a reason, never a skipped check.
//
// Functions that judge return 0 (accepted), -EBADMSG (the evidence is not genuine, or cannot be shown to be),
// -EPERM (genuine, but the caller's policy does not want it) or -ENOMEM; the verdict says why.
#ifndef MYST_ATTEST_H
#define MYST_ATTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <myst/tee.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that belong to the caller. size 0: missing.
struct attest_bytes {
    const void *data;
    size_t size;
};

// What Intel (or the test platform) publishes about a platform, as its PCS delivers it.
enum attest_collateral_item {
    ATTEST_TCB_INFO,          // JSON
    ATTEST_TCB_INFO_CHAIN,    // PEM
    ATTEST_QE_IDENTITY,       // JSON
    ATTEST_QE_IDENTITY_CHAIN, // PEM
    ATTEST_PCK_CRL,           // DER
    ATTEST_PCK_CRL_CHAIN,     // PEM; not needed: the quote carries the certificate that issued the CRL
    ATTEST_ROOT_CA_CRL,       // DER
    ATTEST_COLLATERAL_ITEMS
};

struct attest_collateral {
    struct attest_bytes item[ATTEST_COLLATERAL_ITEMS];
};

// Which collateral a quote needs. Read from the quote, unverified: good for asking, not for deciding.
struct attest_platform {
    uint8_t fmspc[6];
    uint8_t ca;       // 0 processor, 1 platform
    uint8_t tee_type; // 0 SGX
};

// Status of a platform's TCB, as its manufacturer judges it.
enum attest_tcb_status {
    ATTEST_TCB_UP_TO_DATE,
    ATTEST_TCB_SW_HARDENING_NEEDED,
    ATTEST_TCB_CONFIGURATION_NEEDED,
    ATTEST_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    ATTEST_TCB_OUT_OF_DATE,
    ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
    ATTEST_TCB_REVOKED, // never accepted
    ATTEST_TCB_STATUSES
};
#define ATTEST_TCB_BIT(status) (1u << (status))
// Platforms with all updates; what remains may be up to the software or to the configuration of the machine.
#define ATTEST_TCB_CURRENT                                                                                   \
    (ATTEST_TCB_BIT(ATTEST_TCB_UP_TO_DATE) | ATTEST_TCB_BIT(ATTEST_TCB_SW_HARDENING_NEEDED) |                \
     ATTEST_TCB_BIT(ATTEST_TCB_CONFIGURATION_NEEDED) |                                                       \
     ATTEST_TCB_BIT(ATTEST_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED))

// The link that failed. The order is that of the checks.
enum attest_result {
    ATTEST_OK,
    ATTEST_INTERNAL, // out of memory or a failure of the crypto library

    ATTEST_CERTIFICATE_MALFORMED,
    ATTEST_CERTIFICATE_EXPIRED, // or not valid yet
    ATTEST_CERTIFICATE_SIGNATURE,
    ATTEST_EVIDENCE_MISSING,
    ATTEST_EVIDENCE_MALFORMED,
    ATTEST_EVIDENCE_CONFLICT, // several pieces of evidence that do not tell the same
    ATTEST_KEY_BINDING,       // the evidence was made for another key

    ATTEST_QUOTE_MALFORMED,
    ATTEST_QUOTE_UNSUPPORTED,
    ATTEST_COLLATERAL_MALFORMED,
    ATTEST_COLLATERAL_MISSING,

    ATTEST_PCK_CHAIN_MISSING,
    ATTEST_PCK_CHAIN_MALFORMED,
    ATTEST_PCK_CHAIN_INVALID,
    ATTEST_PCK_CHAIN_UNTRUSTED, // no trusted root
    ATTEST_PCK_CHAIN_EXPIRED,   // or not valid yet
    ATTEST_PCK_REVOKED,
    ATTEST_CRL_INVALID, // signature, issuer, form
    ATTEST_CRL_EXPIRED, // or not valid yet

    ATTEST_TCB_INFO_CHAIN_INVALID, // of the signer
    ATTEST_TCB_INFO_SIGNATURE,
    ATTEST_TCB_INFO_MALFORMED,
    ATTEST_TCB_INFO_EXPIRED,  // or not issued yet
    ATTEST_TCB_INFO_MISMATCH, // of another platform
    ATTEST_QE_IDENTITY_CHAIN_INVALID,
    ATTEST_QE_IDENTITY_SIGNATURE,
    ATTEST_QE_IDENTITY_MALFORMED,
    ATTEST_QE_IDENTITY_EXPIRED,

    ATTEST_QE_REPORT_SIGNATURE,
    ATTEST_QE_REPORT_BINDING, // the attestation key is not the one the QE reported
    ATTEST_QE_IDENTITY_MISMATCH,
    ATTEST_QUOTE_SIGNATURE,
    ATTEST_TCB_NOT_SUPPORTED, // the TCB info knows no level this low
    ATTEST_TCB_IS_REVOKED,

    ATTEST_POLICY_TEST_ROOT, // from here on: genuine, but not wanted
    ATTEST_POLICY_DEBUG,
    ATTEST_POLICY_TCB_STATUS,
    ATTEST_POLICY_EVALUATION_NUMBER,
    ATTEST_POLICY_MRENCLAVE,
    ATTEST_POLICY_MRSIGNER,
    ATTEST_POLICY_PRODUCT_ID,
    ATTEST_POLICY_SECURITY_VERSION,
    ATTEST_RESULTS
};

// What the relying party accepts. All zero is the strictest: release enclaves on up-to-date platforms under
// Intel's root, whoever signed them.
struct attest_policy {
    bool accept_debug;        // debug enclaves keep no secrets
    bool accept_test_root;    // the published root of the software SGX: anyone can make such evidence
    uint32_t accept_tcb;      // ATTEST_TCB_BIT of every status accepted; 0: only up-to-date
    const uint8_t *mrenclave; // 32 bytes, or NULL: any
    const uint8_t *mrsigner;  // 32 bytes, or NULL: any
    bool check_product_id;
    uint16_t product_id;            // exactly this one, when checked
    uint16_t min_security_version;  // ISVSVN
    uint32_t min_evaluation_number; // tcbEvaluationDataNumber of the collateral
    struct attest_bytes extra_root; // one more trusted root certificate (PEM or DER), for private PKIs
    struct attest_bytes pck_chain;  // PEM; used when a quote does not carry its PCK certificate chain
};

// Everything after `reason` holds verified facts; it is zero unless the result is ATTEST_OK or a policy's
// refusal.
struct attest_verdict {
    enum attest_result result;
    char reason[224];         // one line for people
    size_t quote_size;        // bytes of the input that are the quote
    uint8_t report_body[384]; // as the hardware made it
    uint8_t mrenclave[32], mrsigner[32];
    uint16_t product_id, security_version; // ISVPRODID, ISVSVN
    uint8_t report_data[64];
    bool debug;
    bool test_root; // the chain ends in the published test root
    uint8_t fmspc[6];
    enum attest_tcb_status tcb_status;
    char tcb_date[24];          // RFC 3339; of the matched level
    char advisory_ids[512];     // sorted, separated by commas
    uint32_t evaluation_number; // the lower one of TCB info and QE identity
    int64_t collateral_expires; // first of the nextUpdate dates of TCB info and QE identity
};

// "UpToDate", ...; "unknown" for other values. Static.
const char *attest_tcb_status_name(enum attest_tcb_status status);
// "pck-revoked", ...; "unknown" for other values. Static.
const char *attest_result_name(enum attest_result result);

// The items of collateral in one buffer (abi/collateral.h): items point into it. -EBADMSG: the sizes do not
// fit.
int attest_collateral_parse(const void *data, size_t size, struct attest_collateral *ret_collateral);

// What to ask a PCCS for. -EBADMSG: not a quote, or it carries no PCK certificate.
int attest_quote_platform(const void *quote, size_t size, struct attest_platform *ret_platform);
int attest_certificate_platform(const void *certificate, size_t size, struct attest_platform *ret_platform);

// Verifies a quote, version 3, at `time` (seconds since 1970). Bytes behind the quote are ignored;
// ret_verdict->quote_size tells. The caller checks report_data against what it expects.
int attest_verify_quote(const void *quote, size_t size, const struct attest_collateral *collateral,
                        int64_t time, const struct attest_policy *policy, struct attest_verdict *ret_verdict);

// Verifies a certificate (DER, nothing behind it): self-signature, validity, and every piece of evidence in
// it: each must be genuine and bound to the certificate's key, and all must be of one enclave. Understood:
// the interoperable RA-TLS extension, Open Enclave's four, Gramine's. ret_identity and ret_verdict may be
// NULL; the identity is filled only on success.
int attest_verify_certificate(const void *certificate, size_t size,
                              const struct attest_collateral *collateral, int64_t time,
                              const struct attest_policy *policy, myst_tee_identity_t *ret_identity,
                              struct attest_verdict *ret_verdict);

// Obtains a quote over report_data; *ret_quote is malloc'ed. 0 or negative errno.
typedef int attest_quote_fn(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size);

struct attest_credentials {
    uint8_t *certificate; // DER
    size_t certificate_size;
    char *key;       // PEM
    size_t key_size; // counts the terminating NUL
    uint8_t *report; // Open Enclave report (header and quote), or NULL
    size_t report_size;
};

// EC P-256: the certificate carries two quotes, one in the interoperable RA-TLS extension and one in Open
// Enclave's. 0, what `quote` returned, -EBADMSG (it returned no quote over our report data), -ENOMEM, -EIO
// (crypto library).
int attest_generate(attest_quote_fn *quote, void *arg, struct attest_credentials *ret_credentials);
// RSA-3072: no extension; the report separately.
int attest_generate_ex(attest_quote_fn *quote, void *arg, struct attest_credentials *ret_credentials);
// Wipes the key and frees everything; fine on a zeroed struct.
void attest_credentials_free(struct attest_credentials *credentials);

#ifdef __cplusplus
}
#endif

#endif
