// SPDX-License-Identifier: MIT
//
// Certificate chains and revocation lists under a root whose key is public: each with one thing wrong that a verifier may forget
// to look at, beside one where nothing is, so that it is this thing that is refused.
#include <openssl/pem.h>

#include "attest/signed_json.h"
#include "tests/unit/attest/issue.h"
#include "tests/unit/attest/maker.h"

static const struct attest_policy accept_all = {
    .accept_debug = true, .accept_test_root = true, .accept_tcb = ACCEPT_ANY_TCB};

static struct maker maker;
static uint8_t *quote;
static size_t quote_size;
static struct authority root;
static struct attest_verdict verdict;

static void verify_with(enum attest_collateral_item item, struct attest_bytes bytes, int64_t time)
{
    struct attest_collateral c = maker.collateral;
    c.item[item] = bytes;
    const int r = attest_verify_quote(quote, quote_size, &c, time, &accept_all, &verdict);
    CHECK(!r == (verdict.result == ATTEST_OK));
}

static struct attest_bytes text_bytes(const char *text)
{
    return (struct attest_bytes){text, strlen(text)};
}

// TCB info signed by a signer of this shape. RSA and other curves cannot make the signature, and need not: the chain is first.
#define CHECK_SIGNER(wanted, when, ...)                                                                                \
    do {                                                                                                               \
        const struct shape shape = {__VA_ARGS__};                                                                      \
        struct authority signer = issue(&shape, &root);                                                                \
        char *chain = pem_of(signer.certificate, root.certificate, NULL);                                              \
        verify_with(ATTEST_TCB_INFO_CHAIN, text_bytes(chain), when);                                                   \
        CHECK_RESULT(verdict, wanted);                                                                                 \
        free(chain);                                                                                                   \
        authority_free(&signer);                                                                                       \
    } while (0)

static void test_signers(void)
{
    const int64_t t = maker.time;
    CHECK_SIGNER(ATTEST_TCB_INFO_SIGNATURE, t, .name = NULL); // a good chain of another key
    CHECK_SIGNER(ATTEST_TCB_INFO_SIGNATURE, t, .usage = "");  // does not say: not restricted
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .usage = "critical,keyAgreement");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .usage = "critical,nonRepudiation");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .usage = "keyEncipherment");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .extended_usage = "serverAuth");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .extended_usage = "critical,codeSigning");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .constraints = "critical,CA:TRUE");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .name = "Mystikos Test SGX PCK Certificate");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .name = "SGX TCB Signing of mine");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .digest = EVP_sha1());
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .rsa_bits = 1024);
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .curve = "P-224");
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .unknown_critical = true);
}

// RFC 5280, 4.1.2.5: from notBefore through notAfter, inclusive.
static void test_edges(void)
{
    const int64_t t = maker.time;
    CHECK_SIGNER(ATTEST_TCB_INFO_SIGNATURE, t, .begin = t);
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .begin = t + 1);
    CHECK_SIGNER(ATTEST_TCB_INFO_SIGNATURE, t, .end = t);
    CHECK_SIGNER(ATTEST_TCB_INFO_CHAIN_INVALID, t, .end = t - 1);
}

static void test_strangers(void)
{
    struct authority namesake = issue(&(struct shape){.name = "Mystikos Test SGX Root CA",
                                                      .constraints = "critical,CA:TRUE,pathlen:1",
                                                      .usage = "critical,keyCertSign,cRLSign"},
                                      NULL);
    CHECK(X509_set_subject_name(namesake.certificate, X509_get_subject_name(root.certificate)) &&
          X509_set_issuer_name(namesake.certificate, X509_get_subject_name(root.certificate)) &&
          X509_sign(namesake.certificate, namesake.key, EVP_sha256()) > 0);
    struct authority signer = issue(&(struct shape){0}, &namesake);
    char *chain = pem_of(signer.certificate, namesake.certificate, NULL);
    verify_with(ATTEST_TCB_INFO_CHAIN, text_bytes(chain), maker.time);
    CHECK_RESULT(verdict, ATTEST_TCB_INFO_CHAIN_INVALID);
    free(chain);
    chain = pem_of(signer.certificate, root.certificate, NULL); // the right root, which did not sign
    verify_with(ATTEST_TCB_INFO_CHAIN, text_bytes(chain), maker.time);
    CHECK_RESULT(verdict, ATTEST_TCB_INFO_CHAIN_INVALID);
    free(chain);
    const struct list_shape list = {.begin = maker.time - 60, .end = maker.time + 60};
    struct attest_bytes crl = issue_list(&list, &namesake);
    verify_with(ATTEST_ROOT_CA_CRL, crl, maker.time);
    CHECK_RESULT(verdict, ATTEST_CRL_INVALID);
    OPENSSL_free((void *)(uintptr_t)crl.data);
    authority_free(&signer);
    authority_free(&namesake);
}

#define CHECK_LIST(wanted, ...)                                                                                        \
    do {                                                                                                               \
        const struct list_shape shape = {__VA_ARGS__};                                                                 \
        struct attest_bytes crl = issue_list(&shape, &root);                                                           \
        verify_with(ATTEST_ROOT_CA_CRL, crl, maker.time);                                                              \
        CHECK_RESULT(verdict, wanted);                                                                                 \
        OPENSSL_free((void *)(uintptr_t)crl.data);                                                                     \
    } while (0)

static void test_lists(void)
{
    const int64_t begin = maker.time - 60, end = maker.time + 60;
    ASN1_INTEGER *other = ASN1_INTEGER_new();
    CHECK(other && ASN1_INTEGER_set(other, 77) == 1);
    CHECK_LIST(ATTEST_OK, .begin = begin, .end = end);
    CHECK_LIST(ATTEST_OK, .begin = begin, .end = end, .revoked = other);
    CHECK_LIST(ATTEST_CRL_INVALID, .begin = begin);
    CHECK_LIST(ATTEST_OK, .begin = maker.time, .end = end);
    CHECK_LIST(ATTEST_CRL_EXPIRED, .begin = maker.time + 1, .end = end);
    CHECK_LIST(ATTEST_OK, .begin = begin, .end = maker.time);
    CHECK_LIST(ATTEST_CRL_EXPIRED, .begin = begin, .end = maker.time - 1);
    CHECK_LIST(ATTEST_CRL_INVALID, .begin = begin, .end = end, .unknown_critical = true);
    CHECK_LIST(ATTEST_CRL_INVALID, .begin = begin, .end = end, .revoked = other, .entry_unknown_critical = true);
    CHECK_LIST(ATTEST_CRL_INVALID, .begin = begin, .end = end, .digest = EVP_sha1());
    CHECK_LIST(ATTEST_CRL_INVALID, .begin = begin, .end = end,
               .distribution_point = "critical,onlyuser:TRUE"); // not for CAs: whether the PCK CA is revoked it does not say
    CHECK_LIST(ATTEST_CRL_INVALID, .begin = begin, .end = end, .delta_of = other);
    ASN1_INTEGER_free(other);
}

// The platform's own chain: certificate, CA, root.
static STACK_OF(X509) * platform_chain(void)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    const uint8_t *begin = memmem(quote, quote_size, "-----BEGIN", 10);
    BIO *bio = BIO_new_mem_buf(begin, (int)(quote + quote_size - begin));
    for (int i = 0; i < 3; i++)
        CHECK(sk_X509_push(chain, PEM_read_bio_X509(bio, NULL, NULL, NULL)));
    BIO_free(bio);
    return chain;
}

static const ASN1_OCTET_STRING *sgx_extension_of(X509 *pck)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
    const int at = X509_get_ext_by_OBJ(pck, oid, -1);
    ASN1_OBJECT_free(oid);
    CHECK(at >= 0);
    return X509_EXTENSION_get_data(X509_get_ext(pck, at));
}

// The certification data of a quote is not signed: anybody can put another chain there. With a chain that holds, the next
// link that fails is the quoting enclave's report, which another platform's key signed.
static void verify_platform(const struct authority *pck, const struct authority *ca, X509 *more, int64_t time)
{
    enum { SIZE_AT = 432, CERTIFICATION_AT = 436 + 576 + 2 + 32 }; // 32 bytes of authentication data
    const struct list_shape list = {.begin = maker.time - 60, .end = maker.time + 60};
    char *chain = more ? pem_of(pck->certificate, ca->certificate, more, root.certificate, NULL)
                       : pem_of(pck->certificate, ca->certificate, root.certificate, NULL);
    const uint32_t size = (uint32_t)strlen(chain), rest = 576 + 2 + 32 + 6 + size;
    uint8_t *other = malloc(CERTIFICATION_AT + 6 + size);
    struct attest_collateral c = maker.collateral;
    CHECK(other && quote[436 + 576] == 32);
    memcpy(other, quote, CERTIFICATION_AT + 2);
    memcpy(other + SIZE_AT, &rest, 4);
    memcpy(other + CERTIFICATION_AT + 2, &size, 4);
    memcpy(other + CERTIFICATION_AT + 6, chain, size);
    c.item[ATTEST_PCK_CRL] = issue_list(&list, ca);
    c.item[ATTEST_PCK_CRL_CHAIN].size = 0;
    (void)attest_verify_quote(other, CERTIFICATION_AT + 6 + size, &c, time, &accept_all, &verdict);
    OPENSSL_free((void *)(uintptr_t)c.item[ATTEST_PCK_CRL].data);
    free(other);
    free(chain);
}

#define PROPER_CA                                                                                                      \
    .name = "Mystikos Test SGX PCK Platform CA", .constraints = "critical,CA:TRUE,pathlen:0",                          \
    .usage = "critical,keyCertSign,cRLSign"

// A leaf and a CA of these shapes; each macro argument adds to a proper one.
static void check_platform(enum attest_result wanted, const struct shape *leaf, const struct shape *above, int line)
{
    STACK_OF(X509) *own = platform_chain();
    struct shape shape = *leaf;
    shape.name = shape.name ? shape.name : "Mystikos Test SGX PCK Certificate";
    shape.sgx_extension = sgx_extension_of(sk_X509_value(own, 0));
    struct authority ca = issue(above, &root), pck = issue(&shape, &ca);
    verify_platform(&pck, &ca, NULL, maker.time);
    if (verdict.result != wanted)
        fprintf(stderr, "line %d: ", line);
    CHECK_RESULT(verdict, wanted);
    authority_free(&pck);
    authority_free(&ca);
    sk_X509_pop_free(own, X509_free);
}
#define CHECK_LEAF(wanted, ...)                                                                                        \
    check_platform(wanted, &(struct shape){__VA_ARGS__}, &(struct shape){PROPER_CA}, __LINE__)
#define CHECK_CA(wanted, ...)                                                                                          \
    check_platform(wanted, &(struct shape){0}, &(struct shape){__VA_ARGS__}, __LINE__)

static void test_platforms(void)
{
    const int64_t t = maker.time;
    const char name[] = "Mystikos Test SGX PCK Platform CA", usage[] = "critical,keyCertSign,cRLSign";
    const char constraints[] = "critical,CA:TRUE,pathlen:0";
    CHECK_LEAF(ATTEST_QE_REPORT_SIGNATURE, .name = NULL);
    CHECK_LEAF(ATTEST_PCK_CHAIN_INVALID, .usage = "critical,keyAgreement");
    CHECK_LEAF(ATTEST_PCK_CHAIN_INVALID, .extended_usage = "clientAuth");
    CHECK_LEAF(ATTEST_PCK_CHAIN_INVALID, .curve = "P-384");
    CHECK_LEAF(ATTEST_PCK_CHAIN_INVALID, .digest = EVP_sha1());
    CHECK_LEAF(ATTEST_PCK_CHAIN_INVALID, .unknown_critical = true);
    CHECK_LEAF(ATTEST_QE_REPORT_SIGNATURE, .end = t);
    CHECK_LEAF(ATTEST_PCK_CHAIN_EXPIRED, .end = t - 1);
    CHECK_CA(ATTEST_QE_REPORT_SIGNATURE, PROPER_CA);
    CHECK_CA(ATTEST_QE_REPORT_SIGNATURE, PROPER_CA, .end = t);
    CHECK_CA(ATTEST_PCK_CHAIN_EXPIRED, PROPER_CA, .end = t - 1);
    CHECK_CA(ATTEST_PCK_CHAIN_INVALID, .name = name, .usage = usage, .constraints = "critical,CA:FALSE");
    CHECK_CA(ATTEST_PCK_CHAIN_INVALID, .name = name, .usage = "critical,cRLSign", .constraints = constraints);
    CHECK_CA(ATTEST_CRL_INVALID, .name = name, .usage = "critical,keyCertSign", .constraints = constraints);
    CHECK_CA(ATTEST_PCK_CHAIN_INVALID, PROPER_CA, .digest = EVP_sha1());
    CHECK_CA(ATTEST_PCK_CHAIN_INVALID, PROPER_CA, .rsa_bits = 1024);
    CHECK_CA(ATTEST_PCK_CHAIN_INVALID, PROPER_CA, .unknown_critical = true);
}

// A CA that the PCK CA, whose path length is 0, should not have made; and a certificate that a platform made.
static void test_longer_paths(void)
{
    struct authority ca = issue(&(struct shape){PROPER_CA}, &root), below = issue(&(struct shape){PROPER_CA}, &ca);
    struct authority pck = issue(&(struct shape){.name = "Mystikos Test SGX PCK Certificate"}, &below);
    verify_platform(&pck, &below, ca.certificate, maker.time);
    CHECK(verdict.result == ATTEST_PCK_CHAIN_INVALID || verdict.result == ATTEST_CRL_INVALID);
    struct authority child = issue(&(struct shape){.name = "Mystikos Test SGX PCK Certificate"}, &pck);
    verify_platform(&child, &pck, below.certificate, maker.time);
    CHECK(verdict.result == ATTEST_PCK_CHAIN_INVALID);
    authority_free(&child);
    authority_free(&pck);
    authority_free(&below);
    authority_free(&ca);
}

#define CHECK_LIST_CHAIN(wanted, ...)                                                                                  \
    do {                                                                                                               \
        char *text = pem_of(__VA_ARGS__, NULL);                                                                        \
        verify_with(ATTEST_PCK_CRL_CHAIN, text_bytes(text), maker.time);                                               \
        CHECK_RESULT(verdict, wanted);                                                                                 \
        free(text);                                                                                                    \
    } while (0)

// The chain that comes with the PCK CRL is not needed; when it is there it must be right.
static void test_list_chain(void)
{
    STACK_OF(X509) *own = platform_chain();
    X509 *leaf = sk_X509_value(own, 0), *ca = sk_X509_value(own, 1), *top = root.certificate;
    struct authority other = issue(&(struct shape){PROPER_CA}, &root), alone = issue(&(struct shape){PROPER_CA}, NULL);
    struct authority signer = issue(&(struct shape){0}, &root);
    verify_with(ATTEST_PCK_CRL_CHAIN, (struct attest_bytes){NULL, 0}, maker.time);
    CHECK_RESULT(verdict, ATTEST_OK);
    verify_with(ATTEST_PCK_CRL_CHAIN, text_bytes("no certificate"), maker.time);
    CHECK_RESULT(verdict, ATTEST_CRL_INVALID);
    CHECK_LIST_CHAIN(ATTEST_OK, ca, top);
    CHECK_LIST_CHAIN(ATTEST_OK, top, ca);
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, top);
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, leaf, ca, top);
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, other.certificate, top); // the same name, another key
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, alone.certificate, top);
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, ca, alone.certificate);
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, ca, other.certificate, top);
    CHECK_LIST_CHAIN(ATTEST_CRL_INVALID, signer.certificate, top);
    authority_free(&signer);
    authority_free(&alone);
    authority_free(&other);
    sk_X509_pop_free(own, X509_free);
}

// What stands around the signed object is not signed: it has one form only.
static void test_signature_text(void)
{
    const struct attest_bytes item = maker.collateral.item[ATTEST_TCB_INFO];
    char *text = strndup(item.data, item.size), *longer = NULL, *hex = text ? strstr(text, "\"signature\":\"") + 13 : NULL;
    CHECK(text && hex);
    verify_with(ATTEST_TCB_INFO, text_bytes(text), maker.time);
    CHECK_RESULT(verdict, ATTEST_OK);
    char *letter = hex + strcspn(hex, "abcdef");
    *letter = (char)(*letter - 'a' + 'A');
    verify_with(ATTEST_TCB_INFO, text_bytes(text), maker.time);
    CHECK_RESULT(verdict, ATTEST_TCB_INFO_MALFORMED);
    *letter = (char)(*letter - 'A' + 'a');
    CHECK(asprintf(&longer, "%s{}", text) > 0);
    verify_with(ATTEST_TCB_INFO, text_bytes(longer), maker.time);
    CHECK_RESULT(verdict, ATTEST_TCB_INFO_MALFORMED);
    free(longer);
    CHECK(asprintf(&longer, "{\"x\":1,%s", text + 1) > 0);
    verify_with(ATTEST_TCB_INFO, text_bytes(longer), maker.time);
    CHECK_RESULT(verdict, ATTEST_TCB_INFO_MALFORMED);
    free(longer);
    CHECK(asprintf(&longer, "{\"signature\":\"%.128s\",%s", hex, text + 1) > 0); // a member twice
    verify_with(ATTEST_TCB_INFO, text_bytes(longer), maker.time);
    CHECK_RESULT(verdict, ATTEST_TCB_INFO_MALFORMED);
    free(longer);
    free(text);
}

// Files come with zeros behind a quote; anything else there was meant for somebody.
static void test_behind_the_quote(void)
{
    uint8_t *longer = calloc(1, quote_size + 100);
    CHECK(longer);
    memcpy(longer, quote, quote_size);
    CHECK(!attest_verify_quote(longer, quote_size + 100, &maker.collateral, maker.time, &accept_all, &verdict));
    longer[quote_size + 99] = 1;
    CHECK(attest_verify_quote(longer, quote_size + 100, &maker.collateral, maker.time, &accept_all, &verdict));
    CHECK_RESULT(verdict, ATTEST_QUOTE_MALFORMED);
    free(longer);
}

int main(void)
{
    const uint8_t report_data[64] = {7};
    maker_open(&maker);
    BIO *key_file = BIO_new_file(TEST_ROOT "/root_key.pem", "r"), *root_file = BIO_new_file(TEST_ROOT "/root.pem", "r");
    CHECK(key_file && root_file && (root.key = PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL)));
    CHECK((root.certificate = PEM_read_bio_X509(root_file, NULL, NULL, NULL)));
    CHECK(!maker_quote(&maker, report_data, &quote, &quote_size));
    verify_with(ATTEST_VEK, (struct attest_bytes){NULL, 0}, maker.time);
    CHECK_RESULT(verdict, ATTEST_OK);
    test_signers();
    test_edges();
    test_strangers();
    test_lists();
    test_platforms();
    test_longer_paths();
    test_list_chain();
    test_signature_text();
    test_behind_the_quote();
    authority_free(&root);
    BIO_free(key_file);
    BIO_free(root_file);
    free(quote);
    maker_close(&maker);
    return 0;
}
