// SPDX-License-Identifier: MIT
//
// SHA-256 and ECDSA P-256 on OpenSSL.
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <string.h>

#include "attest/crypto.h"

bool sha256_two(struct attest_bytes first, struct attest_bytes second, uint8_t ret_digest[32])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, first.data, first.size) == 1 &&
              EVP_DigestUpdate(ctx, second.data, second.size) == 1 &&
              EVP_DigestFinal_ex(ctx, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

bool sha256(struct attest_bytes data, uint8_t ret_digest[32])
{
    return sha256_two(data, (struct attest_bytes){"", 0}, ret_digest);
}

EVP_PKEY *p256_key(const uint8_t point[64])
{
    uint8_t encoded[65] = {POINT_CONVERSION_UNCOMPRESSED};
    char group[] = "prime256v1";
    memcpy(encoded + 1, point, 64);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof(encoded)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static bool is_on(const EVP_PKEY *key, const char *name)
{
    char group[32] = "";
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
           !strcmp(group, name);
}

bool p256_is(const EVP_PKEY *key)
{
    return is_on(key, "prime256v1");
}

// r and s as DER, which is what OpenSSL verifies. The length, or a negative number.
static int signature_to_der(const uint8_t *r_bytes, const uint8_t *s_bytes, int size, unsigned char **ret_der)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(r_bytes, size, NULL), *s = BN_bin2bn(s_bytes, size, NULL);
    int length = -1;
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; // now the signature's
        length = i2d_ECDSA_SIG(sig, ret_der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return length;
}

static bool ecdsa_verify(EVP_PKEY *key, const EVP_MD *digest, const uint8_t *r, const uint8_t *s, int size,
                         struct attest_bytes data)
{
    unsigned char *der = NULL;
    const int length = signature_to_der(r, s, size, &der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool ok = length > 0 && ctx && EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
                    EVP_DigestVerify(ctx, der, (size_t)length, data.data, data.size) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    return ok;
}

bool p256_verify(EVP_PKEY *key, const uint8_t signature[64], struct attest_bytes data)
{
    return p256_is(key) && ecdsa_verify(key, EVP_sha256(), signature, signature + 32, 32, data);
}

bool p384_verify(EVP_PKEY *key, const uint8_t r[48], const uint8_t s[48], struct attest_bytes data)
{
    return is_on(key, "secp384r1") && ecdsa_verify(key, EVP_sha384(), r, s, 48, data);
}
