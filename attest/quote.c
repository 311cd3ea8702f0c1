// SPDX-License-Identifier: MIT
//
// The layout of DCAP quotes (Intel SGX ECDSA quote library reference, appendix A; Intel TDX DCAP quoting
// library, appendix A): header, body, and signature data whose variable parts must add up exactly. Versions 4
// and 5 wrap the quoting enclave's report into certification data of type 6.
#include <string.h>

#include "attest/bytes.h"
#include "attest/quote.h"
#include "attest/verdict.h"

static const uint8_t intel_vendor_id[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

enum { TEE_TYPE_SGX = 0, TEE_TYPE_TDX = 0x81, CERTIFICATION_QE_REPORT = 6, KEY_ECDSA_P256 = 2 };
enum { BODY_SGX = 1, BODY_TDX_1_0 = 2, BODY_TDX_1_5 = 3, BODY_HEAD_SIZE = 6 };

_Static_assert(sizeof(struct attest_tdx) == TDX_REPORT_1_5_SIZE, "");
_Static_assert(offsetof(struct attest_tdx, mrtd) == 136, "");
_Static_assert(offsetof(struct attest_tdx, reportdata) == 520, "");
_Static_assert(offsetof(struct attest_tdx, tee_tcb_svn_2) == TDX_REPORT_1_0_SIZE, "");

static int check_header(const struct sgx_quote_header *header, struct attest_verdict *v)
{
    if (header->version < 3 || header->version > 5)
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED,
                      "quote version %u; only versions 3, 4 and 5 are understood", header->version);
    if (header->attestation_key_type != KEY_ECDSA_P256)
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED,
                      "the quote's attestation key is of type %u, not ECDSA P-256",
                      header->attestation_key_type);
    if (header->version == 3 && header->reserved)
        return refuse(v, ATTEST_QUOTE_MALFORMED, "reserved bytes of the quote's header are not zero");
    if (header->reserved != TEE_TYPE_SGX && header->reserved != TEE_TYPE_TDX)
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED, "the quote is of an unknown TEE, type 0x%x",
                      header->reserved);
    if (memcmp(header->qe_vendor_id, intel_vendor_id, sizeof(intel_vendor_id)))
        return refuse(v, ATTEST_QUOTE_UNSUPPORTED, "the quote is of an unknown quoting enclave vendor");
    return 0;
}

// Version 5 says what the body is; before that it follows from the TEE.
static bool body_shape(struct reader *in, const struct sgx_quote_header *header, uint16_t *ret_type,
                       uint32_t *ret_size)
{
    static const uint32_t sizes[] = {
        [BODY_SGX] = sizeof(struct sgx_report_body), TDX_REPORT_1_0_SIZE, TDX_REPORT_1_5_SIZE};
    const bool tdx = header->reserved == TEE_TYPE_TDX;
    if (header->version < 5) {
        *ret_type = tdx ? BODY_TDX_1_0 : BODY_SGX;
        *ret_size = sizes[*ret_type];
        return true;
    }
    return read_u16(in, ret_type) && read_u32(in, ret_size) && *ret_type >= BODY_SGX &&
           *ret_type <= BODY_TDX_1_5 && *ret_size == sizes[*ret_type] && tdx == (*ret_type != BODY_SGX);
}

static int parse_body(struct reader *in, struct quote *q, struct attest_verdict *v)
{
    uint16_t type;
    uint32_t size;
    if (!body_shape(in, &q->header, &type, &size))
        return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote's body is of no type and size that fit its TEE");
    if (!read_bytes(in, size, &q->body_bytes))
        return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote is cut off in its body");
    q->tee = type == BODY_SGX ? ATTEST_SGX : ATTEST_TDX;
    q->has_td_1_5 = type == BODY_TDX_1_5;
    if (type == BODY_SGX)
        memcpy(&q->body, q->body_bytes.data, sizeof(q->body));
    else
        memcpy(&q->td, q->body_bytes.data, size);
    return 0;
}

// Signature and key; before the report of the quoting enclave, versions 4 and 5 have a head around all that
// follows.
static int parse_keys(struct reader *in, struct quote *q, struct attest_verdict *v)
{
    struct sgx_quote_signature *s = &q->signature;
    uint16_t type = CERTIFICATION_QE_REPORT;
    uint32_t size = 0;
    bool ok = read_copy(in, s->signature, sizeof(s->signature)) &&
              read_copy(in, s->attestation_key, sizeof(s->attestation_key));
    if (ok && q->header.version > 3) {
        ok = read_u16(in, &type) && read_u32(in, &size);
        if (ok && (type != CERTIFICATION_QE_REPORT || size != in->left))
            return refuse(v, ATTEST_QUOTE_MALFORMED,
                          "the quote's certification data is not one quoting enclave report to its end");
    }
    if (ok && read_copy(in, s->qe_report, sizeof(s->qe_report)) &&
        read_copy(in, s->qe_report_signature, sizeof(s->qe_report_signature)))
        return 0;
    return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote's signature data is too short");
}

static int parse_certification(struct reader *in, struct quote *q, struct attest_verdict *v)
{
    uint16_t auth_size;
    uint32_t size;
    if (!read_u16(in, &auth_size) || !read_bytes(in, auth_size, &q->authentication_data))
        return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote's authentication data is longer than the quote");
    if (!read_u16(in, &q->certification_type) || !read_u32(in, &size) || size != in->left)
        return refuse(v, ATTEST_QUOTE_MALFORMED,
                      "the quote's certification data does not end with its signature data");
    (void)read_bytes(in, size, &q->certification_data); // just compared
    return 0;
}

int quote_parse(struct attest_bytes input, struct quote *q, struct attest_verdict *v)
{
    struct reader in = {input.data, input.size};
    uint32_t signature_size;
    memset(q, 0, sizeof(*q));
    if (!read_copy(&in, &q->header, sizeof(q->header)))
        return refuse(v, ATTEST_QUOTE_MALFORMED, "%zu bytes are too few for a quote", input.size);
    int r = check_header(&q->header, v);
    if (!r)
        r = parse_body(&in, q, v);
    if (r)
        return r;
    q->signed_part = (struct attest_bytes){input.data, input.size - in.left};
    if (!read_u32(&in, &signature_size) || signature_size > in.left)
        return refuse(v, ATTEST_QUOTE_MALFORMED, "the quote is cut off in its signature data");
    q->size = input.size - in.left + signature_size;
    in.left = signature_size;
    r = parse_keys(&in, q, v);
    return r ? r : parse_certification(&in, q, v);
}

const uint8_t *quote_report_data(const struct quote *quote)
{
    return quote->tee == ATTEST_TDX ? quote->td.reportdata : quote->body.reportdata;
}
