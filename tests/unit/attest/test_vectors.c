// SPDX-License-Identifier: MIT
//
// Real quotes and certificates with the collateral of their time: the verdicts must be the ones that the
// collection's manifest tells, and every published forgery and mutation must be refused for its reason.
#include <openssl/pem.h>

#include "attest/crypto.h"
#include "attest/quote.h"
#include "attest/signed_json.h"
#include "attest/tcb.h"
#include "tests/unit/attest/evidence_files.h"
#include "tests/unit/attest/manifest.h"

static const struct attest_policy accept_all = {
    .accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_tcb = ACCEPT_ANY_TCB};

// What the manifest calls the failing link.
static bool result_has_name(enum attest_result result, const char *names)
{
    static const struct {
        enum attest_result result;
        const char *name;
    } table[] = {
        {ATTEST_TCB_INFO_EXPIRED, "TCB_INFO_EXPIRED"},
        {ATTEST_QE_IDENTITY_EXPIRED, "QE_IDENTITY_EXPIRED"},
        {ATTEST_CRL_EXPIRED, "PCK_CRL_EXPIRED"},
        {ATTEST_CRL_EXPIRED, "ROOT_CRL_EXPIRED"},
        {ATTEST_PCK_CHAIN_EXPIRED, "CERT_NOT_VALID_AT_T"},
        {ATTEST_CRL_INVALID, "PCK_CRL_WRONG_ISSUER"},
        {ATTEST_TCB_INFO_MISMATCH, "TCB_INFO_MISMATCH"},
        {ATTEST_TCB_NOT_SUPPORTED, "TCB_NOT_SUPPORTED"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].result == result && strstr(names, table[i].name))
            return true;
    return false;
}

static void check_td_claims(const char *text, const struct attest_verdict *v)
{
    char key[8];
    uint8_t number[8];
    check_hex(text, "MRTD=", v->tdx.mrtd, sizeof(v->tdx.mrtd));
    check_hex(text, "TEE_TCB_SVN=", v->tdx.tee_tcb_svn, sizeof(v->tdx.tee_tcb_svn));
    check_hex(text, "MRSEAM=", v->tdx.mrseam, sizeof(v->tdx.mrseam));
    memcpy(number, &v->tdx.tdattributes, sizeof(number));
    check_hex(text, "TDATTRIBUTES=", number, sizeof(number));
    memcpy(number, &v->tdx.xfam, sizeof(number));
    check_hex(text, "XFAM=", number, sizeof(number));
    for (int i = 0; i < 4; i++) {
        snprintf(key, sizeof(key), "RTMR%d=", i);
        check_hex(text, key, v->tdx.rtmr[i], sizeof(v->tdx.rtmr[i]));
    }
    CHECK(v->debug == !strncmp(strstr(text, "TDATTRIBUTES="), "TDATTRIBUTES=01", 15));
}

static void check_enclave_claims(const char *identity, const struct attest_verdict *v)
{
    char text[64];
    snprintf(text, sizeof(text), "ISVPRODID=%u ISVSVN=%u DEBUG=%d ", v->product_id, v->security_version,
             v->debug);
    check_hex(identity, "MRENCLAVE=", v->mrenclave, sizeof(v->mrenclave));
    check_hex(identity, "MRSIGNER=", v->mrsigner, sizeof(v->mrsigner));
    CHECK(strstr(identity, text));
}

static void check_claims(const char *columns[COLUMNS], const struct attest_verdict *v)
{
    const char *status = strstr(columns[COLUMN_EXPECTED], "TCB status ");
    CHECK(status && !strcmp(status + strlen("TCB status "), attest_tcb_status_name(v->tcb_status)));
    CHECK(!strcmp(columns[COLUMN_ADVISORIES], v->advisory_ids));
    CHECK(v->tee == (strstr(columns[COLUMN_KIND], "TDX") ? ATTEST_TDX : ATTEST_SGX));
    if (v->tee == ATTEST_TDX)
        check_td_claims(columns[COLUMN_IDENTITY], v);
    else
        check_enclave_claims(columns[COLUMN_IDENTITY], v);
    check_hex(columns[COLUMN_IDENTITY], "REPORTDATA=", v->report_data, sizeof(v->report_data));
    check_hex(columns[COLUMN_FMSPC], "", v->fmspc, sizeof(v->fmspc));
    CHECK(!v->test_root);
}

static int quotes_accepted, quotes_refused;

static void check_quote(const char *columns[COLUMNS])
{
    struct file quote;
    struct collateral_set set = {0};
    struct attest_verdict v;
    const char *set_name = columns[COLUMN_SET], *expected = columns[COLUMN_EXPECTED];
    if (strncmp(columns[COLUMN_KIND], "quote v", 7) || !strncmp(columns[COLUMN_FILE], "negative/qvl", 12))
        return;
    CHECK(file_load(".", columns[COLUMN_FILE], &quote));
    collateral_load(*set_name ? set_name : "sgx-00a067110000-20250619", &set);
    const int64_t time = *set_name ? atoll(columns[COLUMN_TIME]) : 1752919277;
    const int r = attest_verify_quote(quote.bytes, quote.size, &set.collateral, time, &accept_all, &v);
    printf("%-55s %-40s %s: %s\n", columns[COLUMN_FILE], set_name, attest_result_name(v.result), v.reason);
    if (strstr(set_name, "crl")) // a CRL is not in the set: the manifest's verdict waives it, ours never does
        CHECK_RESULT(v, ATTEST_COLLATERAL_MISSING);
    else if (strstr(columns[COLUMN_KIND], "cd3"))
        CHECK_RESULT(v, ATTEST_PCK_CHAIN_MISSING);
    else if (!strncmp(expected, "VERIFIES", 8)) {
        CHECK_RESULT(v, ATTEST_OK);
        CHECK(!r);
        check_claims(columns, &v);
    } else if (*set_name)
        CHECK(r && result_has_name(v.result, expected));
    CHECK(!r == !strncmp(expected, "VERIFIES", 8) || v.result == ATTEST_COLLATERAL_MISSING);
    quotes_accepted += !r;
    quotes_refused += r != 0;
    free(quote.bytes);
    collateral_unload(&set);
}

// The manifest's collateral for this one lacks the root CRL, so its signature is looked at alone.
static void check_corrupted_signature(void)
{
    struct file file;
    struct quote quote;
    struct attest_verdict v;
    CHECK(file_load("negative", "sgx-v3-signature-corrupted.bin", &file));
    CHECK(!quote_parse((struct attest_bytes){file.bytes, file.size}, &quote, &v));
    EVP_PKEY *key = p256_key(quote.signature.attestation_key);
    CHECK(key && !p256_verify(key, quote.signature.signature, quote.signed_part));
    EVP_PKEY_free(key);
    free(file.bytes);
}

// The collateral for the quotes that are mutated; returns a time when it was valid.
static int64_t collateral_of(const char *file, struct collateral_set *set)
{
    static const struct {
        const char *file, *set;
        int64_t time;
    } table[] = {{"sgx-quote-v3/dcapqvl-00a067110000.bin", "sgx-00a067110000-20250619", 1752919277},
                 {"tdx-quote-v4/dcapqvl-b0c06f000000.bin", "tdx-b0c06f000000-20250619", 1752919234},
                 {"tdx-quote-v5/gotdx-90c06f000000.bin", "tdx-90c06f000000-20260218", 1773057157}};
    size_t i = 0;
    while (strcmp(table[i].file, file))
        CHECK(++i < sizeof(table) / sizeof(*table));
    collateral_load(table[i].set, set);
    return table[i].time;
}

static int mutations;

static void check_mutation(const char *columns[COLUMNS])
{
    static const struct {
        const char *text;
        enum attest_result result;
    } table[] = {
        {"certificate bytes", ATTEST_PCK_CHAIN_MALFORMED},
        {"QE report", ATTEST_QE_REPORT_SIGNATURE},
        {"QE authentication data", ATTEST_QE_REPORT_BINDING},
        {"attestation key changed", ATTEST_QE_REPORT_BINDING},
        {"quote signature", ATTEST_QUOTE_SIGNATURE},
    };
    struct file quote;
    struct collateral_set set = {0};
    struct attest_verdict v;
    size_t i = 0;
    if (strncmp(columns[2], "xor ", 4))
        return; // the head line
    CHECK(file_load(".", columns[0], &quote));
    const int64_t time = collateral_of(columns[0], &set);
    CHECK(!attest_verify_quote(quote.bytes, quote.size, &set.collateral, time, &accept_all, &v));
    quote.bytes[atoi(columns[1])] ^= (uint8_t)strtoul(columns[2] + 4, NULL, 16);
    CHECK(attest_verify_quote(quote.bytes, quote.size, &set.collateral, time, &accept_all, &v));
    while (!strstr(columns[3], table[i].text))
        CHECK(++i < sizeof(table) / sizeof(*table));
    if (table[i].result == ATTEST_PCK_CHAIN_MALFORMED && v.result == ATTEST_PCK_CHAIN_INVALID)
        v.result = ATTEST_PCK_CHAIN_MALFORMED; // depends on which byte of a certificate it is
    CHECK_RESULT(v, table[i].result);
    mutations++;
    free(quote.bytes);
    collateral_unload(&set);
}

// Every seventh byte, from another one for each quote: the tests of quotes made here change all of theirs.
static void check_flips(const char *file, size_t first)
{
    struct file quote;
    struct collateral_set set = {0};
    struct attest_verdict v;
    CHECK(file_load(".", file, &quote));
    const int64_t time = collateral_of(file, &set);
    CHECK(!attest_verify_quote(quote.bytes, quote.size, &set.collateral, time, &accept_all, &v));
    for (size_t i = first, size = v.quote_size; i < size; i += 7) {
        quote.bytes[i] ^= 1;
        if (!attest_verify_quote(quote.bytes, quote.size, &set.collateral, time, &accept_all, &v)) {
            fprintf(stderr, "%s: byte %zu does not count\n", file, i);
            exit(1);
        }
        quote.bytes[i] ^= 1;
    }
    free(quote.bytes);
    collateral_unload(&set);
}

static void check_replaced(enum attest_collateral_item item, const char *name, enum attest_result wanted)
{
    struct file quote;
    struct collateral_set set = {0};
    struct attest_verdict v;
    CHECK(file_load("sgx-quote-v3", "automata-00606a000000.bin", &quote));
    collateral_load("sgx-00606a000000-20250815", &set);
    collateral_replace(&set, item, "negative", name);
    CHECK(attest_verify_quote(quote.bytes, quote.size, &set.collateral, 1756530546, &accept_all, &v));
    CHECK_RESULT(v, wanted);
    free(quote.bytes);
    collateral_unload(&set);
}

static void check_forged_collateral(void)
{
    check_replaced(ATTEST_TCB_INFO, "fortanix_corrupted_tcb_info.json", ATTEST_TCB_INFO_SIGNATURE);
    check_replaced(ATTEST_QE_IDENTITY, "fortanix_corrupted_qe_identity.json", ATTEST_QE_IDENTITY_SIGNATURE);
    check_replaced(ATTEST_QE_IDENTITY, "fortanix_corrupt_qe3_identity.json", ATTEST_QE_IDENTITY_SIGNATURE);
    check_replaced(ATTEST_TCB_INFO_CHAIN, "oasis_tcb_certs_bad.pem", ATTEST_TCB_INFO_CHAIN_INVALID);
    check_replaced(ATTEST_PCK_CRL, "qvl-sgx-customroot/intermediateCaCrl.der", ATTEST_CRL_INVALID);
    check_replaced(ATTEST_ROOT_CA_CRL, "qvl-sgx-customroot/rootCaCrl.der", ATTEST_CRL_INVALID);
}

// The sample of Intel's library: its own root, and a quote without its PCK certificate. The only one that is
// up to date.
static void check_private_root(void)
{
    static const char folder[] = "negative/qvl-sgx-customroot";
    static const char *const files[ATTEST_COLLATERAL_ITEMS] = {
        "tcbInfo.json",          "tcbSignChain.pem", "qeIdentity.json", "tcbSignChain.pem",
        "intermediateCaCrl.der", "pckSignChain.pem", "rootCaCrl.der"};
    struct file quote, root, pck, chain;
    struct collateral_set set = {0};
    struct attest_policy policy = {0};
    struct attest_verdict v;
    CHECK(file_load(folder, "quote.dat", &quote) && file_load(folder, "trustedRootCaCert.pem", &root));
    CHECK(file_load(folder, "pckCert.pem", &pck) && file_load(folder, "pckSignChain.pem", &chain));
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        if (files[i])
            collateral_replace(&set, (enum attest_collateral_item)i, folder, files[i]);
    char *both = malloc(pck.size + chain.size + 2);
    CHECK(both);
    snprintf(both, pck.size + chain.size + 2, "%s\n%s", (char *)pck.bytes, (char *)chain.bytes);
    CHECK(attest_verify_quote(quote.bytes, quote.size, &set.collateral, 1704067200, &policy, &v));
    CHECK_RESULT(v, ATTEST_PCK_CHAIN_MISSING);
    policy.pck_chain = (struct attest_bytes){both, strlen(both)};
    CHECK(attest_verify_quote(quote.bytes, quote.size, &set.collateral, 1704067200, &policy, &v));
    CHECK_RESULT(v, ATTEST_PCK_CHAIN_UNTRUSTED);
    policy.extra_root = (struct attest_bytes){root.bytes, root.size};
    (void)attest_verify_quote(quote.bytes, quote.size, &set.collateral, 1704067200, &policy, &v);
    CHECK_RESULT(v, ATTEST_OK);
    CHECK(v.tcb_status == ATTEST_TCB_UP_TO_DATE && !v.test_root);
    free(both);
    free(quote.bytes);
    free(root.bytes);
    free(pck.bytes);
    free(chain.bytes);
    collateral_unload(&set);
}

// The same for TDX: certificates in DER, and an identity of another quoting enclave.
static void check_private_root_tdx(void)
{
    static const char folder[] = "negative/qvl-tdx-customroot";
    static const char *const files[ATTEST_COLLATERAL_ITEMS] = {
        "tcbInfo.json",          "tcbSignChain.pem", "qeIdentity.json", "tcbSignChain.pem",
        "intermediateCaCrl.der", "pckSignChain.pem", "rootCaCrl.der"};
    struct file quote, root;
    struct collateral_set set = {0};
    struct attest_policy policy = accept_all;
    struct attest_verdict v;
    CHECK(file_load(folder, "quote.dat", &quote) && file_load(folder, "trustedRootCaCert.pem", &root));
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        if (files[i])
            collateral_replace(&set, (enum attest_collateral_item)i, folder, files[i]);
    CHECK(attest_verify_quote(quote.bytes, quote.size, &set.collateral, 1704067200, &policy, &v));
    CHECK_RESULT(v, ATTEST_PCK_CHAIN_UNTRUSTED);
    policy.extra_root = (struct attest_bytes){root.bytes, root.size};
    CHECK(attest_verify_quote(quote.bytes, quote.size, &set.collateral, 1704067200, &policy, &v));
    CHECK_RESULT(v, ATTEST_QE_IDENTITY_MISMATCH);
    free(quote.bytes);
    free(root.bytes);
    collateral_unload(&set);
}

static int schemas;

static void check_schema(const char *columns[COLUMNS])
{
    struct file file;
    struct signed_json json;
    struct tcb_info info = {0};
    struct qe_identity identity = {0};
    if (strncmp(columns[COLUMN_FILE], "negative/json/", 14))
        return;
    CHECK(file_load(".", columns[COLUMN_FILE], &file));
    const bool is_tcb = strstr(columns[COLUMN_KIND], "tcbInfo") != NULL;
    bool ok = signed_json_parse((struct attest_bytes){file.bytes, file.size},
                                is_tcb ? "tcbInfo" : "enclaveIdentity", &json);
    if (ok)
        ok = is_tcb ? tcb_info_parse(json.value, &info) : qe_identity_parse(json.value, &identity);
    if (ok != !strncmp(columns[COLUMN_EXPECTED], "parse OK", 8)) {
        fprintf(stderr, "%s: %s\n", columns[COLUMN_FILE], ok ? "accepted" : "refused");
        exit(1);
    }
    schemas++;
    tcb_info_free(&info);
    free(identity.levels);
    json_decref(json.value);
    free(file.bytes);
}

static uint8_t *load_certificate(const char *name, size_t *ret_size)
{
    struct file file;
    unsigned char *der = NULL;
    CHECK(file_load("ra-tls", name, &file));
    BIO *bio = BIO_new_mem_buf(file.bytes, (int)file.size);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    const int size = certificate ? i2d_X509(certificate, &der) : 0;
    CHECK(size > 0);
    *ret_size = (size_t)size;
    X509_free(certificate);
    BIO_free(bio);
    free(file.bytes);
    return der;
}

// One with a legacy extension and the interoperable one, in the time of collateral for its platform.
static void check_gramine_certificate(void)
{
    struct collateral_set set = {0};
    struct attest_verdict v;
    myst_tee_identity_t identity;
    struct attest_policy policy = accept_all;
    size_t size;
    uint8_t *der = load_certificate("gramine-cert.pem", &size);
    collateral_load("sgx-00606a000000-20250815", &set);
    (void)attest_verify_certificate(der, size, &set.collateral, 1756530546, &policy, &identity, &v);
    CHECK_RESULT(v, ATTEST_OK);
    CHECK(identity.attributes == (MYST_IDENTITY_ATTRIBUTE_REMOTE | MYST_IDENTITY_ATTRIBUTE_DEBUG));
    CHECK(!memcmp(identity.unique_id, v.mrenclave, 32) && !memcmp(identity.signer_id, v.mrsigner, 32));
    printf("gramine-cert.pem: %s\n", attest_tcb_status_name(v.tcb_status));
    policy.accept_debug = false;
    CHECK(attest_verify_certificate(der, size, &set.collateral, 1756530546, &policy, &identity, &v));
    CHECK_RESULT(v, ATTEST_POLICY_DEBUG);
    CHECK(!identity.attributes);
    for (size_t i = 0; i < size; i++) { // 10 kB, most of it under the self-signature
        der[i] ^= 1;
        CHECK(attest_verify_certificate(der, size, &set.collateral, 1756530546, &accept_all, NULL, &v));
        der[i] ^= 1;
    }
    OPENSSL_free(der);
    collateral_unload(&set);
}

// No collateral for the platforms of these: the certificate and the bindings hold, and the verifier comes as
// far as that.
static void check_other_certificates(void)
{
    struct collateral_set set = {0};
    struct attest_verdict v;
    struct file file;
    size_t size;
    uint8_t *der = load_certificate("intel-sgxsdk-cert.pem", &size);
    collateral_load("sgx-00a067110000-20250619", &set);
    CHECK(attest_verify_certificate(der, size, &set.collateral, 1752919277, &accept_all, NULL, &v));
    CHECK_RESULT(v, ATTEST_TCB_INFO_MISMATCH);
    OPENSSL_free(der);
    CHECK(file_load("negative", "oe_sgx_cert_ec_bad.der", &file));
    CHECK(
        attest_verify_certificate(file.bytes, file.size, &set.collateral, 1752919277, &accept_all, NULL, &v));
    printf("oe_sgx_cert_ec_bad.der: %s: %s\n", attest_result_name(v.result), v.reason);
    free(file.bytes);
    CHECK(file_load("negative", "oe_sgx_cert_rsa_bad.der", &file));
    CHECK(
        attest_verify_certificate(file.bytes, file.size, &set.collateral, 1752919277, &accept_all, NULL, &v));
    printf("oe_sgx_cert_rsa_bad.der: %s: %s\n", attest_result_name(v.result), v.reason);
    free(file.bytes);
    collateral_unload(&set);
}

int main(void)
{
    if (!evidence_folder()) {
        fprintf(stderr, "skipped: the collection of real evidence is not there (%s)\n", EVIDENCE);
        return SKIPPED;
    }
    each_row("MANIFEST.tsv", check_quote);
    CHECK(quotes_accepted >= 25 && quotes_refused >= 10);
    check_corrupted_signature();
    each_row("negative/mutations.tsv", check_mutation);
    CHECK(mutations == 27);
    check_flips("tdx-quote-v4/dcapqvl-b0c06f000000.bin", 3);
    check_flips("tdx-quote-v5/gotdx-90c06f000000.bin", 5);
    check_forged_collateral();
    check_private_root();
    check_private_root_tdx();
    each_row("MANIFEST.tsv", check_schema);
    CHECK(schemas >= 40);
    check_gramine_certificate();
    check_other_certificates();
    return 0;
}
