// SPDX-License-Identifier: MIT
#include "tests/unit/attest/issue.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdarg.h>

static X509_EXTENSION *unknown_critical(void)
{
    const uint8_t null[] = {0x05, 0x00};
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.3.4.5.6.7", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    CHECK(oid && value && ASN1_OCTET_STRING_set(value, null, sizeof(null)) == 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
    CHECK(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    return extension;
}

static void add_own(X509 *c, X509_EXTENSION *extension)
{
    CHECK(extension && X509_add_ext(c, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void add_text(X509 *c, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
    if (*value)
        add_own(c, X509V3_EXT_nconf_nid(NULL, &ctx, nid, value));
}

static void add_sgx(X509 *c, const ASN1_OCTET_STRING *value)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
    ASN1_OCTET_STRING *copy = ASN1_OCTET_STRING_dup(value);
    add_own(c, X509_EXTENSION_create_by_OBJ(NULL, oid, 0, copy));
    ASN1_OCTET_STRING_free(copy);
    ASN1_OBJECT_free(oid);
}

static void set_date(X509 *c, int (*set)(X509 *, const ASN1_TIME *), int64_t seconds, const ASN1_TIME *otherwise)
{
    ASN1_TIME *time = seconds ? ASN1_TIME_set(NULL, seconds) : ASN1_STRING_dup(otherwise);
    CHECK(time && set(c, time) == 1);
    ASN1_TIME_free(time);
}

static void set_names(X509 *c, const char *name, X509 *issuer)
{
    X509_NAME *subject = X509_NAME_new();
    CHECK(subject && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0));
    CHECK(X509_set_subject_name(c, subject)); // before the issuer's is read: it may be the same certificate
    CHECK(X509_set_issuer_name(c, X509_get_subject_name(issuer)));
    X509_NAME_free(subject);
}

struct authority issue(const struct shape *s, const struct authority *issuer)
{
    static long serial = 1000;
    struct authority a = {.key = s->rsa_bits ? EVP_RSA_gen(s->rsa_bits) : EVP_EC_gen(s->curve ? s->curve : "P-256"),
                          .certificate = X509_new()};
    X509 *c = a.certificate, *above = issuer ? issuer->certificate : c;
    ASN1_TIME *now = X509_gmtime_adj(NULL, -3600), *later = X509_gmtime_adj(NULL, 365 * 86400);
    CHECK(a.key && c && now && later && X509_set_version(c, X509_VERSION_3) && X509_set_pubkey(c, a.key));
    CHECK(ASN1_INTEGER_set(X509_get_serialNumber(c), serial++) == 1);
    set_names(c, s->name ? s->name : "Mystikos Test SGX TCB Signing", above);
    set_date(c, X509_set1_notBefore, s->begin, issuer ? X509_get0_notBefore(above) : now);
    set_date(c, X509_set1_notAfter, s->end, issuer ? X509_get0_notAfter(above) : later);
    add_text(c, above, NID_subject_key_identifier, "hash");
    add_text(c, above, NID_authority_key_identifier, "keyid:always");
    add_text(c, above, NID_basic_constraints, s->constraints ? s->constraints : "critical,CA:FALSE");
    add_text(c, above, NID_key_usage, s->usage ? s->usage : "critical,digitalSignature,nonRepudiation");
    add_text(c, above, NID_ext_key_usage, s->extended_usage ? s->extended_usage : "");
    if (s->sgx_extension)
        add_sgx(c, s->sgx_extension);
    if (s->unknown_critical)
        add_own(c, unknown_critical());
    CHECK(X509_sign(c, issuer ? issuer->key : a.key, s->digest ? s->digest : EVP_sha256()) > 0);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
    return a;
}

void authority_free(struct authority *a)
{
    X509_free(a->certificate);
    EVP_PKEY_free(a->key);
}

char *pem_of(X509 *first, ...)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    va_list rest;
    va_start(rest, first);
    for (X509 *c = first; c; c = va_arg(rest, X509 *))
        CHECK(PEM_write_bio_X509(bio, c) == 1);
    va_end(rest);
    const size_t size = (size_t)BIO_get_mem_data(bio, &text);
    char *copy = strndup(text, size);
    CHECK(copy);
    BIO_free(bio);
    return copy;
}

static void add_to_list(X509_CRL *crl, X509_EXTENSION *extension)
{
    CHECK(extension && X509_CRL_add_ext(crl, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void add_entry(X509_CRL *crl, const struct list_shape *s, const ASN1_TIME *when)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_dup(s->revoked);
    X509_EXTENSION *extension = s->entry_unknown_critical ? unknown_critical() : NULL;
    CHECK(entry && serial && X509_REVOKED_set_serialNumber(entry, serial));
    CHECK(X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)(uintptr_t)when));
    CHECK(!extension || X509_REVOKED_add_ext(entry, extension, -1) == 1);
    CHECK(X509_CRL_add0_revoked(crl, entry) == 1);
    X509_EXTENSION_free(extension);
    ASN1_INTEGER_free(serial);
}

struct attest_bytes issue_list(const struct list_shape *s, const struct authority *issuer)
{
    X509V3_CTX ctx;
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *begin = ASN1_TIME_set(NULL, s->begin), *end = ASN1_TIME_set(NULL, s->end);
    unsigned char *der = NULL;
    CHECK(crl && begin && end && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    CHECK(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->certificate)) == 1);
    CHECK(X509_CRL_set1_lastUpdate(crl, begin) == 1 && (!s->end || X509_CRL_set1_nextUpdate(crl, end) == 1));
    if (s->revoked)
        add_entry(crl, s, begin);
    X509V3_set_ctx(&ctx, issuer->certificate, NULL, NULL, crl, 0);
    add_to_list(crl, X509V3_EXT_nconf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always"));
    if (s->distribution_point)
        add_to_list(crl, X509V3_EXT_nconf_nid(NULL, &ctx, NID_issuing_distribution_point, s->distribution_point));
    if (s->delta_of)
        CHECK(X509_CRL_add1_ext_i2d(crl, NID_delta_crl, (void *)(uintptr_t)s->delta_of, 1, 0) == 1);
    if (s->unknown_critical)
        add_to_list(crl, unknown_critical());
    CHECK(X509_CRL_sign(crl, issuer->key, s->digest ? s->digest : EVP_sha256()) > 0);
    const int size = i2d_X509_CRL(crl, &der);
    CHECK(size > 0);
    ASN1_TIME_free(begin);
    ASN1_TIME_free(end);
    X509_CRL_free(crl);
    return (struct attest_bytes){der, (size_t)size};
}

void sign_raw(EVP_PKEY *key, const void *data, size_t size, uint8_t ret[64])
{
    uint8_t der[80];
    size_t length = sizeof(der);
    const unsigned char *p = der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CHECK(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1);
    CHECK(EVP_DigestSign(ctx, der, &length, data, size) == 1);
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &p, (long)length);
    CHECK(signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), ret, 32) == 32);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret + 32, 32) == 32);
    ECDSA_SIG_free(signature);
    EVP_MD_CTX_free(ctx);
}
