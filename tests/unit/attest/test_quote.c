// SPDX-License-Identifier: MIT
//
// Quotes of the software SGX: every byte of a quote and of its collateral counts, every condition of a policy
// is looked at, dates and revocations are, and a root vouches for its own platforms only.
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/attest/maker.h"

static const struct attest_policy accept_all = {
    .accept_debug = true, .accept_test_root = true, .accept_tcb = ACCEPT_ANY_TCB};

static struct maker maker;
static uint8_t *quote;
static size_t quote_size;

static enum attest_result verify_with(const struct attest_policy *policy,
                                      const struct attest_collateral *collateral, int64_t when)
{
    struct attest_verdict v;
    const int r = attest_verify_quote(quote, quote_size, collateral, when, policy, &v);
    CHECK(!r == (v.result == ATTEST_OK) && !v.reason[0] == !r);
    CHECK(r == 0 || r == (v.result >= ATTEST_POLICY_TEST_ROOT ? -EPERM : -EBADMSG));
    return v.result;
}

static enum attest_result verify(const struct attest_policy *policy)
{
    return verify_with(policy, &maker.collateral, maker.time);
}

static void test_facts(void)
{
    struct attest_verdict v;
    struct attest_platform platform;
    uint8_t longer[0x4000] = {0};
    CHECK(!attest_verify_quote(quote, quote_size, &maker.collateral, maker.time, &accept_all, &v));
    CHECK(v.debug && v.test_root && v.product_id == 0x1234 && v.security_version == 5);
    CHECK(!memcmp(v.mrenclave, maker.identity.mrenclave, 32) &&
          !memcmp(v.mrsigner, maker.identity.mrsigner, 32));
    CHECK(v.report_data[0] == 7 && v.quote_size == quote_size && v.tcb_status == ATTEST_TCB_UP_TO_DATE);
    CHECK(v.collateral_expires > maker.time && strlen(v.tcb_date) == 20);
    memcpy(longer, quote, quote_size);
    CHECK(!attest_verify_quote(longer, sizeof(longer), &maker.collateral, maker.time, &accept_all, &v));
    CHECK(v.quote_size == quote_size);
    CHECK(!attest_quote_platform(quote, quote_size, &platform) && platform.ca == 1);
    CHECK(!memcmp(platform.fmspc, emu_platform_fmspc, 6));
}

static void test_policy(void)
{
    uint8_t other[32] = {0};
    struct attest_policy p = accept_all;
    p.accept_test_root = false;
    CHECK(verify(&p) == ATTEST_POLICY_TEST_ROOT);
    p = accept_all;
    p.accept_debug = false;
    CHECK(verify(&p) == ATTEST_POLICY_DEBUG);
    p = accept_all;
    p.accept_tcb = ATTEST_TCB_BIT(ATTEST_TCB_SW_HARDENING_NEEDED);
    CHECK(verify(&p) == ATTEST_POLICY_TCB_STATUS);
    p.accept_tcb = 0;
    CHECK(verify(&p) == ATTEST_OK);
    p.min_evaluation_number = UINT32_MAX;
    CHECK(verify(&p) == ATTEST_POLICY_EVALUATION_NUMBER);
    p = accept_all;
    p.mrenclave = maker.identity.mrenclave;
    p.mrsigner = maker.identity.mrsigner;
    p.check_product_id = true;
    p.product_id = 0x1234;
    p.min_security_version = 5;
    CHECK(verify(&p) == ATTEST_OK);
    p.min_security_version = 6;
    CHECK(verify(&p) == ATTEST_POLICY_SECURITY_VERSION);
    p.product_id = 0x1235;
    CHECK(verify(&p) == ATTEST_POLICY_PRODUCT_ID);
    p.mrsigner = other;
    CHECK(verify(&p) == ATTEST_POLICY_MRSIGNER);
    p.mrenclave = other;
    CHECK(verify(&p) == ATTEST_POLICY_MRENCLAVE);
}

static void test_every_byte(void)
{
    enum { BINARY_SIZE = 1100 }; // PEM follows: no letter has bit 7
    static const uint8_t masks[] = {0x01, 0x80};
    for (size_t m = 0; m < sizeof(masks); m++)
        for (size_t i = 0; i < (m ? BINARY_SIZE : quote_size); i++) {
            quote[i] ^= masks[m];
            if (verify(&accept_all) == ATTEST_OK) {
                fprintf(stderr, "byte %zu of the quote does not count\n", i);
                exit(1);
            }
            quote[i] ^= masks[m];
        }
    CHECK(verify(&accept_all) == ATTEST_OK);
}

static void test_every_length(void)
{
    struct attest_verdict v;
    for (size_t size = 0; size < quote_size; size++) {
        uint8_t *cut = malloc(size ? size : 1); // of exactly this size: reading further is caught
        CHECK(cut);
        memcpy(cut, quote, size);
        CHECK(attest_verify_quote(cut, size, &maker.collateral, maker.time, &accept_all, &v) == -EBADMSG);
        CHECK_RESULT(v, ATTEST_QUOTE_MALFORMED);
        free(cut);
    }
}

static void test_collateral_bytes(void)
{
    for (int item = 0; item < ATTEST_COLLATERAL_ITEMS; item++) {
        uint8_t *bytes = (uint8_t *)(uintptr_t)maker.collateral.item[item].data;
        if (item >= ATTEST_VEK) // not looked at
            continue;
        for (size_t i = 0; i < maker.collateral.item[item].size; i++) {
            const uint8_t mask = i % 2 ? 0x20 : 1; // 0x20: the other case of a letter
            bytes[i] ^= mask;
            if (verify(&accept_all) == ATTEST_OK) {
                fprintf(stderr, "byte %zu of collateral %d does not count: 0x%02x\n", i, item, bytes[i]);
                exit(1);
            }
            bytes[i] ^= mask;
        }
        struct attest_collateral lacking = maker.collateral;
        lacking.item[item].size = 0;
        CHECK(verify_with(&accept_all, &lacking, maker.time) ==
              (item == ATTEST_PCK_CRL_CHAIN ? ATTEST_OK : ATTEST_COLLATERAL_MISSING));
    }
    CHECK(verify(&accept_all) == ATTEST_OK);
}

static void test_dates(void)
{
    const int64_t year = 366 * 86400, day = 86400;
    const enum attest_result early = verify_with(&accept_all, &maker.collateral, maker.time - 2 * day);
    const enum attest_result late = verify_with(&accept_all, &maker.collateral, maker.time + 40 * day);
    CHECK(early == ATTEST_CRL_EXPIRED || early == ATTEST_PCK_CHAIN_EXPIRED);
    CHECK(late == ATTEST_CRL_EXPIRED);
    CHECK(verify_with(&accept_all, &maker.collateral, maker.time + 100 * year) != ATTEST_OK);
    CHECK(verify_with(&accept_all, &maker.collateral, 0) != ATTEST_OK);
    CHECK(verify_with(&accept_all, &maker.collateral, INT64_MIN) != ATTEST_OK);
    CHECK(verify_with(&accept_all, &maker.collateral, INT64_MAX) != ATTEST_OK);
}

static void *read_pem(const char *path, void *(*read)(BIO *bio))
{
    BIO *bio = BIO_new_file(path, "r");
    void *object = bio ? read(bio) : NULL;
    BIO_free(bio);
    CHECK(object);
    return object;
}

static void *read_key(BIO *bio)
{
    return PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
}

static void *read_certificate(BIO *bio)
{
    return PEM_read_bio_X509(bio, NULL, NULL, NULL);
}

// The serial number of the first certificate of an item.
static ASN1_INTEGER *serial_of(enum attest_collateral_item item)
{
    BIO *bio = BIO_new_mem_buf(maker.collateral.item[item].data, (int)maker.collateral.item[item].size);
    X509 *first = read_certificate(bio);
    CHECK(first);
    ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(first));
    X509_free(first);
    BIO_free(bio);
    return serial;
}

static void add_extensions(X509_CRL *crl, X509 *root)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    X509V3_CTX ctx;
    CHECK(number && ASN1_INTEGER_set(number, 99) &&
          X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1);
    X509V3_set_ctx(&ctx, root, NULL, NULL, crl, 0);
    X509_EXTENSION *aki = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    CHECK(aki && X509_CRL_add_ext(crl, aki, -1) == 1);
    X509_EXTENSION_free(aki);
    ASN1_INTEGER_free(number);
}

// A CRL of the test root, whose key is public, with one entry (or none) and with or without an end.
static struct attest_bytes make_root_crl(ASN1_INTEGER *serial, bool ends)
{
    X509 *root = read_pem(TEST_ROOT "/root.pem", read_certificate);
    EVP_PKEY *key = read_pem(TEST_ROOT "/root_key.pem", read_key);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *begin = ASN1_TIME_set(NULL, maker.time - 3600), *end = ASN1_TIME_set(NULL, maker.time + 3600);
    CHECK(crl && begin && end && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    CHECK(X509_CRL_set_issuer_name(crl, X509_get_subject_name(root)) == 1 &&
          X509_CRL_set1_lastUpdate(crl, begin) == 1);
    CHECK(!ends || X509_CRL_set1_nextUpdate(crl, end) == 1);
    if (serial) {
        X509_REVOKED *revoked = X509_REVOKED_new();
        CHECK(revoked && X509_REVOKED_set_serialNumber(revoked, serial) &&
              X509_REVOKED_set_revocationDate(revoked, begin));
        CHECK(X509_CRL_add0_revoked(crl, revoked) == 1);
    }
    add_extensions(crl, root);
    unsigned char *der = NULL;
    CHECK(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
    const int size = i2d_X509_CRL(crl, &der);
    CHECK(size > 0);
    ASN1_TIME_free(begin);
    ASN1_TIME_free(end);
    X509_CRL_free(crl);
    EVP_PKEY_free(key);
    X509_free(root);
    return (struct attest_bytes){der, (size_t)size};
}

static enum attest_result verify_with_root_crl(ASN1_INTEGER *serial, bool ends)
{
    struct attest_collateral c = maker.collateral;
    c.item[ATTEST_ROOT_CA_CRL] = make_root_crl(serial, ends);
    const enum attest_result result = verify_with(&accept_all, &c, maker.time);
    OPENSSL_free((void *)(uintptr_t)c.item[ATTEST_ROOT_CA_CRL].data);
    ASN1_INTEGER_free(serial);
    return result;
}

static void test_revocation(void)
{
    CHECK(verify_with_root_crl(NULL, true) == ATTEST_OK);
    CHECK(verify_with_root_crl(NULL, false) == ATTEST_CRL_INVALID);
    CHECK(verify_with_root_crl(serial_of(ATTEST_PCK_CRL_CHAIN), true) == ATTEST_PCK_REVOKED);
    CHECK(verify_with_root_crl(serial_of(ATTEST_TCB_INFO_CHAIN), true) == ATTEST_TCB_INFO_CHAIN_INVALID);
}

// Swapped parts are all genuine, but not what they are used for.
static void test_swapped(void)
{
    struct attest_collateral c = maker.collateral;
    c.item[ATTEST_TCB_INFO] = maker.collateral.item[ATTEST_QE_IDENTITY];
    CHECK(verify_with(&accept_all, &c, maker.time) == ATTEST_TCB_INFO_MALFORMED);
    c = maker.collateral;
    c.item[ATTEST_PCK_CRL] = maker.collateral.item[ATTEST_ROOT_CA_CRL];
    CHECK(verify_with(&accept_all, &c, maker.time) == ATTEST_CRL_INVALID);
    c = maker.collateral;
    c.item[ATTEST_TCB_INFO_CHAIN] = maker.collateral.item[ATTEST_PCK_CRL_CHAIN]; // a CA as signer
    CHECK(verify_with(&accept_all, &c, maker.time) == ATTEST_TCB_INFO_CHAIN_INVALID);
    struct attest_bytes pck = {quote + quote_size - 1, 1}; // the platform's own chain as signer
    while (memcmp(pck.data, "-----BEGIN", 10) || ((const char *)pck.data)[-1] == '\n')
        pck = (struct attest_bytes){(const uint8_t *)pck.data - 1, pck.size + 1};
    c.item[ATTEST_TCB_INFO_CHAIN] = pck;
    CHECK(verify_with(&accept_all, &c, maker.time) == ATTEST_TCB_INFO_CHAIN_INVALID);
}

static void test_collateral_form(void)
{
    struct attest_collateral c;
    struct collateral_header header = {.version = COLLATERAL_VERSION, .item_size = {1}};
    uint8_t bytes[sizeof(header) + 1] = {0};
    memcpy(bytes, &header, sizeof(header));
    CHECK(!attest_collateral_parse(bytes, sizeof(bytes), &c) && c.item[0].size == 1 && !c.item[1].size);
    CHECK(attest_collateral_parse(bytes, sizeof(bytes) - 1, &c) == -EBADMSG);
    CHECK(attest_collateral_parse(bytes, sizeof(header) - 1, &c) == -EBADMSG);
    header.item_size[0] = 0;
    memcpy(bytes, &header, sizeof(header));
    CHECK(attest_collateral_parse(bytes, sizeof(bytes), &c) == -EBADMSG);
    header.item_size[6] = UINT32_MAX;
    memcpy(bytes, &header, sizeof(header));
    CHECK(attest_collateral_parse(bytes, sizeof(bytes), &c) == -EBADMSG);
    header = (struct collateral_header){.version = 2, .item_size = {1}};
    memcpy(bytes, &header, sizeof(header));
    CHECK(attest_collateral_parse(bytes, sizeof(bytes), &c) == -EBADMSG);
}

int main(void)
{
    const uint8_t report_data[64] = {7};
    maker_open(&maker);
    CHECK(!maker_quote(&maker, report_data, &quote, &quote_size));
    struct attest_verdict v;
    (void)attest_verify_quote(quote, quote_size, &maker.collateral, maker.time, &accept_all, &v);
    CHECK_RESULT(v, ATTEST_OK);
    test_facts();
    test_policy();
    test_dates();
    test_revocation();
    test_swapped();
    test_collateral_form();
    test_every_length();
    test_every_byte();
    test_collateral_bytes();
    free(quote);
    maker_close(&maker);
    return 0;
}
