// SPDX-License-Identifier: MIT
#include "host/sgx/sign.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sgx/sigstruct.h"

// State components that we let programs use: x87, SSE, AVX, AVX-512. The mandatory two are demanded by the signature.
enum { XFRM_OFFERED = 0xe7 };

extern const char development_key[], development_key_end[];

uint64_t sgx_host_xfrm(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low & XFRM_OFFERED;
}

static EVP_PKEY *read_key(const char *path)
{
    BIO *in = path ? BIO_new_file(path, "r") : BIO_new_mem_buf(development_key, (int)(development_key_end - development_key));
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    if (!key)
        fprintf(stderr, "myst: %s: not a readable private key in PEM form\n", path ? path : "development key");
    return key;
}

int sgx_sign(const struct run_options *options, const uint8_t mrenclave[32], struct sgx_sigstruct *ret)
{
    EVP_PKEY *key = read_key(options->signing_key);
    if (!key)
        return -EINVAL;
    *ret = (struct sgx_sigstruct){
        .date = sgx_sigstruct_date(0), // reproducible
        .miscselect = SGX_MISCSELECT_EXINFO,
        .miscmask = ~0u,
        .attributes = {SGX_ATTRIBUTE_MODE64BIT, SGX_XFRM_LEGACY},
        .attributemask = {~(uint64_t)SGX_ATTRIBUTE_DEBUG, ~(uint64_t)(XFRM_OFFERED & ~SGX_XFRM_LEGACY)},
        .isvprodid = options->product_id,
        .isvsvn = options->security_version,
    };
    memcpy(ret->enclavehash, mrenclave, sizeof(ret->enclavehash));
    int r = sgx_sigstruct_sign(ret, key);
    EVP_PKEY_free(key);
    if (r)
        fprintf(stderr, "myst: %s: cannot sign with it; an RSA key of 3072 bits with exponent 3 is needed\n",
                options->signing_key ? options->signing_key : "development key");
    return r;
}
