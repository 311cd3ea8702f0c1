// SPDX-License-Identifier: MIT
//
// One row per extension: the identifier as it stands in the certificate. Gramine's has a whole identifier,
// head included, as its contents; it is kept so for old peers, and compared as the bytes it is.
#include <errno.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "attest/cbor.h"
#include "attest/crypto.h"
#include "attest/extension.h"
#include "attest/openenclave.h"
#include "attest/snp.h"
#include "attest/verdict.h"

static const struct row {
    uint8_t size;
    uint8_t oid[11];
    enum evidence_kind kind;
} rows[] = {
    {6, {0x67, 0x81, 0x05, 0x05, 0x04, 0x09}, EVIDENCE_TAGGED},
    {9, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x69, 0x01}, EVIDENCE_OE_REPORT},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x0a, 0x01, 0x01}, EVIDENCE_OE_REPORT},
    {9, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x69, 0x02}, EVIDENCE_OE_EVIDENCE},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x0a, 0x01, 0x02}, EVIDENCE_OE_EVIDENCE},
    {11, {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a, 0x39, 0x06}, EVIDENCE_GRAMINE},
    {9, {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01}, EVIDENCE_INTEL},
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

static unsigned row_of(const ASN1_OBJECT *oid)
{
    unsigned i = 0;
    while (i < ROWS &&
           (OBJ_length(oid) != rows[i].size || memcmp(OBJ_get0_data(oid), rows[i].oid, rows[i].size)))
        i++;
    return i;
}

// A report that its hardware does not sign, or signs for its own platform only, is shorter than the one that can be checked.
static int unwrap_tagged(struct attest_bytes value, struct evidence *e)
{
    const int r = evidence_parse(value, &e->quote, &e->claims, &e->is_report);
    return !r && e->is_report && e->quote.size < SNP_REPORT_SIZE ? -ENOTSUP : r;
}

static int unwrap(enum evidence_kind kind, struct attest_bytes value, struct evidence *e)
{
    *e = (struct evidence){.kind = kind, .quote = value};
    switch (kind) {
    case EVIDENCE_TAGGED:
        return unwrap_tagged(value, e);
    case EVIDENCE_OE_REPORT:
        return oe_report_parse(value, &e->quote) ? 0 : oe_report_is_other(value) ? -ENOTSUP : -EBADMSG;
    case EVIDENCE_OE_EVIDENCE:
        return oe_evidence_parse(value, &e->quote, &e->claims) ? 0 : oe_evidence_is_other(value) ? -ENOTSUP : -EBADMSG;
    default:
        return 0;
    }
}

int evidence_find(const X509 *certificate, struct evidence ret[MAX_EVIDENCE], struct attest_verdict *v)
{
    int count = 0;
    unsigned seen = 0;
    for (int i = 0; i < X509_get_ext_count(certificate); i++) {
        X509_EXTENSION *extension = X509_get_ext(certificate, i);
        const unsigned row = row_of(X509_EXTENSION_get_object(extension));
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        if (row == ROWS) {
            if (X509_EXTENSION_get_critical(extension) && !X509_supported_extension(extension))
                return refuse(v, ATTEST_CERTIFICATE_MALFORMED,
                              "the certificate has an unknown critical extension");
            continue;
        }
        if ((seen & 1u << row) || count == MAX_EVIDENCE)
            return refuse(v, ATTEST_EVIDENCE_MALFORMED,
                          "the certificate carries the same kind of evidence twice");
        seen |= 1u << row;
        const struct attest_bytes bytes = {ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
        const int r = unwrap(rows[row].kind, bytes, &ret[count++]);
        if (r == -ENOTSUP)
            return refuse(v, ATTEST_EVIDENCE_UNSUPPORTED,
                          "the evidence in the certificate is of an unknown kind, or a report that only its own platform can check");
        if (r)
            return refuse(v, ATTEST_EVIDENCE_MALFORMED, "the evidence in the certificate is malformed");
    }
    return count;
}

bool evidence_report_data(const struct evidence *e, const struct public_key *key, uint8_t report_data[64])
{
    const struct attest_bytes spki = {key->spki, key->spki_size}, pem = {key->pem, key->pem_size};
    memset(report_data, 0, 64);
    switch (e->kind) {
    case EVIDENCE_TAGGED:
        return claims_name_key(e->claims, spki) && sha256(e->claims, report_data);
    case EVIDENCE_OE_REPORT:
        return sha256(pem, report_data);
    case EVIDENCE_OE_EVIDENCE:
        return e->claims.size == pem.size && !memcmp(e->claims.data, pem.data, pem.size) &&
               sha256(pem, report_data);
    case EVIDENCE_GRAMINE:
        return sha256(spki, report_data);
    default:
        return false;
    }
}
