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

bool p256_is(const EVP_PKEY *key)
{
    char group[32] = "";
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
           !strcmp(group, "prime256v1");
}

// r and s as DER, which is what OpenSSL verifies. The length, or a negative number.
static int signature_to_der(const uint8_t signature[64], unsigned char **ret_der)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    int size = -1;
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; // now the signature's
        size = i2d_ECDSA_SIG(sig, ret_der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return size;
}

bool p256_verify(EVP_PKEY *key, const uint8_t signature[64], struct attest_bytes data)
{
    unsigned char *der = NULL;
    const int size = signature_to_der(signature, &der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = size > 0 && ctx && p256_is(key) &&
              EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestVerify(ctx, der, (size_t)size, data.data, data.size) == 1;
    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);
    return ok;
}
