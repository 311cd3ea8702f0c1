// SPDX-License-Identifier: MIT
//
// Credentials: their form is what existing programs expect, they verify, and nothing that an attacker changes
// in them does, even when the attacker signs the certificate again.
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "attest/cbor.h"
#include "attest/certificate_make.h"
#include "attest/extension.h"
#include "attest/openenclave.h"
#include "tests/unit/attest/maker.h"

static const struct attest_policy accept_all = {
    .accept_debug = true, .accept_test_root = true, .accept_tcb = ACCEPT_ANY_TCB};

static struct maker maker;

static enum attest_result verify(const void *certificate, size_t size)
{
    struct attest_verdict v;
    myst_tee_identity_t identity, none = {0};
    const int r = attest_verify_certificate(certificate, size, &maker.collateral, maker.time, &accept_all,
                                            &identity, &v);
    CHECK(!r == (v.result == ATTEST_OK));
    CHECK(!r || !memcmp(&identity, &none, sizeof(none)));
    return v.result;
}

static EVP_PKEY *parse_key(const struct attest_credentials *c, const char *first_line)
{
    CHECK(c->key[c->key_size - 1] == 0 && strlen(c->key) == c->key_size - 1);
    CHECK(!strncmp(c->key, first_line, strlen(first_line)));
    BIO *bio = BIO_new_mem_buf(c->key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    CHECK(key);
    BIO_free(bio);
    return key;
}

static X509 *parse_certificate(const struct attest_credentials *c)
{
    const unsigned char *p = c->certificate;
    X509 *certificate = d2i_X509(NULL, &p, (long)c->certificate_size);
    CHECK(certificate && p == c->certificate + c->certificate_size);
    return certificate;
}

static void check_form(const X509 *certificate, const char *begin)
{
    char text[128];
    ASN1_TIME *t = ASN1_TIME_new();
    CHECK(X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof(text)));
    CHECK(!strcmp(text, "/C=US/O=MYSTIKOS/CN=MYST-TLS-CERT"));
    CHECK(ASN1_INTEGER_get(X509_get0_serialNumber(certificate)) == 1 &&
          X509_get_version(certificate) == X509_VERSION_3);
    CHECK(ASN1_TIME_set_string(t, begin) && !ASN1_TIME_compare(t, X509_get0_notBefore(certificate)));
    CHECK(ASN1_TIME_set_string(t, "20501231235959Z") &&
          !ASN1_TIME_compare(t, X509_get0_notAfter(certificate)));
    ASN1_TIME_free(t);
    CHECK(X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1) >= 0);
    CHECK(X509_get_ext_by_NID(certificate, NID_authority_key_identifier, -1) >= 0);
    CHECK(!X509_check_ca((X509 *)(uintptr_t)certificate));
}

static void test_generate(struct attest_credentials *c)
{
    struct attest_verdict v;
    struct attest_platform platform;
    myst_tee_identity_t identity;
    CHECK(!attest_generate(maker_quote, &maker, c) && !c->report && !c->report_size && maker.quotes == 2);
    X509 *certificate = parse_certificate(c);
    EVP_PKEY *key = parse_key(c, "-----BEGIN EC PRIVATE KEY-----\n");
    check_form(certificate, "20190501000000Z");
    CHECK(X509_check_private_key(certificate, key) == 1 && X509_get_ext_count(certificate) == 5);
    CHECK(!attest_certificate_platform(c->certificate, c->certificate_size, &platform) && platform.ca == 1);
    (void)attest_verify_certificate(c->certificate, c->certificate_size, &maker.collateral, maker.time,
                                    &accept_all, &identity, &v);
    CHECK_RESULT(v, ATTEST_OK);
    CHECK(identity.id_version == 0 && identity.security_version == 5 && identity.attributes == 3);
    CHECK(identity.product_id[0] == 0x34 && identity.product_id[1] == 0x12 && !identity.product_id[2]);
    CHECK(!memcmp(identity.unique_id, maker.identity.mrenclave, 32));
    CHECK(!memcmp(identity.signer_id, maker.identity.mrsigner, 32));
    EVP_PKEY_free(key);
    X509_free(certificate);
}

static void test_generate_ex(void)
{
    struct attest_credentials c;
    struct attest_bytes quote;
    struct attest_verdict v;
    uint8_t digest[32], none[32] = {0};
    unsigned char *spki = NULL;
    CHECK(!attest_generate_ex(maker_quote, &maker, &c));
    X509 *certificate = parse_certificate(&c);
    EVP_PKEY *key = parse_key(&c, "-----BEGIN RSA PRIVATE KEY-----\n");
    check_form(certificate, "20210101000000Z");
    CHECK(EVP_PKEY_get_bits(key) == 3072 && X509_check_private_key(certificate, key) == 1);
    CHECK(X509_get_ext_count(certificate) == 3);
    CHECK(oe_report_parse((struct attest_bytes){c.report, c.report_size}, &quote));
    CHECK(!attest_verify_quote(quote.data, quote.size, &maker.collateral, maker.time, &accept_all, &v));
    const int size = i2d_PUBKEY(key, &spki);
    CHECK(size > 0 && EVP_Digest(spki, (size_t)size, digest, NULL, EVP_sha256(), NULL) == 1);
    CHECK(!memcmp(v.report_data, digest, 32) && !memcmp(v.report_data + 32, none, 32));
    CHECK(verify(c.certificate, c.certificate_size) == ATTEST_EVIDENCE_MISSING);
    OPENSSL_free(spki);
    EVP_PKEY_free(key);
    X509_free(certificate);
    attest_credentials_free(&c);
}

static int failing_quote(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size)
{
    return -ENOTSUP;
}

static int other_quote(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size)
{
    const uint8_t other[64] = {1};
    return maker_quote(arg, other, ret_quote, ret_size);
}

static void test_no_quotes(void)
{
    struct attest_credentials c;
    CHECK(attest_generate(failing_quote, NULL, &c) == -ENOTSUP && !c.certificate && !c.key);
    CHECK(attest_generate(other_quote, &maker, &c) == -EBADMSG && !c.certificate && !c.key);
    CHECK(attest_generate_ex(other_quote, &maker, &c) == -EBADMSG && !c.certificate && !c.key && !c.report);
}

static void test_every_byte(const struct attest_credentials *c)
{
    for (size_t i = 0; i < c->certificate_size; i++) {
        const unsigned bit = i % 8;
        c->certificate[i] ^= (uint8_t)(1u << bit);
        if (verify(c->certificate, c->certificate_size) == ATTEST_OK) {
            fprintf(stderr, "bit %u of byte %zu of the certificate does not count\n", bit, i);
            exit(1);
        }
        c->certificate[i] ^= (uint8_t)(1u << bit);
    }
    CHECK(verify(c->certificate, c->certificate_size) == ATTEST_OK);
    for (size_t size = 0; size < c->certificate_size; size++)
        CHECK(verify(c->certificate, size) == ATTEST_CERTIFICATE_MALFORMED);
    uint8_t *longer = calloc(1, c->certificate_size + 1);
    CHECK(longer);
    memcpy(longer, c->certificate, c->certificate_size);
    CHECK(verify(longer, c->certificate_size + 1) == ATTEST_CERTIFICATE_MALFORMED);
    free(longer);
}

static enum attest_result verify_made(EVP_PKEY *key, const struct certificate_extension *extensions,
                                      size_t count)
{
    unsigned char *der = NULL;
    X509 *certificate = certificate_make(key, "20190501000000Z", extensions, count);
    const int size = certificate ? i2d_X509(certificate, &der) : -1;
    CHECK(size > 0);
    const enum attest_result result = verify(der, (size_t)size);
    OPENSSL_free(der);
    X509_free(certificate);
    return result;
}

// Tagged evidence with these claims, in a genuine quote.
static enum attest_result verify_claims(EVP_PKEY *key, const uint8_t *claims, size_t claims_size)
{
    const uint8_t head[] = {0xd9, 0xea, 0x60, 0x82, 0x59};
    uint8_t data[64] = {0}, *quote, evidence[0x3000];
    size_t size, n = sizeof(head);
    CHECK(EVP_Digest(claims, claims_size, data, NULL, EVP_sha256(), NULL) == 1);
    CHECK(!maker_quote(&maker, data, &quote, &size));
    memcpy(evidence, head, n);
    evidence[n++] = (uint8_t)(size >> 8);
    evidence[n++] = (uint8_t)size;
    memcpy(evidence + n, quote, size);
    n += size;
    if (claims_size >= 24)
        evidence[n++] = 0x58;
    evidence[n++] = (uint8_t)(claims_size < 24 ? 0x40 | claims_size : claims_size);
    memcpy(evidence + n, claims, claims_size);
    n += claims_size;
    free(quote);
    return verify_made(key, &(struct certificate_extension){OID_TAGGED_EVIDENCE, {evidence, n}}, 1);
}

// Claims that the enclave vouches for, but that name no key, or not this one.
static void test_claims(const struct attest_credentials *c)
{
    EVP_PKEY *key = parse_key(c, "-----BEGIN EC PRIVATE KEY-----\n");
    struct public_key public;
    uint8_t claims[CLAIMS_SIZE + 16] = {0};
    CHECK(public_key_of(key, &public) &&
          claims_make((struct attest_bytes){public.spki, public.spki_size}, claims));
    CHECK(verify_claims(key, claims, CLAIMS_SIZE) == ATTEST_OK);
    CHECK(verify_claims(key, (const uint8_t *)"\xa0", 1) == ATTEST_KEY_BINDING);
    CHECK(verify_claims(key, (const uint8_t *)"\xa1\x65nonce\x41\x00", 9) == ATTEST_KEY_BINDING);
    CHECK(verify_claims(key, claims, CLAIMS_SIZE + 1) == ATTEST_KEY_BINDING); // bytes behind the map
    claims[CLAIMS_SIZE - 1] ^= 1;
    CHECK(verify_claims(key, claims, CLAIMS_SIZE) == ATTEST_KEY_BINDING);
    claims[CLAIMS_SIZE - 1] ^= 1;
    memcpy(claims + CLAIMS_SIZE, "\x65nonce\x41\x00", 8);
    claims[0] = 0xa2; // one more claim
    CHECK(verify_claims(key, claims, CLAIMS_SIZE + 8) == ATTEST_OK);
    claims[16] = 2; // an unknown hash
    CHECK(verify_claims(key, claims, CLAIMS_SIZE + 8) == ATTEST_KEY_BINDING);
    public_key_free(&public);
    EVP_PKEY_free(key);
}

// The same certificate in other bytes: lengths that are not the shortest, a signature with unused bits.
static void test_one_encoding(void)
{
    struct attest_credentials c;
    do { // until the signature ends in a zero bit, which could as well be an unused one
        CHECK(!attest_generate(maker_quote, &maker, &c));
        if (c.certificate[c.certificate_size - 1] & 1)
            attest_credentials_free(&c);
    } while (!c.certificate);
    uint8_t *longer = malloc(c.certificate_size + 1), *bits = c.certificate + c.certificate_size;
    CHECK(longer && c.certificate[1] == 0x82);
    memcpy(longer, (uint8_t[]){0x30, 0x83, 0}, 3);
    memcpy(longer + 3, c.certificate + 2, c.certificate_size - 2);
    CHECK(verify(longer, c.certificate_size + 1) == ATTEST_CERTIFICATE_MALFORMED);
    free(longer);
    do // the head of the signature: a bit string of all that follows, no unused bits, a sequence
        bits--;
    while (bits[0] != 0x03 || bits + 2 + bits[1] != c.certificate + c.certificate_size || bits[2] ||
           bits[3] != 0x30);
    bits[2] = 1;
    CHECK(verify(c.certificate, c.certificate_size) == ATTEST_CERTIFICATE_MALFORMED);
    bits[2] = 0;
    CHECK(verify(c.certificate, c.certificate_size) == ATTEST_OK);
    attest_credentials_free(&c);
}

// The value of an extension, as the generator made it; malloc'ed.
static uint8_t *extension_value(const struct attest_credentials *c, const char *oid, size_t *ret_size)
{
    X509 *certificate = parse_certificate(c);
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    const int at = X509_get_ext_by_OBJ(certificate, object, -1);
    CHECK(at >= 0);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
    *ret_size = (size_t)ASN1_STRING_length(value);
    uint8_t *copy = malloc(*ret_size);
    CHECK(copy);
    memcpy(copy, ASN1_STRING_get0_data(value), *ret_size);
    ASN1_OBJECT_free(object);
    X509_free(certificate);
    return copy;
}

// Who has the certificate's key can sign any certificate, but not make evidence.
static void check_extension(EVP_PKEY *key, const struct certificate_extension *extension)
{
    enum { STRIDE = 7 };
    uint8_t *bytes = (uint8_t *)(uintptr_t)extension->value.data;
    struct certificate_extension cut = *extension;
    CHECK(verify_made(key, extension, 1) == ATTEST_OK);
    for (size_t i = 0; i < extension->value.size; i += i < 600 ? 1 : STRIDE) {
        bytes[i] ^= 1;
        if (verify_made(key, extension, 1) == ATTEST_OK) {
            fprintf(stderr, "byte %zu of the evidence in %s does not count\n", i, extension->oid);
            exit(1);
        }
        bytes[i] ^= 1;
    }
    for (size_t size = 0; size < extension->value.size; size += 97) {
        cut.value.size = size;
        CHECK(verify_made(key, &cut, 1) != ATTEST_OK);
    }
}

static void test_signed_again(const struct attest_credentials *c)
{
    struct certificate_extension e[] = {
        {OID_TAGGED_EVIDENCE, {0}}, {OID_OE_REPORT, {0}}, {OID_OE_REPORT, {0}}};
    EVP_PKEY *key = parse_key(c, "-----BEGIN EC PRIVATE KEY-----\n"), *stranger = EVP_EC_gen("P-256");
    uint8_t *tagged = extension_value(c, e[0].oid, &e[0].value.size),
            *report = extension_value(c, e[1].oid, &e[1].value.size);
    e[0].value.data = tagged;
    e[1].value.data = e[2].value.data = report;
    e[2].value.size = e[1].value.size;
    CHECK(verify_made(key, e, 2) == ATTEST_OK);
    CHECK(verify_made(key, e, 0) == ATTEST_EVIDENCE_MISSING);
    CHECK(verify_made(key, e, 3) == ATTEST_EVIDENCE_MALFORMED); // one kind twice
    CHECK(verify_made(stranger, e, 2) == ATTEST_KEY_BINDING);
    CHECK(verify_made(stranger, e + 1, 1) == ATTEST_KEY_BINDING);
    check_extension(key, &e[0]);
    check_extension(key, &e[1]);
    // the same quotes, each in the other's clothes: their report data bind something else
    struct certificate_extension raw = {
        "1.2.840.113741.1.13.1", {report + OE_REPORT_HEADER_SIZE, e[1].value.size - OE_REPORT_HEADER_SIZE}};
    struct certificate_extension both[] = {e[1], raw};
    CHECK(verify_made(key, &raw, 1) == ATTEST_EVIDENCE_MISSING);
    CHECK(verify_made(key, both, 2) == ATTEST_OK);
    both[0] = e[0];
    CHECK(verify_made(key, both, 2) == ATTEST_KEY_BINDING);
    free(tagged);
    free(report);
    EVP_PKEY_free(stranger);
    EVP_PKEY_free(key);
}

// Open Enclave's older evidence, Gramine's, and two enclaves in one certificate.
static void test_other_forms(const struct attest_credentials *c)
{
    static const uint8_t oe_header[32] = {3,    0,    0,    0,    0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d,
                                          0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c};
    EVP_PKEY *key = parse_key(c, "-----BEGIN EC PRIVATE KEY-----\n");
    struct public_key public;
    uint8_t data[64] = {0}, *quote, *gramine;
    size_t size, gramine_size;
    CHECK(public_key_of(key, &public));
    CHECK(EVP_Digest(public.pem, public.pem_size, data, NULL, EVP_sha256(), NULL) == 1);
    CHECK(!maker_quote(&maker, data, &quote, &size));
    uint8_t *evidence = malloc(sizeof(oe_header) + size + public.pem_size);
    CHECK(evidence);
    memcpy(evidence, oe_header, sizeof(oe_header));
    const uint64_t rest = size + public.pem_size;
    memcpy(evidence + 24, &rest, sizeof(rest));
    memcpy(evidence + sizeof(oe_header), quote, size);
    memcpy(evidence + sizeof(oe_header) + size, public.pem, public.pem_size);
    struct certificate_extension e[] = {{"1.3.6.1.4.1.311.105.2", {evidence, sizeof(oe_header) + rest}},
                                        {"0.6.9.42.840.113741.1337.6", {0}}};
    CHECK(verify_made(key, e, 1) == ATTEST_OK);
    e[0].oid = "1.2.840.113556.10.1.2";
    CHECK(verify_made(key, e, 1) == ATTEST_OK);
    struct attest_verdict v;
    struct attest_platform platform;
    CHECK(!attest_verify_evidence(evidence, e[0].value.size, &maker.collateral, maker.time, &accept_all, &v));
    CHECK(!memcmp(v.report_data, data, sizeof(data)) && !attest_evidence_platform(evidence, e[0].value.size, &platform));
    evidence[sizeof(oe_header) + rest - 5] ^= 1; // in the claims
    CHECK(attest_verify_evidence(evidence, e[0].value.size, &maker.collateral, maker.time, &accept_all, &v) == -EBADMSG);
    CHECK(v.result == ATTEST_KEY_BINDING && !v.quote_size);
    CHECK(verify_made(key, e, 1) == ATTEST_KEY_BINDING);
    evidence[sizeof(oe_header) + rest - 5] ^= 1;
    maker.identity.isvsvn++;
    CHECK(EVP_Digest(public.spki, public.spki_size, data, NULL, EVP_sha256(), NULL) == 1);
    CHECK(!maker_quote(&maker, data, &gramine, &gramine_size));
    maker.identity.isvsvn--;
    e[1].value = (struct attest_bytes){gramine, gramine_size};
    CHECK(verify_made(key, e + 1, 1) == ATTEST_OK);
    CHECK(verify_made(key, e, 2) == ATTEST_EVIDENCE_CONFLICT);
    data[63] = 1; // report data that should be unused
    free(gramine);
    CHECK(!maker_quote(&maker, data, &gramine, &gramine_size));
    e[1].value = (struct attest_bytes){gramine, gramine_size};
    CHECK(verify_made(key, e + 1, 1) == ATTEST_KEY_BINDING);
    free(gramine);
    free(evidence);
    free(quote);
    public_key_free(&public);
    EVP_PKEY_free(key);
}

// A certificate with an RSA key, signed with PSS over this digest.
static enum attest_result verify_pss(const EVP_MD *digest)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    struct public_key public;
    uint8_t claims[CLAIMS_SIZE], data[64] = {0}, *quote;
    size_t size, evidence_size;
    unsigned char *der = NULL;
    EVP_PKEY_CTX *parameters;
    CHECK(key && public_key_of(key, &public) && claims_make((struct attest_bytes){public.spki, public.spki_size}, claims));
    CHECK(EVP_Digest(claims, sizeof(claims), data, NULL, EVP_sha256(), NULL) == 1 && !maker_quote(&maker, data, &quote, &size));
    uint8_t *evidence = evidence_make((struct attest_bytes){quote, size}, claims, &evidence_size);
    const struct certificate_extension e = {OID_TAGGED_EVIDENCE, {evidence, evidence_size}};
    X509 *certificate = certificate_make(key, "20190501000000Z", &e, 1);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CHECK(certificate && EVP_DigestSignInit(ctx, &parameters, digest, NULL, key) == 1);
    CHECK(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 && X509_sign_ctx(certificate, ctx) > 0);
    const int length = i2d_X509(certificate, &der);
    const enum attest_result result = verify(der, (size_t)length);
    OPENSSL_free(der);
    EVP_MD_CTX_free(ctx);
    X509_free(certificate);
    free(evidence);
    free(quote);
    public_key_free(&public);
    EVP_PKEY_free(key);
    return result;
}

static void test_signature_kinds(void)
{
    CHECK(verify_pss(EVP_sha256()) == ATTEST_OK);
    CHECK(verify_pss(EVP_sha384()) == ATTEST_OK);
    CHECK(verify_pss(EVP_sha1()) == ATTEST_CERTIFICATE_SIGNATURE);
}

// What is no quote and no report that its hardware signs for everybody is told from what is broken.
static void test_unsupported(const struct attest_credentials *c)
{
    static const uint8_t report[1 + 432] = {0}, trust_domain[1024] = {0x81};
    static const struct {
        uint16_t tag;
        const uint8_t *report;
        size_t size;
        enum attest_result result;
    } rows[] = {{60001, report, 432, ATTEST_EVIDENCE_UNSUPPORTED},         {60001, trust_domain, 1024, ATTEST_EVIDENCE_UNSUPPORTED},
                {60002, report, 384, ATTEST_EVIDENCE_UNSUPPORTED},         {60003, report, 432, ATTEST_EVIDENCE_UNSUPPORTED},
                {60000, report, 432, ATTEST_QUOTE_UNSUPPORTED}};
    EVP_PKEY *key = parse_key(c, "-----BEGIN EC PRIVATE KEY-----\n");
    uint8_t evidence[2048];
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const uint8_t head[] = {0xd9, (uint8_t)(rows[i].tag >> 8), (uint8_t)rows[i].tag, 0x82,
                                0x59, (uint8_t)(rows[i].size >> 8), (uint8_t)rows[i].size};
        memcpy(evidence, head, sizeof(head));
        memcpy(evidence + sizeof(head), rows[i].report, rows[i].size);
        memcpy(evidence + sizeof(head) + rows[i].size, "\x41\xa0", 2);
        const struct certificate_extension e = {OID_TAGGED_EVIDENCE, {evidence, sizeof(head) + rows[i].size + 2}};
        CHECK(verify_made(key, &e, 1) == rows[i].result);
    }
    evidence[0] = 0xa0; // a map
    CHECK(verify_made(key, &(struct certificate_extension){OID_TAGGED_EVIDENCE, {evidence, 1}}, 1) == ATTEST_EVIDENCE_MALFORMED);
    const uint8_t local_report[16 + 432] = {1, 0, 0, 0, 1, 0, 0, 0, 0xb0, 1},
                  local[32] = {3, 0, 0, 0, 0x09, 0x26, 0x8c, 0x33, 0x6e, 0x0b, 0x45, 0xe5, 0x8a, 0x27, 0x15, 0x64, 0x4d, 0x0e, 0xf8, 0x9a};
    CHECK(verify_made(key, &(struct certificate_extension){OID_OE_REPORT, {local_report, sizeof(local_report)}}, 1) ==
          ATTEST_EVIDENCE_UNSUPPORTED);
    CHECK(verify_made(key, &(struct certificate_extension){"1.3.6.1.4.1.311.105.2", {local, sizeof(local)}}, 1) ==
          ATTEST_EVIDENCE_UNSUPPORTED);
    CHECK(verify_made(key, &(struct certificate_extension){"1.3.6.1.4.1.311.105.2", {local, 31}}, 1) == ATTEST_EVIDENCE_MALFORMED);
    EVP_PKEY_free(key);
}

int main(void)
{
    struct attest_credentials c;
    maker_open(&maker);
    test_generate(&c);
    test_generate_ex();
    test_no_quotes();
    test_other_forms(&c);
    test_claims(&c);
    test_unsupported(&c);
    test_signature_kinds();
    test_one_encoding();
    test_signed_again(&c);
    test_every_byte(&c);
    attest_credentials_free(&c);
    maker_close(&maker);
    return 0;
}
