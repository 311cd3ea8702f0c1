// SPDX-License-Identifier: MIT
//
// The part of libcrypto's interface that lib/image uses, SHA-256, on nettle. bin/myst links this instead of libcrypto: loading and
// initialising that library takes longer than everything else bin/myst does before the program runs. Whatever else of libcrypto
// lib/image may come to use is then missing at link time.
#include <nettle/sha2.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct evp_md_ctx_st {
    struct sha256_ctx hash;
};

struct evp_md_st {
    char unused;
};

EVP_MD *EVP_MD_fetch(OSSL_LIB_CTX *library, const char *algorithm, const char *properties)
{
    static EVP_MD sha256;
    return strcmp(algorithm, "SHA256") ? NULL : &sha256;
}

void EVP_MD_free(EVP_MD *md)
{
}

EVP_MD_CTX *EVP_MD_CTX_new(void)
{
    return calloc(1, sizeof(EVP_MD_CTX));
}

void EVP_MD_CTX_free(EVP_MD_CTX *context)
{
    free(context);
}

int EVP_DigestInit_ex2(EVP_MD_CTX *context, const EVP_MD *md, const OSSL_PARAM parameters[])
{
    sha256_init(&context->hash);
    return 1;
}

int EVP_DigestUpdate(EVP_MD_CTX *context, const void *data, size_t size)
{
    sha256_update(&context->hash, size, data);
    return 1;
}

int EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *digest, unsigned int *size)
{
    sha256_digest(&context->hash, SHA256_DIGEST_SIZE, digest);
    if (size)
        *size = SHA256_DIGEST_SIZE;
    return 1;
}
