// SPDX-License-Identifier: MIT
//
// A quote, checked link by link with OpenSSL.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "sgx/quote.h"
#include "tests/unit/platform/check.h"

EVP_PKEY *point_key(const uint8_t point[64])
{
    uint8_t encoded[65] = {4};
    memcpy(encoded + 1, point, 64);
    char group[] = "P-256";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof(encoded)),
                               OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    CHECK(ctx && EVP_PKEY_fromdata_init(ctx) == 1);
    CHECK(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

bool signature_holds(EVP_PKEY *key, const void *data, size_t size, const uint8_t signature[64])
{
    uint8_t *der = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    ECDSA_SIG_set0(sig, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL));
    int length = i2d_ECDSA_SIG(sig, &der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CHECK(length > 0 && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1);
    bool ok = EVP_DigestVerify(ctx, der, (size_t)length, data, size) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    return ok;
}

unsigned read_chain(const void *text, size_t size, X509 **ret, unsigned max)
{
    unsigned count = 0;
    BIO *in = BIO_new_mem_buf(text, (int)size);
    while (count < max && (ret[count] = PEM_read_bio_X509(in, NULL, NULL, NULL)))
        count++;
    BIO_free(in);
    return count;
}

static X509 *trusted_root(void)
{
    FILE *f = fopen(TEST_ROOT, "r");
    CHECK(f);
    X509 *root = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    CHECK(root);
    return root;
}

bool chain_holds(X509 *const *chain, unsigned count, X509_CRL *const *crls, unsigned crl_count)
{
    X509 *root = trusted_root();
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    CHECK(store && ctx && others && X509_STORE_add_cert(store, root));
    for (unsigned i = 1; i < count; i++)
        CHECK(sk_X509_push(others, chain[i]));
    for (unsigned i = 0; i < crl_count; i++)
        CHECK(X509_STORE_add_crl(store, crls[i]));
    unsigned long crl_flags = crl_count ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : 0;
    X509_STORE_set_flags(store, X509_V_FLAG_X509_STRICT | crl_flags);
    CHECK(X509_STORE_CTX_init(ctx, store, chain[0], others));
    bool ok = X509_verify_cert(ctx) == 1;
    if (!ok)
        fprintf(stderr, "chain: %s\n", X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_free(others);
    X509_free(root);
    return ok;
}

// The extension, from the OID on: type, length and bytes of the values that a verifier reads.
static void check_sgx_extension(X509 *leaf, const struct sgx_report_body *qe_report)
{
    static const uint8_t fmspc_oid[] = {0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf8,
                                        0x4d, 0x01, 0x0d, 0x01, 0x04, 0x04, 6};
    static const uint8_t cpusvn_oid[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d,
                                         0x01, 0x0d, 0x01, 0x02, 0x12, 0x04, 16};
    static const uint8_t first_component[] = {0x30, 0x10, 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf8,
                                              0x4d, 0x01, 0x0d, 0x01, 0x02, 0x01, 0x02, 0x01};
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
    int index = X509_get_ext_by_OBJ(leaf, oid, -1);
    ASN1_OBJECT_free(oid);
    CHECK(index >= 0);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(leaf, index));
    const uint8_t *der = ASN1_STRING_get0_data(value);
    size_t size = (size_t)ASN1_STRING_length(value);
    const uint8_t *fmspc = memmem(der, size, fmspc_oid, sizeof(fmspc_oid));
    const uint8_t *cpusvn = memmem(der, size, cpusvn_oid, sizeof(cpusvn_oid));
    const uint8_t *component = memmem(der, size, first_component, sizeof(first_component));
    CHECK(fmspc && !memcmp(fmspc + sizeof(fmspc_oid), emu_platform_fmspc, 6));
    CHECK(cpusvn && !memcmp(cpusvn + sizeof(cpusvn_oid), qe_report->cpusvn, 16));
    CHECK(component && component[sizeof(first_component)] == qe_report->cpusvn[0]);
}

static void check_pck(const uint8_t *certification, size_t size, const struct sgx_quote_signature *s)
{
    X509 *chain[4];
    unsigned count = read_chain(certification, size, chain, 4);
    CHECK(count == 3);
    CHECK(chain_holds(chain, count, NULL, 0));
    CHECK(signature_holds(X509_get0_pubkey(chain[0]), s->qe_report, sizeof(s->qe_report), s->qe_report_signature));
    struct sgx_report_body qe_report;
    memcpy(&qe_report, s->qe_report, sizeof(qe_report));
    check_sgx_extension(chain[0], &qe_report);
    for (unsigned i = 0; i < count; i++)
        X509_free(chain[i]);
}

void check_quote(const uint8_t *quote, size_t size, const struct sgx_report *report)
{
    struct sgx_quote q;
    struct sgx_quote_signature s;
    CHECK(size > SGX_QUOTE_SIGNATURE_OFFSET + sizeof(s) + 40);
    memcpy(&q, quote, SGX_QUOTE_SIGNATURE_OFFSET);
    memcpy(&s, quote + SGX_QUOTE_SIGNATURE_OFFSET, sizeof(s));
    CHECK(q.header.version == 3 && q.header.attestation_key_type == 2 && !q.header.reserved);
    CHECK(!memcmp(&q.body, &report->body, sizeof(q.body)));
    uint32_t length, certification_size;
    uint16_t auth_size, type;
    memcpy(&length, q.signature_size, 4);
    CHECK(SGX_QUOTE_SIGNATURE_OFFSET + length == size);
    const uint8_t *rest = quote + SGX_QUOTE_SIGNATURE_OFFSET + sizeof(s);
    memcpy(&auth_size, rest, 2);
    memcpy(&type, rest + 2 + auth_size, 2);
    memcpy(&certification_size, rest + 4 + auth_size, 4);
    CHECK(auth_size == 32 && type == SGX_CERTIFICATION_PCK_CHAIN);
    CHECK(length == sizeof(s) + 8u + auth_size + certification_size);

    EVP_PKEY *attestation = point_key(s.attestation_key);
    CHECK(signature_holds(attestation, quote, 432, s.signature));
    EVP_PKEY_free(attestation);

    uint8_t bound[64 + 32], hash[32], zero[32] = {0};
    memcpy(bound, s.attestation_key, 64);
    memcpy(bound + 64, rest + 2, 32);
    CHECK(EVP_Digest(bound, sizeof(bound), hash, NULL, EVP_sha256(), NULL) == 1);
    CHECK(!memcmp(s.qe_report + 320, hash, 32) && !memcmp(s.qe_report + 352, zero, 32));
    check_pck(rest + 8 + auth_size, certification_size, &s);
}
