// SPDX-License-Identifier: MIT
//
// Fuzzer entry: certificates, quotes, reports, collateral, revocation lists, signed JSON and policies from anybody.
// The first byte chooses which. Nothing may be accepted: a fuzzer cannot sign. Where it starts from genuine evidence (tests/fuzz/seeds)
// the environment variable FUZZ_GENUINE names a file of SHA-256 digests of what was signed, and only that may be accepted.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <myst/attest.h>

#include "attest/cbor.h"
#include "attest/certificate_make.h"
#include "attest/crypto.h"
#include "attest/extension.h"
#include "attest/pck.h"
#include "attest/signed_json.h"
#include "attest/snp.h"
#include "attest/tcb.h"
#include "attest/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { DIGEST_SIZE = 32 };
static uint8_t genuine[1024][DIGEST_SIZE];
static size_t genuine_count;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *path = getenv("FUZZ_GENUINE");
    FILE *f = path ? fopen(path, "rb") : NULL;
    if (!f)
        return 0;
    genuine_count = fread(genuine, DIGEST_SIZE, sizeof(genuine) / DIGEST_SIZE, f);
    fclose(f);
    return 0;
}

static bool is_genuine(const void *data, size_t size)
{
    uint8_t digest[DIGEST_SIZE];
    if (!sha256((struct attest_bytes){data, size}, digest))
        return false;
    for (size_t i = 0; i < genuine_count; i++)
        if (!memcmp(digest, genuine[i], DIGEST_SIZE))
            return true;
    return false;
}

static const struct attest_policy policy = {
    .accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_test_root = true, .accept_tcb = ~0u};

static void certificate(const uint8_t *data, size_t size)
{
    const struct attest_collateral none = {0};
    struct attest_verdict verdict;
    struct attest_platform platform;
    if (!attest_verify_certificate(data, size, &none, 1756530546, &policy, NULL, &verdict))
        abort();
    (void)attest_certificate_platform(data, size, &platform);
}

// The collateral first, then the quote: both may be anything.
static void quote(const uint8_t *data, size_t size)
{
    struct attest_collateral collateral = {0};
    struct attest_verdict verdict;
    struct attest_platform platform;
    const size_t half = size / 2;
    (void)attest_collateral_parse(data, half, &collateral);
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        if (!collateral.item[i].size)
            collateral.item[i] = (struct attest_bytes){data, half};
    if (!attest_verify_quote(data + half, size - half, &collateral, 1756530546, &policy, &verdict))
        abort();
    (void)attest_quote_platform(data, size, &platform);
}

// What the TCB info says about some platform and trust domain: numbers that depend on all of the input, and are small as those of
// levels are.
static void evaluate(const struct tcb_info *info, const uint8_t *data, size_t size)
{
    uint8_t n[DIGEST_SIZE];
    struct pck pck = {.pcesvn = 13};
    struct quote quote = {.tee = ATTEST_TDX, .has_td_1_5 = true};
    struct tdx_tcb tcb;
    if (!sha256((struct attest_bytes){data, size}, n))
        return;
    memset(pck.component, n[0] & 1 ? 0xff : 2, sizeof(pck.component));
    memset(quote.td.tee_tcb_svn, n[1] & 1 ? 0xff : 0, sizeof(quote.td.tee_tcb_svn));
    memset(quote.td.tee_tcb_svn_2, 0xff, sizeof(quote.td.tee_tcb_svn_2));
    for (int i = 0; i < 3; i++) {
        quote.td.tee_tcb_svn[i] = n[2 + i] & 7;
        quote.td.tee_tcb_svn_2[i] = n[5 + i] & (n[8] & 1 ? 7 : 3);
    }
    quote.td.mrsignerseam[0] = n[9] == 1;
    quote.td.seamattributes = n[10] == 1;
    (void)tcb_info_level(info, &pck);
    if (info->tdx && !tdx_module_mismatch(info, &quote.td))
        (void)tdx_evaluate(info, &pck, &quote, n[11] & 3 ? ATTEST_TCB_UP_TO_DATE : ATTEST_TCB_OUT_OF_DATE, &tcb);
}

static void json(const uint8_t *data, size_t size)
{
    struct signed_json json;
    struct tcb_info info = {0};
    struct qe_identity identity = {0};
    if (signed_json_parse((struct attest_bytes){data, size}, "tcbInfo", &json) && tcb_info_parse(json.value, &info))
        evaluate(&info, data, size);
    json_decref(json.value);
    if (signed_json_parse((struct attest_bytes){data, size}, "enclaveIdentity", &json))
        (void)qe_identity_parse(json.value, &identity);
    json_decref(json.value);
    tcb_info_free(&info);
    free(identity.levels);
}

static void parts(const uint8_t *data, size_t size)
{
    const struct attest_bytes bytes = {data, size};
    struct attest_bytes a, b;
    struct pck pck;
    struct vek vek;
    bool is_report;
    if (!evidence_parse(bytes, &a, &b, &is_report))
        (void)claims_name_key(b, a);
    (void)claims_name_key(bytes, bytes);
    STACK_OF(X509) *certificates = certificates_parse(bytes);
    for (int i = 0; i < sk_X509_num(certificates); i++)
        (void)pck_parse(sk_X509_value(certificates, i), &pck),
            (void)vek_parse(sk_X509_value(certificates, i), &vek);
    certificates_free(certificates);
}

// A report, and a table with the certificate of its key behind it.
static void report(const uint8_t *data, size_t size)
{
    const struct attest_collateral none = {0};
    struct attest_verdict verdict;
    struct attest_bytes found;
    if (!attest_verify_report(data, size, &none, 1756530546, &policy, &verdict) ||
        !attest_verify_evidence(data, size, &none, 1756530546, &policy, &verdict))
        abort();
    for (int i = 0; i < SNP_TABLE_ENTRIES; i++)
        (void)snp_table_find((struct attest_bytes){data, size}, (enum snp_table_entry)i, &found);
}

// What is taken for a list is its own encoding.
static void revocation_list(const uint8_t *data, size_t size)
{
    X509_CRL *crl;
    unsigned char *again = NULL;
    if (!crl_parse((struct attest_bytes){data, size}, &crl))
        return;
    if (i2d_X509_CRL(crl, &again) != (int)size || memcmp(again, data, size))
        abort();
    OPENSSL_free(again);
    X509_CRL_free(crl);
}

static void policy_text(const uint8_t *data, size_t size)
{
    struct attest_policy *parsed = NULL;
    char reason[64] = "";
    const int r = attest_policy_parse(data, size, &parsed, reason, sizeof(reason));
    if (r ? !reason[0] || parsed : !parsed)
        abort();
    attest_policy_free(parsed);
}

// What a certificate says behind its self-signature, which a fuzzer does not get past: here it is right, and the evidence is anything.
static const struct {
    const char *oid;
    enum evidence_kind kind;
} extensions[] = {{OID_TAGGED_EVIDENCE, EVIDENCE_TAGGED},
                  {OID_OE_REPORT, EVIDENCE_OE_REPORT},
                  {"1.3.6.1.4.1.311.105.2", EVIDENCE_OE_EVIDENCE},
                  {"0.6.9.42.840.113741.1337.6", EVIDENCE_GRAMINE},
                  {"1.2.840.113741.1.13.1", EVIDENCE_INTEL}};
enum { EXTENSIONS = sizeof(extensions) / sizeof(*extensions), TAGGED_FOR_US = EXTENSIONS, REPORT_DATA_AT = 48 + 320 };

// The report data of a quote of an enclave, where it would be bound to the key.
static void bind(uint8_t *quote, size_t size, struct attest_bytes to)
{
    if (size >= REPORT_DATA_AT + 64 && sha256(to, quote + REPORT_DATA_AT))
        memset(quote + REPORT_DATA_AT + 32, 0, 32);
}

static uint8_t *evidence_for(const struct public_key *key, uint8_t *quote, size_t size, size_t *ret_size)
{
    uint8_t claims[CLAIMS_SIZE];
    if (!claims_make((struct attest_bytes){key->spki, key->spki_size}, claims))
        return NULL;
    bind(quote, size, (struct attest_bytes){claims, sizeof(claims)});
    return evidence_make((struct attest_bytes){quote, size}, claims, ret_size);
}

// Two extensions, chosen by a byte each; the second one begins where a number of two bytes says.
static void signed_certificate(const uint8_t *data, size_t size)
{
    static EVP_PKEY *pkey;
    static struct public_key key;
    struct certificate_extension e[2];
    uint8_t *copy = malloc(size + 1), *made = NULL;
    size_t count = 0, at = 4;
    if (!pkey && (!(pkey = EVP_EC_gen("P-256")) || !public_key_of(pkey, &key)))
        abort();
    if (size >= 4 && copy) {
        const size_t rest = size - 4, split = (size_t)(data[2] | data[3] << 8), first = split < rest ? split : rest;
        memcpy(copy, data, size);
        for (; count < 2; at += first, count++) {
            const unsigned choice = data[count] % (EXTENSIONS + 1);
            struct attest_bytes value = {copy + at, count ? rest - first : first};
            if (choice == TAGGED_FOR_US && !made)
                value.data = made = evidence_for(&key, copy + at, value.size, &value.size);
            else if (choice < EXTENSIONS && extensions[choice].kind == EVIDENCE_GRAMINE)
                bind(copy + at, value.size, (struct attest_bytes){key.spki, key.spki_size});
            e[count] = (struct certificate_extension){extensions[choice % EXTENSIONS].oid, value};
        }
        X509 *c = certificate_make(pkey, "20190501000000Z", e, data[0] & 0x80 ? 1 : 2);
        unsigned char *der = NULL;
        const int length = c ? i2d_X509(c, &der) : 0;
        if (length > 0)
            certificate(der, (size_t)length);
        OPENSSL_free(der);
        X509_free(c);
    }
    free(made);
    free(copy);
}

static bool is_genuine_json(struct attest_bytes text, const char *name)
{
    struct signed_json json;
    const bool ok = signed_json_parse(text, name, &json) && is_genuine(json.body.data, json.body.size);
    json_decref(json.value);
    return ok;
}

static const uint8_t other[64] = {1};
static const struct attest_value other_value = {.bytes = {1}, .size = 48}, other_enclave = {.bytes = {1}, .size = 32};
static const char *const nobody = "CN=nobody";
#define ANY .accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_tcb = ~0u
static const struct attest_policy policies[] = {
    {0},
    {ANY},
    {.accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_tcb = ATTEST_TCB_CURRENT, .check_advisories = true,
     .max_collateral_age = 86400, .min_evaluation_number = 17},
    {ANY, .measurements = &other_value, .measurements_count = 1},
    {ANY, .measurements = &other_enclave, .measurements_count = 1},
    {ANY, .signers = &other_value, .signers_count = 1},
    {ANY, .rtmr = {NULL, other}},
    {ANY, .report_data = other},
    {ANY, .check_product_id = true, .product_id = 7},
    {ANY, .min_security_version = UINT16_MAX},
    {ANY, .mrenclave = other},
    {ANY, .mrsigner = other},
    {ANY, .require_snp_crl = true},
    {ANY, .snp_min_tcb = other, .check_snp_vmpl = true},
    {ANY, .snp_providers = &nobody, .snp_providers_count = 1},
    {.accept_tees = ATTEST_ANY_TEE, .accept_tcb = ~0u, .check_advisories = true, .advisories = &nobody, .advisories_count = 1},
};

// Evidence with all that it takes to accept it: a byte that chooses a policy, the time (8 bytes), the size of the collateral (4),
// the collateral as it travels, the evidence. For a SEV-SNP report the first item is the certificate of its key, and the PCK CRL AMD's.
static void whole(const uint8_t *data, size_t size)
{
    struct attest_collateral collateral;
    struct attest_verdict v;
    int64_t time;
    uint32_t length;
    if (size < 13)
        return;
    const struct attest_policy *p = &policies[data[0] % (sizeof(policies) / sizeof(*policies))];
    memcpy(&time, data + 1, 8);
    memcpy(&length, data + 9, 4);
    if (length > size - 13 || attest_collateral_parse(data + 13, length, &collateral))
        return;
    const struct attest_bytes evidence = {data + 13 + length, size - 13 - length};
    collateral.item[ATTEST_VEK] = collateral.item[ATTEST_TCB_INFO];
    collateral.item[ATTEST_VEK_CRL] = collateral.item[ATTEST_PCK_CRL];
    const bool in_certificate = evidence.size && *(const uint8_t *)evidence.data == 0x30;
    if (in_certificate ? attest_verify_certificate(evidence.data, evidence.size, &collateral, time, p, NULL, &v)
                       : attest_verify_evidence(evidence.data, evidence.size, &collateral, time, p, &v))
        return;
    const size_t body = v.tee == ATTEST_SNP ? 0x2a0 : v.report_body_size;
    if (!is_genuine(v.report_body, body) || (in_certificate && !is_genuine(evidence.data, evidence.size)) ||
        (v.tee != ATTEST_SNP && (!is_genuine_json(collateral.item[ATTEST_TCB_INFO], "tcbInfo") ||
                                 !is_genuine_json(collateral.item[ATTEST_QE_IDENTITY], "enclaveIdentity") ||
                                 !is_genuine(collateral.item[ATTEST_PCK_CRL].data, collateral.item[ATTEST_PCK_CRL].size))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const uint8_t *, size_t) = {certificate,     quote,      json, parts, report,
                                                               revocation_list, policy_text, whole, signed_certificate};
    if (size)
        targets[data[0] % (sizeof(targets) / sizeof(*targets))](data + 1, size - 1);
    return 0;
}
