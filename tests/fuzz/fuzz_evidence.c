// SPDX-License-Identifier: MIT
//
// Fuzzer entry: certificates, quotes, reports, collateral, revocation lists, signed JSON and policies from anybody.
// The first byte chooses which. Nothing may be accepted: a fuzzer cannot sign.
#include <stdlib.h>
#include <string.h>

#include <myst/attest.h>

#include "attest/cbor.h"
#include "attest/pck.h"
#include "attest/signed_json.h"
#include "attest/snp.h"
#include "attest/tcb.h"
#include "attest/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    if (evidence_parse(bytes, &a, &b, &is_report))
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const uint8_t *, size_t) = {certificate,     quote,      json, parts, report,
                                                               revocation_list, policy_text};
    if (size)
        targets[data[0] % (sizeof(targets) / sizeof(*targets))](data + 1, size - 1);
    return 0;
}
