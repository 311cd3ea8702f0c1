// SPDX-License-Identifier: MIT
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

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

bool public_key_of(const EVP_PKEY *pkey, struct public_key *key)
{
    unsigned char *der = NULL;
    const int size = i2d_PUBKEY(pkey, &der);
    return fill(der, size, key);
}

void public_key_free(struct public_key *key)
{
    free(key->spki);
    free(key->pem);
    memset(key, 0, sizeof(*key));
}
