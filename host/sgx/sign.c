// SPDX-License-Identifier: MIT
#include "host/sgx/sign.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/xfeatures.h"
#include "host/sgx/sign_cache.h"
#include "sgx/sigstruct.h"

extern const char development_key[], development_key_end[];

// The mandatory two, x87 and SSE, are demanded by the signature.
uint64_t sgx_host_xfrm(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low & XFEATURES_OFFERED;
}

struct key_text {
    const void *bytes;
    size_t size;
    void *owned; // to be freed
};

static int read_key_text(const char *path, struct key_text *ret)
{
    enum { LIMIT = 0x10000 };
    *ret = (struct key_text){development_key, (size_t)(development_key_end - development_key), NULL};
    if (!path)
        return 0;
    FILE *f = fopen(path, "re");
    ret->owned = f ? malloc(LIMIT) : NULL;
    ret->bytes = ret->owned;
    ret->size = ret->owned ? fread(ret->owned, 1, LIMIT, f) : 0;
    if (f)
        fclose(f);
    if (ret->size)
        return 0;
    fprintf(stderr, "myst: %s: cannot be read\n", path);
    free(ret->owned);
    return -EINVAL;
}

static EVP_PKEY *parse_key(const struct key_text *text, const char *path)
{
    BIO *in = BIO_new_mem_buf(text->bytes, (int)text->size);
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    if (!key)
        fprintf(stderr, "myst: %s: not a readable private key in PEM form\n", path ? path : "development key");
    return key;
}

static int sign_with(const struct key_text *text, const char *path, struct sgx_sigstruct *s)
{
    EVP_PKEY *key = parse_key(text, path);
    if (!key)
        return -EINVAL;
    int r = sgx_sigstruct_sign(s, key);
    EVP_PKEY_free(key);
    if (r)
        fprintf(stderr, "myst: %s: cannot sign with it; an RSA key of 3072 bits with exponent 3 is needed\n",
                path ? path : "development key");
    return r;
}

int sgx_sign(const struct run_options *options, const uint8_t mrenclave[32], struct sgx_sigstruct *ret)
{
    struct key_text text;
    int r = read_key_text(options->signing_key, &text);
    if (r)
        return r;
    struct sgx_sigstruct wanted = {
        .miscselect = SGX_MISCSELECT_EXINFO, // no date: reproducible
        .miscmask = ~0u,
        .attributes = {SGX_ATTRIBUTE_MODE64BIT, SGX_XFRM_LEGACY},
        .attributemask = {~(uint64_t)SGX_ATTRIBUTE_DEBUG, ~(uint64_t)(XFEATURES_OFFERED & ~SGX_XFRM_LEGACY)},
        .isvprodid = options->product_id,
        .isvsvn = options->security_version,
        .date = 0x19700101,
    };
    memcpy(wanted.enclavehash, mrenclave, sizeof(wanted.enclavehash));
    if (!sign_cache_get(&wanted, text.bytes, text.size, ret)) {
        *ret = wanted;
        r = sign_with(&text, options->signing_key, ret);
        if (!r)
            sign_cache_put(&wanted, text.bytes, text.size, ret);
    }
    free(text.owned);
    return r;
}
