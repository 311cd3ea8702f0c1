// SPDX-License-Identifier: MIT
//
// The layout of a DCAP quote, version 3 (Intel SGX ECDSA quote library reference, appendix A): fixed part,
// then three variable ones whose sizes must add up exactly.
#include <string.h>

#include "attest/quote.h"
#include "attest/verdict.h"

static const uint8_t intel_vendor_id[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static uint16_t u16_at(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)u16_at(p) | (uint32_t)u16_at(p + 2) << 16;
}

static int check_header(const struct sgx_quote_header *header, struct attest_verdict *v)
{
    if (header->version != 3)
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED, "quote version %u; only version 3 is understood",
                      header->version);
    if (header->attestation_key_type != 2)
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED,
                      "the quote's attestation key is of type %u, not ECDSA P-256",
                      header->attestation_key_type);
    if (header->reserved)
        return refuse(v, ATTEST_QUOTE_MALFORMED, "reserved bytes of the quote's header are not zero");
    if (memcmp(header->qe_vendor_id, intel_vendor_id, sizeof(intel_vendor_id)))
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED, "the quote is of an unknown quoting enclave vendor");
    return 0;
}

// The signature data: `left` bytes at p, all of which must be used.
static int parse_signature(const uint8_t *p, size_t left, struct quote *q, struct attest_verdict *v)
{
    if (left < sizeof(q->signature) + 2 + 6)
        return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote's signature data is only %zu bytes long", left);
    memcpy(&q->signature, p, sizeof(q->signature));
    p += sizeof(q->signature);
    left -= sizeof(q->signature);
    const size_t auth_size = u16_at(p);
    p += 2;
    left -= 2;
    if (auth_size > left - 6)
        return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote's authentication data is longer than the quote");
    q->authentication_data = (struct attest_bytes){p, auth_size};
    p += auth_size;
    left -= auth_size;
    q->certification_type = u16_at(p);
    if (u32_at(p + 2) != left - 6)
        return refuse(v, ATTEST_QUOTE_MALFORMED,
                      "the quote's certification data does not end with its signature data");
    q->certification_data = (struct attest_bytes){p + 6, left - 6};
    return 0;
}

int quote_parse(struct attest_bytes input, struct quote *q, struct attest_verdict *v)
{
    const uint8_t *bytes = input.data;
    memset(q, 0, sizeof(*q));
    if (input.size < SGX_QUOTE_SIGNATURE_OFFSET)
        return refuse(v, ATTEST_QUOTE_MALFORMED, "%zu bytes are too few for a quote", input.size);
    memcpy(&q->header, bytes, sizeof(q->header));
    memcpy(&q->body, bytes + offsetof(struct sgx_quote, body), sizeof(q->body));
    int r = check_header(&q->header, v);
    if (r)
        return r;
    const size_t signature_size = u32_at(bytes + offsetof(struct sgx_quote, signature_size));
    if (signature_size > input.size - SGX_QUOTE_SIGNATURE_OFFSET)
        return refuse(v, ATTEST_QUOTE_MALFORMED,
                      "the quote is cut off: %zu bytes of signature data announced, %zu there",
                      signature_size, input.size - SGX_QUOTE_SIGNATURE_OFFSET);
    q->signed_part = (struct attest_bytes){bytes, offsetof(struct sgx_quote, signature_size)};
    q->size = SGX_QUOTE_SIGNATURE_OFFSET + signature_size;
    return parse_signature(bytes + SGX_QUOTE_SIGNATURE_OFFSET, signature_size, q, v);
}
