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
#include "attest/crypto.h"
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

static void json(const uint8_t *data, size_t size)
{
    struct signed_json json;
    struct tcb_info info = {0};
    struct qe_identity identity = {0};
    if (signed_json_parse((struct attest_bytes){data, size}, "tcbInfo", &json))
        (void)tcb_info_parse(json.value, &info);
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

static bool is_genuine_json(struct attest_bytes text, const char *name)
{
    struct signed_json json;
    const bool ok = signed_json_parse(text, name, &json) && is_genuine(json.body.data, json.body.size);
    json_decref(json.value);
    return ok;
}

// Evidence with all that it takes to accept it: a byte that chooses a policy, the time (8 bytes), the size of the collateral (4),
// the collateral as it travels, the evidence. For a SEV-SNP report the first item is the certificate of its key.
static void whole(const uint8_t *data, size_t size)
{
    static const struct attest_policy strict = {0},
                                      picky = {.accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_tcb = ATTEST_TCB_CURRENT,
                                               .check_advisories = true, .max_collateral_age = 86400, .min_evaluation_number = 17};
    static const struct attest_policy *const policies[] = {&policy, &policy, &strict, &picky};
    struct attest_collateral collateral;
    struct attest_verdict v;
    int64_t time;
    uint32_t length;
    if (size < 13)
        return;
    const struct attest_policy *p = policies[data[0] % 4];
    memcpy(&time, data + 1, 8);
    memcpy(&length, data + 9, 4);
    if (length > size - 13 || attest_collateral_parse(data + 13, length, &collateral))
        return;
    const struct attest_bytes evidence = {data + 13 + length, size - 13 - length};
    collateral.item[ATTEST_VEK] = collateral.item[ATTEST_TCB_INFO];
    collateral.item[ATTEST_VEK_CRL] = collateral.item[ATTEST_PCK_CRL];
    if (attest_verify_evidence(evidence.data, evidence.size, &collateral, time, p, &v))
        return;
    const size_t body = v.tee == ATTEST_SNP ? 0x2a0 : v.report_body_size;
    if (!is_genuine(v.report_body, body) ||
        (v.tee != ATTEST_SNP && (!is_genuine_json(collateral.item[ATTEST_TCB_INFO], "tcbInfo") ||
                                 !is_genuine_json(collateral.item[ATTEST_QE_IDENTITY], "enclaveIdentity") ||
                                 !is_genuine(collateral.item[ATTEST_PCK_CRL].data, collateral.item[ATTEST_PCK_CRL].size))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const uint8_t *, size_t) = {certificate,     quote,      json, parts, report,
                                                               revocation_list, policy_text, whole};
    if (size)
        targets[data[0] % (sizeof(targets) / sizeof(*targets))](data + 1, size - 1);
    return 0;
}
