// SPDX-License-Identifier: MIT
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "attest/crypto.h"
#include "attest/public_key.h"

// Takes the DER, OpenSSL's or NULL.
static bool fill(unsigned char *der, int size, struct public_key *key)
{
    memset(key, 0, sizeof(*key));
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    long length = 0;
    if (der && size > 0 && bio && PEM_write_bio(bio, PEM_STRING_PUBLIC, "", der, size) > 0)
        length = BIO_get_mem_data(bio, &text);
    if (length > 0 && (key->pem = malloc((size_t)length + 1)) && (key->spki = malloc((size_t)size))) {
        memcpy(key->pem, text, (size_t)length);
        key->pem[length] = 0;
        key->pem_size = (size_t)length + 1;
        memcpy(key->spki, der, (size_t)size);
        key->spki_size = (size_t)size;
    }
    BIO_free(bio);
    OPENSSL_free(der);
    if (key->spki)
        return true;
    public_key_free(key);
    return false;
}

bool public_key_of_certificate(const X509 *certificate, struct public_key *key)
{
    unsigned char *der = NULL;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    return fill(der, size, key);
}

// OpenSSL's own way goes through all the encoders it has, to find the one for these 91 bytes.
bool public_key_put_p256(const EVP_PKEY *pkey, X509_PUBKEY *to)
{
    enum { POINT_SIZE = 65 };
    unsigned char *point = p256_is(pkey) ? OPENSSL_malloc(POINT_SIZE) : NULL;
    size_t size = 0;
    if (point &&
        EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE, &size) == 1 && size == POINT_SIZE &&
        point[0] == POINT_CONVERSION_UNCOMPRESSED &&
        X509_PUBKEY_set0_param(to, OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT, OBJ_nid2obj(NID_X9_62_prime256v1), point,
                               POINT_SIZE) == 1)
        return true; // the point is now its
    OPENSSL_free(point);
    return false;
}

bool public_key_of(const EVP_PKEY *pkey, struct public_key *key)
{
    unsigned char *der = NULL;
    X509_PUBKEY *p256 = X509_PUBKEY_new();
    const int size = p256 && public_key_put_p256(pkey, p256) ? i2d_X509_PUBKEY(p256, &der) : i2d_PUBKEY(pkey, &der);
    X509_PUBKEY_free(p256);
    return fill(der, size, key);
}

void public_key_free(struct public_key *key)
{
    free(key->spki);
    free(key->pem);
    memset(key, 0, sizeof(*key));
}
