// SPDX-License-Identifier: MIT
#include <errno.h>
#include <openssl/x509v3.h>

#include "emu/platform/certificate.h"

static int set_times(X509_CRL *crl, int64_t from, int64_t until)
{
    ASN1_TIME *first = ASN1_TIME_set(NULL, from), *next = ASN1_TIME_set(NULL, until);
    int ok = first && next && X509_CRL_set1_lastUpdate(crl, first) && X509_CRL_set1_nextUpdate(crl, next);
    ASN1_TIME_free(first);
    ASN1_TIME_free(next);
    return ok;
}

// CRL numbers of an issuer must grow (RFC 5280, 5.2.3): the time does.
static int add_number(X509_CRL *crl, int64_t number)
{
    ASN1_INTEGER *value = ASN1_INTEGER_new();
    int ok = value && ASN1_INTEGER_set_int64(value, number) && X509_CRL_add1_ext_i2d(crl, NID_crl_number, value, 0, 0);
    ASN1_INTEGER_free(value);
    return ok;
}

static int add_authority(X509_CRL *crl, X509 *issuer)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    int ok = extension && X509_CRL_add_ext(crl, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

int platform_crl_make(X509 *issuer, EVP_PKEY *issuer_key, int64_t from, int64_t until, uint8_t **ret)
{
    uint8_t *der = NULL;
    int size = -1;
    X509_CRL *crl = X509_CRL_new();
    if (crl && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
        X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) && set_times(crl, from, until) &&
        add_number(crl, from) && add_authority(crl, issuer) && X509_CRL_sign(crl, issuer_key, EVP_sha256()))
        size = i2d_X509_CRL(crl, &der);
    X509_CRL_free(crl);
    if (size <= 0)
        return -EIO;
    *ret = der;
    return size;
}
