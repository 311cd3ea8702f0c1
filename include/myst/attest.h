// SPDX-License-Identifier: MIT
//
// Verifying the evidence of trusted execution environments (SGX enclaves, TDX trust domains, SEV-SNP guests),
// and making certificates that carry it. For relying parties and tools: a library of pure functions, bytes in
// and verdict out. It opens no file, talks to no network and has
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

// What the manufacturer (or the test platform) publishes about a platform: for SGX and TDX as Intel's PCS
// delivers it, for SEV-SNP the certificate of the key that signs reports, as AMD's KDS delivers it.
enum attest_collateral_item {
    ATTEST_TCB_INFO,          // JSON
    ATTEST_TCB_INFO_CHAIN,    // PEM
    ATTEST_QE_IDENTITY,       // JSON
    ATTEST_QE_IDENTITY_CHAIN, // PEM
    ATTEST_PCK_CRL,           // DER
    ATTEST_PCK_CRL_CHAIN,     // PEM; may be missing, as the quote carries the certificate that issued the CRL
    ATTEST_ROOT_CA_CRL,       // DER
    ATTEST_VEK,               // SNP: VCEK or VLEK, DER or PEM; certificates of its chain may follow
    ATTEST_VEK_CRL, // SNP: DER, by AMD's root; optional, unless the policy or an unknown CA asks for it
    ATTEST_COLLATERAL_ITEMS
};

struct attest_collateral {
    struct attest_bytes item[ATTEST_COLLATERAL_ITEMS];
};

// Which collateral a quote needs. Read from the quote, unverified: good for asking, not for deciding.
struct attest_platform {
    uint8_t fmspc[6];
    uint8_t ca;       // 0 processor, 1 platform
    uint8_t tee_type; // 0 SGX, 1 TDX
};

// What made the evidence.
enum attest_tee { ATTEST_SGX, ATTEST_TDX, ATTEST_SNP, ATTEST_TEES };
#define ATTEST_TEE_BIT(tee) (1u << (tee))
#define ATTEST_ANY_TEE      (ATTEST_TEE_BIT(ATTEST_TEES) - 1)

// Status of a platform's TCB, as its manufacturer judges it.
enum attest_tcb_status {
    ATTEST_TCB_UP_TO_DATE,
    ATTEST_TCB_SW_HARDENING_NEEDED,
    ATTEST_TCB_CONFIGURATION_NEEDED,
    ATTEST_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    ATTEST_TCB_OUT_OF_DATE,
    ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
    ATTEST_TCB_REVOKED, // never accepted
    // TDX: the platform has its updates; the trust domain was started before the last one.
    ATTEST_TCB_TD_RELAUNCH_ADVISED,
    ATTEST_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
    ATTEST_TCB_NOT_STATED, // SNP: AMD publishes no status; compare the TCB versions
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
    ATTEST_EVIDENCE_UNSUPPORTED, // of a kind that proves nothing to the outside, as local reports, or that nobody here knows
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
    ATTEST_TDX_MODULE_MISMATCH, // the TDX module is none that the TCB info knows
    ATTEST_TCB_NOT_SUPPORTED,   // the TCB info knows no level this low
    ATTEST_TCB_IS_REVOKED,

    ATTEST_REPORT_MALFORMED, // SEV-SNP
    ATTEST_REPORT_UNSUPPORTED,
    ATTEST_VEK_MISSING,
    ATTEST_VEK_MALFORMED,
    ATTEST_VEK_CHAIN_INVALID,
    ATTEST_VEK_CHAIN_UNTRUSTED,
    ATTEST_VEK_CHAIN_EXPIRED, // or not valid yet
    ATTEST_VEK_REVOKED,
    ATTEST_REPORT_SIGNATURE,
    ATTEST_VEK_MISMATCH, // the key is of another product, chip or TCB version

    ATTEST_POLICY_TEST_ROOT, // from here on: genuine, but not wanted
    ATTEST_POLICY_DEBUG,
    ATTEST_POLICY_TCB_STATUS,
    ATTEST_POLICY_EVALUATION_NUMBER,
    ATTEST_POLICY_MRENCLAVE,
    ATTEST_POLICY_MRSIGNER,
    ATTEST_POLICY_PRODUCT_ID,
    ATTEST_POLICY_SECURITY_VERSION,
    ATTEST_POLICY_TEE,
    ATTEST_POLICY_MEASUREMENT, // TDX, SNP
    ATTEST_POLICY_RTMR,        // TDX
    ATTEST_POLICY_SIGNER,      // TDX, SNP
    ATTEST_POLICY_REPORT_DATA,
    ATTEST_POLICY_ADVISORY,
    ATTEST_POLICY_COLLATERAL_AGE,
    ATTEST_POLICY_TCB_VERSION, // SNP
    ATTEST_POLICY_VMPL,        // SNP
    ATTEST_POLICY_MIGRATION,   // SNP
    ATTEST_POLICY_PROVIDER,    // SNP
    ATTEST_RESULTS
};

// A measurement or a signer: MRENCLAVE and MRSIGNER have 32 bytes, MRTD and SNP's measurement and key
// digests 48.
struct attest_value {
    uint8_t bytes[48];
    size_t size;
};

// What the relying party accepts. All zero is the strictest: release enclaves on up-to-date platforms under
// Intel's root, whoever signed them. What a policy asks and the evidence cannot answer is refused.
struct attest_policy {
    uint32_t accept_tees;     // ATTEST_TEE_BIT of every kind accepted; 0: only SGX
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

    const struct attest_value
        *measurements; // any one of these: MRENCLAVE, MRTD, SNP's measurement; none: any
    size_t measurements_count;
    // Any one of these: MRSIGNER; SNP: digest of the ID key, or of the author key. None: any. TDX names no
    // signer.
    const struct attest_value *signers;
    size_t signers_count;
    const uint8_t *report_data; // 64 bytes, or NULL: any
    bool check_advisories;      // every advisory of the platform must be among these
    const char *const *advisories;
    size_t advisories_count;
    int64_t
        max_collateral_age; // seconds since TCB info, QE identity and PCK CRL were issued; 0: until they end
    bool accept_migratable; // SNP: guests with a migration agent
    const uint8_t *rtmr[4]; // TDX: 48 bytes each, or NULL: any
    const uint8_t
        *snp_min_tcb; // SNP: 8 bytes as in the report, compared one by one with the reported TCB; or NULL
    bool check_snp_vmpl;
    uint8_t snp_max_vmpl; // at most this one, when checked
    bool require_snp_crl; // AMD's revocation list must be there
    // SNP: the report is signed by the key (VLEK) of one of these cloud providers, as their certificates name them; none: by any,
    // or by the chip's own.
    const char *const *snp_providers;
    size_t snp_providers_count;
};

// The report of a trust domain, as in its quote (Intel: TDX module specification). Little-endian.
struct attest_tdx {
    uint8_t tee_tcb_svn[16];
    uint8_t mrseam[48], mrsignerseam[48];
    uint64_t seamattributes, tdattributes, xfam;
    uint8_t mrtd[48], mrconfigid[48], mrowner[48], mrownerconfig[48];
    uint8_t rtmr[4][48];
    uint8_t reportdata[64];
    uint8_t tee_tcb_svn_2[16]; // quotes with report 1.5; else zero
    uint8_t mrservicetd[48];
};

// The report of a SEV-SNP guest (AMD: SEV-SNP firmware ABI, table of the attestation report).
struct attest_snp {
    uint32_t version, guest_svn;
    uint64_t policy, platform_info;
    uint8_t family_id[16], image_id[16];
    uint32_t vmpl;
    uint8_t current_tcb[8], reported_tcb[8], committed_tcb[8], launch_tcb[8]; // bytes as in the report
    uint8_t measurement[48], host_data[32];
    uint8_t id_key_digest[48], author_key_digest[48];
    bool author_key_enabled, chip_key_masked;
    uint8_t report_id[32], report_id_ma[32];
    uint8_t cpuid_family, cpuid_model, cpuid_stepping; // since version 3
    uint8_t chip_id[64];
    uint8_t current_version[3], committed_version[3]; // build, minor, major
    uint64_t launch_mitigations, current_mitigations; // since version 5
    bool vlek;        // signed by a cloud provider's key (VLEK), not by the chip's own (VCEK)
    char product[16]; // of the key's certificate: Milan, Genoa, Turin
    char csp_id[64];  // VLEK: whose key
    bool crl_checked; // AMD's revocation list was there
};

// What else the PCK certificate says about the platform. It may leave these out.
enum attest_answer { ATTEST_NOT_SAID, ATTEST_NO, ATTEST_YES };
struct attest_pck {
    bool has_ppid, has_instance_id, has_sgx_type;
    uint8_t ppid[16];        // of the processor package
    uint8_t instance_id[16]; // of the platform as it was set up (platform CA)
    uint8_t sgx_type;        // memory: 0 standard, 1 scalable, 2 scalable with integrity
    enum attest_answer dynamic_platform, cached_keys, smt_enabled;
};

// Everything after `reason` holds verified facts; it is zero unless the result is ATTEST_OK or a policy's
// refusal.
struct attest_verdict {
    enum attest_result result;
    char reason[224]; // one line for people
    enum attest_tee tee;
    uint32_t version;          // of the quote or report
    size_t quote_size;         // bytes of the input that are the quote
    uint8_t report_body[1184]; // as the hardware made it; zeros behind report_body_size
    size_t report_body_size;
    uint8_t mrenclave[32], mrsigner[32]; // SGX, as everything up to security_version
    uint64_t attributes, xfrm;
    uint32_t miscselect;
    uint8_t configid[64], isvextprodid[16], isvfamilyid[16];
    uint16_t configsvn;
    uint16_t product_id, security_version; // ISVPRODID, ISVSVN
    uint8_t report_data[64];
    struct attest_tdx tdx;
    struct attest_snp snp;
    bool debug;
    uint8_t cpusvn[16]; // SVNs of the platform's TCB components, by its PCK certificate
    uint8_t pceid[2];
    uint16_t pcesvn;
    struct attest_pck pck;
    bool test_root; // the chain ends in the published test root
    uint8_t fmspc[6];
    enum attest_tcb_status tcb_status;
    char tcb_date[24];          // RFC 3339; of the matched level
    char advisory_ids[1024];    // sorted, separated by commas
    uint32_t evaluation_number; // the lower one of TCB info and QE identity
    int64_t collateral_expires; // first of the nextUpdate dates of TCB info, QE identity and CRLs
    int64_t collateral_issued;  // first of the dates at which TCB info, QE identity and PCK CRL were issued
};

// A policy from the text of a JSON object (myst(1), "Policies"). Members that are not named have the strict
// values of a zero policy, but every kind of TEE is accepted unless "tee" names some. *ret_policy is to be
// freed with attest_policy_free. -EINVAL with one line in `reason`: not JSON, an unknown member, or a value
// of another form; -ENOMEM.
int attest_policy_parse(const void *json, size_t size, struct attest_policy **ret_policy, char *reason,
                        size_t reason_size);
// For what attest_policy_parse made; NULL is fine.
void attest_policy_free(struct attest_policy *policy);

// "UpToDate", ...; "unknown" for other values. Static.
const char *attest_tcb_status_name(enum attest_tcb_status status);
// "pck-revoked", ...; "unknown" for other values. Static.
const char *attest_result_name(enum attest_result result);

// "SGX", "TDX", "SEV-SNP"; "unknown" for other values. Static.
const char *attest_tee_name(enum attest_tee tee);

// The items of collateral in one buffer (abi/collateral.h): items point into it. -EBADMSG: the sizes do not
// fit.
int attest_collateral_parse(const void *data, size_t size, struct attest_collateral *ret_collateral);

// What to ask a PCCS for. -EBADMSG: not a quote, or it carries no PCK certificate.
int attest_quote_platform(const void *quote, size_t size, struct attest_platform *ret_platform);
// The same for bare evidence of any kind.
int attest_evidence_platform(const void *evidence, size_t size, struct attest_platform *ret_platform);
int attest_certificate_platform(const void *certificate, size_t size, struct attest_platform *ret_platform);

// Verifies a quote (version 3, 4 or 5; SGX or TDX) at `time` (seconds since 1970). Zeros behind the quote are
// ignored, other bytes refused; ret_verdict->quote_size tells. The caller checks report_data against what it expects.
int attest_verify_quote(const void *quote, size_t size, const struct attest_collateral *collateral,
                        int64_t time, const struct attest_policy *policy, struct attest_verdict *ret_verdict);

// Verifies a SEV-SNP report (version 2 to 5). A certificate table of the guest driver may stand behind the
// report: its VCEK or VLEK is used when the collateral has none.
int attest_verify_report(const void *report, size_t size, const struct attest_collateral *collateral,
                         int64_t time, const struct attest_policy *policy,
                         struct attest_verdict *ret_verdict);

// Verifies whatever bare evidence this is: a quote, a SEV-SNP report, or an Open Enclave report or evidence around a
// quote. The claims of the latter, if there are any, must be those that the quote is over.
int attest_verify_evidence(const void *evidence, size_t size, const struct attest_collateral *collateral,
                           int64_t time, const struct attest_policy *policy,
                           struct attest_verdict *ret_verdict);

// Verifies a certificate (DER, nothing behind it): self-signature, validity, and every piece of evidence in
// it: each must be genuine and bound to the certificate's key, and all must be of one enclave. Understood:
// the interoperable RA-TLS extension, Open Enclave's four, Gramine's. ret_identity and ret_verdict may be
// NULL; the identity is filled only on success. An identity names an SGX enclave: with ret_identity other
// evidence is refused.
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
