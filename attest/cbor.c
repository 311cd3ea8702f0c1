// SPDX-License-Identifier: MIT
//
// Just the CBOR (RFC 8949) that this evidence uses: definite lengths in their shortest form, and little
// nesting.
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "attest/cbor.h"
#include "attest/crypto.h"

enum cbor_major {
    CBOR_UNSIGNED = 0,
    CBOR_NEGATIVE,
    CBOR_BYTES,
    CBOR_TEXT,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_TAG,
    CBOR_SIMPLE
};
enum { TAG_TEE_EVIDENCE = 60000, TAG_TEE_REPORT = 60001, MAX_DEPTH = 8 }; // 60002: an SGX report, for its own platform
enum { HASH_SHA256 = 1, HASH_SHA384 = 7, HASH_SHA512 = 8 }; // IANA Named Information

// The head of an item: its type and number.
static bool take_head(struct attest_bytes *in, enum cbor_major *ret_major, uint64_t *ret_number)
{
    const uint8_t *p = in->data;
    if (!in->size)
        return false;
    const unsigned info = p[0] & 0x1f;
    const size_t octets = info < 24 ? 0 : info < 28 ? (size_t)1 << (info - 24) : 9;
    if (octets > 8 || in->size < 1 + octets)
        return false;
    uint64_t number = octets ? 0 : info;
    for (size_t i = 0; i < octets; i++)
        number = number << 8 | p[1 + i];
    const bool shortest = octets == 0 || (octets == 1 ? number >= 24 : number >> (4 * octets) != 0);
    *ret_major = (enum cbor_major)(p[0] >> 5);
    *ret_number = number;
    *in = (struct attest_bytes){p + 1 + octets, in->size - 1 - octets};
    return shortest || *ret_major == CBOR_SIMPLE; // there the octets are a float
}

static bool take_number(struct attest_bytes *in, enum cbor_major major, uint64_t *ret_number)
{
    enum cbor_major found;
    return take_head(in, &found, ret_number) && found == major;
}

static bool take_string(struct attest_bytes *in, enum cbor_major major, struct attest_bytes *ret_contents)
{
    uint64_t size;
    if (!take_number(in, major, &size) || size > in->size)
        return false;
    *ret_contents = (struct attest_bytes){in->data, (size_t)size};
    *in = (struct attest_bytes){(const uint8_t *)in->data + size, in->size - (size_t)size};
    return true;
}

static bool skip_item(struct attest_bytes *in, unsigned depth)
{
    enum cbor_major major;
    uint64_t number;
    if (depth > MAX_DEPTH || !take_head(in, &major, &number))
        return false;
    if (major == CBOR_BYTES || major == CBOR_TEXT) {
        if (number > in->size)
            return false;
        *in = (struct attest_bytes){(const uint8_t *)in->data + number, in->size - (size_t)number};
        return true;
    }
    if (number > in->size && (major == CBOR_ARRAY || major == CBOR_MAP))
        return false;
    uint64_t items = major == CBOR_ARRAY ? number : major == CBOR_MAP ? 2 * number : major == CBOR_TAG;
    while (items--)
        if (!skip_item(in, depth + 1))
            return false;
    return true;
}

int evidence_parse(struct attest_bytes in, struct attest_bytes *ret_quote, struct attest_bytes *ret_claims,
                   bool *ret_is_report)
{
    uint64_t tag, count;
    if (!take_number(&in, CBOR_TAG, &tag))
        return -EBADMSG;
    if (tag != TAG_TEE_EVIDENCE && tag != TAG_TEE_REPORT)
        return -ENOTSUP;
    *ret_is_report = tag == TAG_TEE_REPORT;
    return take_number(&in, CBOR_ARRAY, &count) && count == 2 && take_string(&in, CBOR_BYTES, ret_quote) &&
                   take_string(&in, CBOR_BYTES, ret_claims) && !in.size
               ? 0
               : -EBADMSG;
}

static bool is_key_hash(uint64_t algorithm, struct attest_bytes hash, struct attest_bytes spki)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const EVP_MD *md = algorithm == HASH_SHA256   ? EVP_sha256()
                       : algorithm == HASH_SHA384 ? EVP_sha384()
                       : algorithm == HASH_SHA512 ? EVP_sha512()
                                                  : NULL;
    return md && EVP_Digest(spki.data, spki.size, digest, &size, md, NULL) == 1 && hash.size == size &&
           !memcmp(hash.data, digest, size);
}

// The value of "pubkey-hash": a byte string that holds an array of algorithm and hash.
static bool names_key(struct attest_bytes value, struct attest_bytes spki)
{
    uint64_t count, algorithm;
    struct attest_bytes hash;
    return take_number(&value, CBOR_ARRAY, &count) && count == 2 &&
           take_number(&value, CBOR_UNSIGNED, &algorithm) && take_string(&value, CBOR_BYTES, &hash) &&
           !value.size && is_key_hash(algorithm, hash, spki);
}

bool claims_name_key(struct attest_bytes claims, struct attest_bytes spki)
{
    static const char wanted[] = "pubkey-hash";
    struct attest_bytes name, value;
    uint64_t count;
    bool found = false;
    if (!take_number(&claims, CBOR_MAP, &count) || count > claims.size)
        return false;
    while (count--) {
        if (!take_string(&claims, CBOR_TEXT, &name))
            return false;
        if (name.size != sizeof(wanted) - 1 || memcmp(name.data, wanted, name.size)) {
            if (!skip_item(&claims, 0)) // other claims are none of our business
                return false;
            continue;
        }
        if (found || !take_string(&claims, CBOR_BYTES, &value) || !names_key(value, spki))
            return false;
        found = true;
    }
    return found && !claims.size;
}

bool claims_make(struct attest_bytes spki, uint8_t claims[CLAIMS_SIZE])
{
    static const uint8_t head[] = {0xa1, 0x6b, 'p', 'u',  'b',  'k',  'e',         'y',  '-', 'h',
                                   'a',  's',  'h', 0x58, 0x24, 0x82, HASH_SHA256, 0x58, 0x20};
    _Static_assert(sizeof(head) + 32 == CLAIMS_SIZE, "");
    memcpy(claims, head, sizeof(head));
    return sha256(spki, claims + sizeof(head));
}

static uint8_t *put_bytes_head(uint8_t *to, size_t size)
{
    const size_t octets = size < 24 ? 0 : size < 0x100 ? 1 : size < 0x10000 ? 2 : 4;
    *to++ = (uint8_t)(CBOR_BYTES << 5 | (octets == 0 ? size : octets == 1 ? 24u : octets == 2 ? 25u : 26u));
    for (size_t i = octets; i-- > 0;)
        *to++ = (uint8_t)(size >> (8 * i));
    return to;
}

uint8_t *evidence_make(struct attest_bytes quote, const uint8_t claims[CLAIMS_SIZE], size_t *ret_size)
{
    static const uint8_t head[] = {0xd9, TAG_TEE_EVIDENCE >> 8, TAG_TEE_EVIDENCE & 0xff, 0x82};
    uint8_t *evidence =
        quote.size <= UINT32_MAX ? malloc(sizeof(head) + 5 + quote.size + 5 + CLAIMS_SIZE) : NULL;
    if (!evidence)
        return NULL;
    memcpy(evidence, head, sizeof(head));
    uint8_t *to = put_bytes_head(evidence + sizeof(head), quote.size);
    memcpy(to, quote.data, quote.size);
    to = put_bytes_head(to + quote.size, CLAIMS_SIZE);
    memcpy(to, claims, CLAIMS_SIZE);
    *ret_size = (size_t)(to - evidence) + CLAIMS_SIZE;
    return evidence;
}
