// SPDX-License-Identifier: MIT
//
// Validity is that of the test root: a software platform does not grow old.
#include "emu/platform/certificate.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "emu/platform/test_root.h"

enum { SERIAL_SIZE = 20 };
static const char sgx_extension_oid[] = "1.2.840.113741.1.13.1";

// Nothing is served there (".invalid", RFC 2606); verifiers get lists with the collateral, but some demand that
// the extension exists.
#define DISTRIBUTION "URI:https://mystikos-test-root.invalid/"

static const struct shape {
    const char *common_name, *constraints, *usage, *crl;
} shapes[] = {
    [CERTIFICATE_PCK_CA] = {"Mystikos Test SGX PCK Platform CA", "critical,CA:TRUE,pathlen:0",
                            "critical,keyCertSign,cRLSign", DISTRIBUTION "root_ca_crl.der"},
    [CERTIFICATE_PCK] = {"Mystikos Test SGX PCK Certificate", "critical,CA:FALSE",
                         "critical,digitalSignature,nonRepudiation", DISTRIBUTION "pck_platform_crl.der"},
    [CERTIFICATE_TCB_SIGNING] = {"Mystikos Test SGX TCB Signing", "critical,CA:FALSE",
                                 "critical,digitalSignature,nonRepudiation", DISTRIBUTION "root_ca_crl.der"},
};

static BIO *memory(const char *from, const char *end)
{
    return BIO_new_mem_buf(from, (int)(end - from));
}

X509 *platform_test_root_certificate(void)
{
    BIO *in = memory(platform_test_root, platform_test_root_end);
    X509 *ret = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    return ret;
}

EVP_PKEY *platform_test_root_private_key(void)
{
    BIO *in = memory(platform_test_root_key, platform_test_root_key_end);
    EVP_PKEY *ret = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    return ret;
}

static int set_serial(X509 *certificate)
{
    uint8_t bytes[SERIAL_SIZE];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return 0;
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); // positive, and always of full length
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    int ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

static int set_name(X509 *certificate, const char *common_name)
{
    X509_NAME *name = X509_NAME_new();
    int ok = name && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)common_name, -1, -1, 0) &&
             X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const uint8_t *)"Mystikos", -1, -1, 0) &&
             X509_set_subject_name(certificate, name);
    X509_NAME_free(name);
    return ok;
}

static int add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
    int ok = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

static int add_sgx_extension(X509 *certificate, const ASN1_OCTET_STRING *value)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(sgx_extension_oid, 1);
    ASN1_OCTET_STRING *copy = oid ? ASN1_OCTET_STRING_dup(value) : NULL;
    X509_EXTENSION *extension = copy ? X509_EXTENSION_create_by_OBJ(NULL, oid, 0, copy) : NULL;
    int ok = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(copy);
    ASN1_OBJECT_free(oid);
    return ok;
}

static int fill(X509 *c, const struct shape *shape, EVP_PKEY *subject_key, X509 *issuer,
                const ASN1_OCTET_STRING *sgx_extension)
{
    return X509_set_version(c, X509_VERSION_3) && set_serial(c) && set_name(c, shape->common_name) &&
           X509_set_issuer_name(c, X509_get_subject_name(issuer)) &&
           X509_set1_notBefore(c, X509_get0_notBefore(issuer)) &&
           X509_set1_notAfter(c, X509_get0_notAfter(issuer)) && X509_set_pubkey(c, subject_key) &&
           add_extension(c, issuer, NID_authority_key_identifier, "keyid:always") &&
           add_extension(c, issuer, NID_crl_distribution_points, shape->crl) &&
           add_extension(c, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(c, issuer, NID_key_usage, shape->usage) &&
           add_extension(c, issuer, NID_basic_constraints, shape->constraints) &&
           (!sgx_extension || add_sgx_extension(c, sgx_extension));
}

X509 *platform_certificate_issue(enum certificate_kind kind, EVP_PKEY *subject_key, X509 *issuer, EVP_PKEY *issuer_key,
                                 const ASN1_OCTET_STRING *sgx_extension)
{
    X509 *c = X509_new();
    if (c && fill(c, &shapes[kind], subject_key, issuer, sgx_extension) && X509_sign(c, issuer_key, EVP_sha256()))
        return c;
    X509_free(c);
    return NULL;
}

int platform_certificate_to_pem(X509 *certificate, struct platform_pem *ret)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    int ok = out && PEM_write_bio_X509(out, certificate);
    long size = ok ? BIO_get_mem_data(out, &text) : 0;
    int r = size <= 0 ? -EIO : size > PLATFORM_PEM_SIZE ? -EMSGSIZE : 0;
    if (!r) {
        *ret = (struct platform_pem){.size = (uint32_t)size};
        memcpy(ret->text, text, (size_t)size);
    }
    BIO_free(out);
    return r;
}

X509 *platform_certificate_from_pem(const struct platform_pem *pem)
{
    BIO *in = memory(pem->text, pem->text + pem->size);
    X509 *ret = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    return ret;
}
