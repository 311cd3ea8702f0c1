// SPDX-License-Identifier: MIT
#include "emu/platform/ec.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <string.h>

enum { POINT_UNCOMPRESSED = 4, MAX_SIGNATURE = 80 };

int platform_key_generate(struct platform_key *ret)
{
    uint8_t point[65];
    size_t size = 0;
    BIGNUM *secret = NULL;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    int ok = key && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1 &&
             EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &size) == 1 &&
             size == sizeof(point) && point[0] == POINT_UNCOMPRESSED &&
             BN_bn2binpad(secret, ret->secret, sizeof(ret->secret)) == (int)sizeof(ret->secret);
    if (ok)
        memcpy(ret->point, point + 1, sizeof(ret->point));
    BN_clear_free(secret);
    EVP_PKEY_free(key);
    return ok ? 0 : -EIO;
}

static OSSL_PARAM *key_parameters(const BIGNUM *secret, const uint8_t point[65])
{
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    OSSL_PARAM *ret = NULL;
    if (b && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, 65) == 1)
        ret = OSSL_PARAM_BLD_to_param(b);
    OSSL_PARAM_BLD_free(b);
    return ret;
}

EVP_PKEY *platform_key_import(const struct platform_key *key)
{
    uint8_t point[65] = {POINT_UNCOMPRESSED};
    memcpy(point + 1, key->point, sizeof(key->point));
    BIGNUM *secret = BN_bin2bn(key->secret, sizeof(key->secret), NULL);
    OSSL_PARAM *parameters = secret ? key_parameters(secret, point) : NULL;
    EVP_PKEY_CTX *ctx = parameters ? EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL) : NULL;
    EVP_PKEY *ret = NULL;
    if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
        (void)EVP_PKEY_fromdata(ctx, &ret, EVP_PKEY_KEYPAIR, parameters); // ret stays NULL when it fails
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(parameters);
    BN_clear_free(secret);
    return ret;
}

static int to_raw(const uint8_t *der, size_t size, uint8_t ret[64])
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
    int ok = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), ret, 32) == 32 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret + 32, 32) == 32;
    ECDSA_SIG_free(signature);
    return ok ? 0 : -EIO;
}

int platform_sign(EVP_PKEY *key, const void *data, size_t size, uint8_t ret_signature[64])
{
    uint8_t der[MAX_SIGNATURE];
    size_t length = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
             EVP_DigestSign(ctx, der, &length, data, size) == 1;
    EVP_MD_CTX_free(ctx);
    return ok ? to_raw(der, length, ret_signature) : -EIO;
}
