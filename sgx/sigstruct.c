// SPDX-License-Identifier: MIT
//
// SIGSTRUCT: signing, and the checks that EINIT makes before it looks at the enclave. Those use numbers of libcrypto and none of its
// algorithms, which take most of a millisecond to be found for the first time.
//
// Q1 and Q2 are quotients that let the processor verify without dividing: with S the signature and n the
// modulus, q1 = S^2 / n and q2 = S * (S^2 mod n) / n. They are not signed, so they are checked like
// everything else.
#include <errno.h>
#include <nettle/sha2.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>
#include <time.h>

#include "sgx/result.h"
#include "sgx/sigstruct.h"

enum { SIGNED_SIZE = 256, EXPONENT = 3 };

static const uint8_t header[16] = {0x06, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 0x01, 0, 0, 0, 0, 0};
static const uint8_t header2[16] = {0x01, 0x01, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 0x01, 0, 0, 0};

static void reverse(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = from[size - 1 - i];
}

static void signed_bytes(const struct sgx_sigstruct *s, uint8_t ret[SIGNED_SIZE])
{
    const uint8_t *bytes = (const uint8_t *)s;
    memcpy(ret, bytes, 128);
    memcpy(ret + 128, bytes + offsetof(struct sgx_sigstruct, miscselect), 128);
}

static int zero(const uint8_t *bytes, size_t size)
{
    uint8_t all = 0;
    for (size_t i = 0; i < size; i++)
        all |= bytes[i];
    return all == 0;
}

// ret_cube: S^3 mod n, what was signed.
static int quotients(const uint8_t *modulus, const uint8_t *signature, uint8_t *ret_q1, uint8_t *ret_q2, uint8_t *ret_cube)
{
    BN_CTX *ctx = BN_CTX_new();
    if (!ctx)
        return -EIO;
    BN_CTX_start(ctx);
    BIGNUM *n = BN_CTX_get(ctx), *s = BN_CTX_get(ctx), *t = BN_CTX_get(ctx), *q = BN_CTX_get(ctx),
           *r = BN_CTX_get(ctx);
    int ok = r && BN_lebin2bn(modulus, SGX_MODULUS_SIZE, n) && BN_lebin2bn(signature, SGX_MODULUS_SIZE, s) &&
             BN_cmp(s, n) < 0 && BN_sqr(t, s, ctx) && BN_div(q, r, t, n, ctx) &&
             BN_bn2lebinpad(q, ret_q1, SGX_MODULUS_SIZE) == SGX_MODULUS_SIZE && BN_mul(t, s, r, ctx) &&
             BN_div(q, r, t, n, ctx) && BN_bn2lebinpad(q, ret_q2, SGX_MODULUS_SIZE) == SGX_MODULUS_SIZE &&
             BN_bn2lebinpad(r, ret_cube, SGX_MODULUS_SIZE) == SGX_MODULUS_SIZE;
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    return ok ? 0 : -EIO;
}

static int take_modulus(struct sgx_sigstruct *s, EVP_PKEY *key)
{
    BIGNUM *n = NULL, *e = NULL;
    int ok = EVP_PKEY_get_bn_param(key, "n", &n) == 1 && EVP_PKEY_get_bn_param(key, "e", &e) == 1 &&
             BN_num_bits(n) == SGX_MODULUS_SIZE * 8 && BN_is_word(e, EXPONENT) &&
             BN_bn2lebinpad(n, s->modulus, SGX_MODULUS_SIZE) == SGX_MODULUS_SIZE;
    BN_free(n);
    BN_free(e);
    return ok ? 0 : -EINVAL;
}

int sgx_sigstruct_sign(struct sgx_sigstruct *s, EVP_PKEY *key)
{
    int r = take_modulus(s, key);
    if (r)
        return r;
    memcpy(s->header, header, sizeof(header));
    memcpy(s->header2, header2, sizeof(header2));
    s->exponent = EXPONENT;
    uint8_t message[SIGNED_SIZE], signature[SGX_MODULUS_SIZE];
    size_t size = sizeof(signature);
    signed_bytes(s, message);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
             EVP_DigestSign(ctx, signature, &size, message, sizeof(message)) == 1 &&
             size == sizeof(signature);
    EVP_MD_CTX_free(ctx);
    if (!ok)
        return -EIO;
    reverse(s->signature, signature, sizeof(signature));
    uint8_t cube[SGX_MODULUS_SIZE];
    return quotients(s->modulus, s->signature, s->q1, s->q2, cube);
}

void sgx_signature_padding(uint8_t ret[SGX_PADDING_SIZE])
{
    static const uint8_t digest_info[20] = {0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
                                            0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    memset(ret, 0xff, SGX_PADDING_SIZE);
    ret[0] = 0;
    ret[1] = 1;
    memcpy(ret + SGX_PADDING_SIZE - sizeof(digest_info), digest_info, sizeof(digest_info));
}

static void digest_of(const void *bytes, size_t size, uint8_t ret[SGX_HASH_SIZE])
{
    struct sha256_ctx c;
    sha256_init(&c);
    sha256_update(&c, size, bytes);
    sha256_digest(&c, SGX_HASH_SIZE, ret);
}

// The block that a signature of this structure decodes to; the signature is stored from its lowest byte on.
static void signed_block(const struct sgx_sigstruct *s, uint8_t ret[SGX_MODULUS_SIZE])
{
    uint8_t message[SIGNED_SIZE], block[SGX_MODULUS_SIZE];
    signed_bytes(s, message);
    sgx_signature_padding(block);
    digest_of(message, sizeof(message), block + SGX_PADDING_SIZE);
    reverse(ret, block, sizeof(block));
}

static int well_formed(const struct sgx_sigstruct *s)
{
    return !memcmp(s->header, header, sizeof(header)) && !memcmp(s->header2, header2, sizeof(header2)) &&
           (s->vendor == 0 || s->vendor == 0x8086) && s->exponent == EXPONENT &&
           zero(s->reserved1, sizeof(s->reserved1)) && zero(s->reserved2, sizeof(s->reserved2)) &&
           zero(s->reserved3, sizeof(s->reserved3)) && zero(s->reserved4, sizeof(s->reserved4));
}

int sgx_sigstruct_verify(const struct sgx_sigstruct *s)
{
    if (!well_formed(s))
        return SGX_INVALID_SIG_STRUCT;
    uint8_t q1[SGX_MODULUS_SIZE], q2[SGX_MODULUS_SIZE], cube[SGX_MODULUS_SIZE], wanted[SGX_MODULUS_SIZE];
    if (quotients(s->modulus, s->signature, q1, q2, cube) || memcmp(q1, s->q1, sizeof(q1)) || memcmp(q2, s->q2, sizeof(q2)))
        return SGX_INVALID_SIGNATURE;
    signed_block(s, wanted);
    return memcmp(cube, wanted, sizeof(wanted)) ? SGX_INVALID_SIGNATURE : SGX_SUCCESS;
}

void sgx_sigstruct_mrsigner(const struct sgx_sigstruct *s, uint8_t ret_mrsigner[SGX_HASH_SIZE])
{
    digest_of(s->modulus, sizeof(s->modulus), ret_mrsigner);
}

EVP_PKEY *sgx_sigstruct_generate_key(void)
{
    EVP_PKEY *key = NULL;
    BIGNUM *e = BN_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (!e || !ctx || !BN_set_word(e, EXPONENT) || EVP_PKEY_keygen_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, SGX_MODULUS_SIZE * 8) != 1 ||
        EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) != 1 || EVP_PKEY_generate(ctx, &key) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    BN_free(e);
    return key;
}

static uint32_t bcd(unsigned value, unsigned digits)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < digits; i++, value /= 10)
        r |= (value % 10) << (4 * i);
    return r;
}

uint32_t sgx_sigstruct_date(int64_t seconds)
{
    const time_t t = seconds;
    struct tm tm;
    if (!gmtime_r(&t, &tm))
        return 0;
    return bcd((unsigned)tm.tm_year + 1900, 4) << 16 | bcd((unsigned)tm.tm_mon + 1, 2) << 8 |
           bcd((unsigned)tm.tm_mday, 2);
}
