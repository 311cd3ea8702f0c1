// SPDX-License-Identifier: MIT
//
// Verification of an RA-TLS certificate. It is its own issuer, so all trust comes from the evidence in it: a
// quote over the certificate's key. All evidence that is there must be genuine, bound to the key, and of one
// enclave: a peer that looks at another extension than we do must come to the same verdict.
#include <errno.h>
#include <string.h>

#include "attest/extension.h"
#include "attest/quote.h"
#include "attest/snp.h"
#include "attest/validity.h"
#include "attest/verdict.h"
#include "attest/x509.h"

struct judgement {
    const struct attest_collateral *collateral;
    const struct attest_policy *policy;
    int64_t time;
    struct attest_verdict *verdict;
    struct public_key key;
    struct evidence evidence[MAX_EVIDENCE];
    int count;
};

static int check_validity(const X509 *certificate, int64_t seconds, struct attest_verdict *v)
{
    if (!validity_has_begun(X509_get0_notBefore(certificate), seconds))
        return refuse(v, ATTEST_CERTIFICATE_EXPIRED, "the certificate is not valid yet");
    if (validity_has_ended(X509_get0_notAfter(certificate), seconds))
        return refuse(v, ATTEST_CERTIFICATE_EXPIRED, "the certificate has expired");
    return 0;
}

static bool is_strong(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "EC"))
        return EVP_PKEY_get_bits(key) >= 256;
    return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 2048;
}

static int check_signature(X509 *certificate, struct attest_verdict *v)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    int digest = NID_undef; // with RSA-PSS a parameter of the signature
    if (!key || !is_strong(key))
        return refuse(v, ATTEST_CERTIFICATE_MALFORMED,
                      "the certificate's key is not an EC or RSA key of sufficient size");
    if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)))
        return refuse(v, ATTEST_CERTIFICATE_SIGNATURE, "the certificate is not self-signed");
    if (X509_get_signature_info(certificate, &digest, NULL, NULL, NULL) != 1 ||
        (digest != NID_sha256 && digest != NID_sha384 && digest != NID_sha512))
        return refuse(v, ATTEST_CERTIFICATE_SIGNATURE, "the certificate's signature does not use SHA-2");
    if (X509_verify(certificate, key) != 1)
        return refuse(v, ATTEST_CERTIFICATE_SIGNATURE, "the certificate's signature does not verify");
    return 0;
}

static int find_evidence(struct judgement *j, const X509 *certificate)
{
    j->count = evidence_find(certificate, j->evidence, j->verdict);
    if (j->count < 0)
        return j->count;
    for (int i = 0; i < j->count; i++)
        if (j->evidence[i].kind != EVIDENCE_INTEL)
            return 0;
    return refuse(j->verdict, ATTEST_EVIDENCE_MISSING,
                  "the certificate carries no evidence that is bound to its key");
}

// A raw quote under Intel's number has no binding of its own: it must be the very quote of other evidence.
static int check_repeated(const struct judgement *j, const struct evidence *raw)
{
    for (int i = 0; i < j->count; i++) {
        const struct evidence *e = &j->evidence[i];
        if (e->kind != EVIDENCE_INTEL && e->quote.size == raw->quote.size &&
            !memcmp(e->quote.data, raw->quote.data, raw->quote.size))
            return 0;
    }
    return refuse(j->verdict, ATTEST_KEY_BINDING,
                  "a quote in the certificate is not bound to the certificate's key");
}

// What the hardware put under its signature for the enclave, and the size of the evidence proper.
static int read_report_data(const struct evidence *e, uint8_t report_data[64], size_t *ret_size,
                            struct attest_verdict *v)
{
    struct snp_report report;
    struct quote quote;
    const int r = e->is_report ? snp_report_parse(e->quote, &report, v) : quote_parse(e->quote, &quote, v);
    if (r)
        return r;
    memcpy(report_data, e->is_report ? report.report_data : quote_report_data(&quote), 64);
    *ret_size = e->is_report ? SNP_REPORT_SIZE : quote.size;
    return 0;
}

static int check_binding(const struct judgement *j, const struct evidence *e)
{
    uint8_t wanted[64], found[64];
    size_t size;
    const int r = read_report_data(e, found, &size, j->verdict);
    if (r)
        return r;
    if (size != e->quote.size)
        return refuse(j->verdict, ATTEST_EVIDENCE_MALFORMED, "bytes follow a quote in the certificate");
    if (e->kind == EVIDENCE_INTEL)
        return check_repeated(j, e);
    if (!evidence_report_data(e, &j->key, wanted) || memcmp(wanted, found, sizeof(wanted)))
        return refuse(j->verdict, ATTEST_KEY_BINDING, "a quote in the certificate was made for another key");
    return 0;
}

// The signed part of a verdict's report without the report data.
static size_t identity_bytes(const struct attest_verdict *v, uint8_t bytes[sizeof(v->report_body)])
{
    static const size_t report_data_at[ATTEST_TEES] = {[ATTEST_SGX] =
                                                           offsetof(struct sgx_report_body, reportdata),
                                                       [ATTEST_TDX] = offsetof(struct attest_tdx, reportdata),
                                                       [ATTEST_SNP] = SNP_REPORT_DATA_OFFSET};
    memcpy(bytes, v->report_body, sizeof(v->report_body));
    memset(bytes + report_data_at[v->tee], 0, sizeof(v->report_data));
    return v->tee == ATTEST_SNP ? SNP_SIGNED_SIZE : v->report_body_size;
}

// Two quotes of one enclave differ in their report data only.
static bool same_enclave(const struct attest_verdict *a, const struct attest_verdict *b)
{
    uint8_t of_a[sizeof(a->report_body)], of_b[sizeof(b->report_body)];
    if (a->tee != b->tee)
        return false;
    const size_t size = identity_bytes(a, of_a);
    return identity_bytes(b, of_b) == size && !memcmp(of_a, of_b, size) && a->test_root == b->test_root &&
           !memcmp(a->fmspc, b->fmspc, sizeof(a->fmspc));
}

static int check_quotes(struct judgement *j)
{
    struct attest_verdict first;
    for (int i = 0; i < j->count; i++) {
        const struct attest_bytes quote = j->evidence[i].quote;
        const int r = (j->evidence[i].is_report ? attest_verify_report : attest_verify_quote)(
            quote.data, quote.size, j->collateral, j->time, j->policy, j->verdict);
        if (r)
            return r;
        if (i == 0)
            first = *j->verdict;
        else if (!same_enclave(&first, j->verdict))
            return refuse(j->verdict, ATTEST_EVIDENCE_CONFLICT,
                          "the quotes in the certificate are of different enclaves");
    }
    return 0;
}

static int judge(struct judgement *j, X509 *certificate)
{
    int r = check_validity(certificate, j->time, j->verdict);
    if (!r)
        r = check_signature(certificate, j->verdict);
    if (!r && !public_key_of_certificate(certificate, &j->key))
        r = refuse(j->verdict, ATTEST_INTERNAL, "out of memory");
    if (!r)
        r = find_evidence(j, certificate);
    for (int i = 0; !r && i < j->count; i++)
        r = check_binding(j, &j->evidence[i]);
    return r ? r : check_quotes(j);
}

static void tell_identity(const struct attest_verdict *v, myst_tee_identity_t *identity)
{
    *identity = (myst_tee_identity_t){
        .security_version = v->security_version,
        .attributes = MYST_IDENTITY_ATTRIBUTE_REMOTE | (v->debug ? MYST_IDENTITY_ATTRIBUTE_DEBUG : 0),
        .product_id = {v->product_id & 0xff, v->product_id >> 8},
    };
    memcpy(identity->unique_id, v->mrenclave, sizeof(identity->unique_id));
    memcpy(identity->signer_id, v->mrsigner, sizeof(identity->signer_id));
}

int attest_verify_certificate(const void *data, size_t size, const struct attest_collateral *collateral,
                              int64_t time, const struct attest_policy *policy,
                              myst_tee_identity_t *ret_identity, struct attest_verdict *ret_verdict)
{
    struct attest_verdict own;
    struct attest_verdict *v = ret_verdict ? ret_verdict : &own;
    struct judgement j = {.collateral = collateral, .policy = policy, .time = time, .verdict = v};
    memset(v, 0, sizeof(*v));
    if (ret_identity)
        memset(ret_identity, 0, sizeof(*ret_identity));
    X509 *certificate = certificate_parse((struct attest_bytes){data, size});
    const int r = certificate
                      ? judge(&j, certificate)
                      : refuse(v, ATTEST_CERTIFICATE_MALFORMED, "this is not exactly one DER certificate");
    public_key_free(&j.key);
    X509_free(certificate);
    if (r || !ret_identity)
        return r;
    if (v->tee != ATTEST_SGX)
        return refuse(v, ATTEST_POLICY_TEE, "the evidence is of %s, an identity names an enclave of SGX",
                      attest_tee_name(v->tee));
    tell_identity(v, ret_identity);
    return 0;
}

int attest_certificate_platform(const void *data, size_t size, struct attest_platform *ret)
{
    struct attest_verdict verdict;
    struct evidence evidence[MAX_EVIDENCE];
    X509 *certificate = certificate_parse((struct attest_bytes){data, size});
    const int count = certificate ? evidence_find(certificate, evidence, &verdict) : 0;
    int r = -EBADMSG;
    if (count > 0)
        r = attest_quote_platform(evidence[0].quote.data, evidence[0].quote.size, ret);
    X509_free(certificate);
    return r;
}
