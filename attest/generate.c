// SPDX-License-Identifier: MIT
//
// Credentials: a fresh key, evidence over it, and a certificate.
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "attest/cbor.h"
#include "attest/certificate_make.h"
#include "attest/crypto.h"
#include "attest/extension.h"
#include "attest/openenclave.h"
#include "attest/public_key.h"
#include "attest/quote.h"

struct generator {
    attest_quote_fn *quote;
    void *arg;
    EVP_PKEY *key;
    struct public_key public_key;
    struct attest_credentials *credentials;
};

// A quote over the hash of `data`; what comes back is looked at, since a certificate with a useless quote
// helps nobody.
static int quote_over(const struct generator *g, struct attest_bytes data, uint8_t **ret_quote,
                      size_t *ret_size)
{
    uint8_t report_data[64] = {0};
    struct attest_verdict ignored;
    struct quote parsed;
    if (!sha256(data, report_data))
        return -EIO;
    const int r = g->quote(g->arg, report_data, ret_quote, ret_size);
    if (r)
        return r;
    if (!quote_parse((struct attest_bytes){*ret_quote, *ret_size}, &parsed, &ignored) &&
        parsed.size == *ret_size && !memcmp(parsed.body.reportdata, report_data, sizeof(report_data)))
        return 0;
    free(*ret_quote);
    *ret_quote = NULL;
    return -EBADMSG;
}

static int make_tagged(const struct generator *g, uint8_t **ret_evidence, size_t *ret_size)
{
    uint8_t claims[CLAIMS_SIZE], *quote;
    size_t quote_size;
    if (!claims_make((struct attest_bytes){g->public_key.spki, g->public_key.spki_size}, claims))
        return -EIO;
    const int r = quote_over(g, (struct attest_bytes){claims, sizeof(claims)}, &quote, &quote_size);
    if (r)
        return r;
    *ret_evidence = evidence_make((struct attest_bytes){quote, quote_size}, claims, ret_size);
    free(quote);
    return *ret_evidence ? 0 : -ENOMEM;
}

// An Open Enclave report over the hash of `data`.
static int make_report(const struct generator *g, struct attest_bytes data, uint8_t **ret_report,
                       size_t *ret_size)
{
    uint8_t *quote;
    size_t quote_size;
    const int r = quote_over(g, data, &quote, &quote_size);
    if (r)
        return r;
    *ret_report = oe_report_make((struct attest_bytes){quote, quote_size}, ret_size);
    free(quote);
    return *ret_report ? 0 : -ENOMEM;
}

static int put_certificate(const struct generator *g, const char *not_before,
                           const struct certificate_extension *extensions, size_t count)
{
    struct attest_credentials *out = g->credentials;
    unsigned char *der = NULL;
    X509 *certificate = certificate_make(g->key, not_before, extensions, count);
    const int size = certificate ? i2d_X509(certificate, &der) : -1;
    X509_free(certificate);
    int r = size > 0 ? 0 : -EIO;
    if (!r && !(out->certificate = malloc((size_t)size)))
        r = -ENOMEM;
    if (!r) {
        memcpy(out->certificate, der, (size_t)size);
        out->certificate_size = (size_t)size;
    }
    OPENSSL_free(der);
    return r;
}

// The traditional PEM form that names the algorithm: what existing programs parse.
static int put_key(const struct generator *g)
{
    struct attest_credentials *out = g->credentials;
    char *text;
    BIO *bio = BIO_new(BIO_s_secmem()); // plain memory where there is no secure heap, but wiped
    long size = 0;
    if (bio && PEM_write_bio_PrivateKey_traditional(bio, g->key, NULL, NULL, 0, NULL, NULL) == 1)
        size = BIO_get_mem_data(bio, &text);
    int r = size > 0 ? 0 : -EIO;
    if (!r && !(out->key = calloc(1, (size_t)size + 1)))
        r = -ENOMEM;
    if (!r) {
        memcpy(out->key, text, (size_t)size);
        out->key_size = (size_t)size + 1;
    }
    BIO_free(bio);
    return r;
}

static int make_ec(const struct generator *g)
{
    uint8_t *tagged = NULL, *report = NULL;
    size_t tagged_size = 0, report_size = 0;
    int r = make_tagged(g, &tagged, &tagged_size);
    if (!r)
        r = make_report(g, (struct attest_bytes){g->public_key.pem, g->public_key.pem_size}, &report,
                        &report_size);
    if (!r) {
        const struct certificate_extension extensions[] = {{OID_TAGGED_EVIDENCE, {tagged, tagged_size}},
                                                           {OID_OE_REPORT, {report, report_size}}};
        r = put_certificate(g, "20190501000000Z", extensions, 2);
    }
    free(tagged);
    free(report);
    return r;
}

static int make_rsa(const struct generator *g)
{
    struct attest_credentials *out = g->credentials;
    const int r = make_report(g, (struct attest_bytes){g->public_key.spki, g->public_key.spki_size},
                              &out->report, &out->report_size);
    return r ? r : put_certificate(g, "20210101000000Z", NULL, 0);
}

static int generate(struct generator *g, int (*make)(const struct generator *))
{
    memset(g->credentials, 0, sizeof(*g->credentials));
    int r = g->key ? 0 : -EIO;
    if (!r && !public_key_of(g->key, &g->public_key))
        r = -ENOMEM;
    if (!r)
        r = make(g);
    if (!r)
        r = put_key(g);
    if (r)
        attest_credentials_free(g->credentials);
    public_key_free(&g->public_key);
    EVP_PKEY_free(g->key);
    return r;
}

int attest_generate(attest_quote_fn *quote, void *arg, struct attest_credentials *ret)
{
    struct generator g = {.quote = quote, .arg = arg, .key = EVP_EC_gen("P-256"), .credentials = ret};
    return generate(&g, make_ec);
}

int attest_generate_ex(attest_quote_fn *quote, void *arg, struct attest_credentials *ret)
{
    struct generator g = {.quote = quote, .arg = arg, .key = EVP_RSA_gen(3072), .credentials = ret};
    return generate(&g, make_rsa);
}

void attest_credentials_free(struct attest_credentials *c)
{
    if (c->key)
        OPENSSL_cleanse(c->key, c->key_size);
    free(c->certificate);
    free(c->key);
    free(c->report);
    memset(c, 0, sizeof(*c));
}
