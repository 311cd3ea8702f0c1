// SPDX-License-Identifier: MIT
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "attest/openenclave.h"
#include "attest/quote.h"

struct oe_report_header {
    uint32_t version; // 1
    uint32_t type;    // 2: a quote
    uint64_t size;
};
_Static_assert(sizeof(struct oe_report_header) == OE_REPORT_HEADER_SIZE, "");

struct oe_attestation_header {
    uint32_t version; // 3
    uint8_t format[16];
    uint32_t padding;
    uint64_t size;
};
_Static_assert(sizeof(struct oe_attestation_header) == 32, "");

enum { OE_REPORT_VERSION = 1, OE_REPORT_REMOTE = 2, OE_ATTESTATION_VERSION = 3 };

static const uint8_t format_sgx_ecdsa[16] = {0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d, 0x40, 0x14,
                                             0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c};

static const uint8_t format_tdx_ecdsa[16] = {0x8b, 0xa7, 0x02, 0x86, 0xc1, 0xcf, 0x11, 0xed,
                                             0xaf, 0xa1, 0x02, 0x42, 0xac, 0x12, 0x00, 0x02};

bool oe_report_parse(struct attest_bytes report, struct attest_bytes *ret_quote)
{
    struct oe_report_header header;
    if (report.size < sizeof(header))
        return false;
    memcpy(&header, report.data, sizeof(header));
    *ret_quote =
        (struct attest_bytes){(const uint8_t *)report.data + sizeof(header), report.size - sizeof(header)};
    return le32toh(header.version) == OE_REPORT_VERSION && le32toh(header.type) == OE_REPORT_REMOTE &&
           le64toh(header.size) == ret_quote->size;
}

bool oe_evidence_parse(struct attest_bytes evidence, struct attest_bytes *ret_quote,
                       struct attest_bytes *ret_claims)
{
    struct oe_attestation_header header;
    struct attest_verdict ignored;
    struct quote quote;
    if (evidence.size < sizeof(header))
        return false;
    memcpy(&header, evidence.data, sizeof(header));
    const uint8_t *p = (const uint8_t *)evidence.data + sizeof(header);
    const size_t left = evidence.size - sizeof(header);
    if (le32toh(header.version) != OE_ATTESTATION_VERSION || header.padding || le64toh(header.size) != left ||
        quote_parse((struct attest_bytes){p, left}, &quote, &ignored) ||
        memcmp(header.format, quote.tee == ATTEST_TDX ? format_tdx_ecdsa : format_sgx_ecdsa,
               sizeof(header.format)))
        return false;
    *ret_quote = (struct attest_bytes){p, quote.size};
    *ret_claims = (struct attest_bytes){p + quote.size, left - quote.size};
    return true;
}

bool oe_report_is_other(struct attest_bytes report)
{
    struct oe_report_header header;
    if (report.size < sizeof(header))
        return false;
    memcpy(&header, report.data, sizeof(header));
    return le32toh(header.version) == OE_REPORT_VERSION && le32toh(header.type) != OE_REPORT_REMOTE;
}

bool oe_evidence_is_other(struct attest_bytes evidence)
{
    struct oe_attestation_header header;
    if (evidence.size < sizeof(header))
        return false;
    memcpy(&header, evidence.data, sizeof(header));
    return le32toh(header.version) == OE_ATTESTATION_VERSION &&
           memcmp(header.format, format_sgx_ecdsa, sizeof(header.format)) &&
           memcmp(header.format, format_tdx_ecdsa, sizeof(header.format));
}

uint8_t *oe_report_make(struct attest_bytes quote, size_t *ret_size)
{
    const struct oe_report_header header = {htole32(OE_REPORT_VERSION), htole32(OE_REPORT_REMOTE),
                                            htole64(quote.size)};
    uint8_t *report = malloc(sizeof(header) + quote.size);
    if (!report)
        return NULL;
    memcpy(report, &header, sizeof(header));
    memcpy(report + sizeof(header), quote.data, quote.size);
    *ret_size = sizeof(header) + quote.size;
    return report;
}
