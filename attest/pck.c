// SPDX-License-Identifier: MIT
//
// The SGX extension of PCK certificates (Intel: SGX PCK Certificate and CRL specification): nested sequences
// of object identifier and value, all under 1.2.840.113741.1.13.1.
#include <string.h>

#include "attest/der.h"
#include "attest/pck.h"

static const uint8_t sgx_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

enum { OID_TCB = 2, OID_PCEID = 3, OID_FMSPC = 4, OID_COMPONENT_1 = 1, OID_PCESVN = 17 };

// The number behind `prefix_size` known bytes and `parent` (0: none); 0 when the identifier is another one.
static unsigned oid_suffix(struct attest_bytes oid, unsigned parent)
{
    const uint8_t *p = oid.data;
    const size_t depth = parent ? 1 : 0;
    if (oid.size != sizeof(sgx_oid) + depth + 1 || memcmp(p, sgx_oid, sizeof(sgx_oid)))
        return 0;
    if (parent && p[sizeof(sgx_oid)] != parent)
        return 0;
    return p[oid.size - 1] & 0x80 ? 0 : p[oid.size - 1];
}

static bool take_octets(struct attest_bytes *value, uint8_t *ret_bytes, size_t size)
{
    struct attest_bytes content;
    if (!der_take(value, DER_OCTET_STRING, &content) || content.size != size || value->size)
        return false;
    memcpy(ret_bytes, content.data, size);
    return true;
}

// One pair of an identifier and a value off `list`; false at anything improper.
static bool take_pair(struct attest_bytes *list, struct attest_bytes *ret_oid, struct attest_bytes *ret_value)
{
    if (!der_take(list, DER_SEQUENCE, ret_value))
        return false;
    return der_take(ret_value, DER_OID, ret_oid);
}

static bool parse_tcb(struct attest_bytes value, struct pck *pck)
{
    struct attest_bytes list, oid, item;
    uint32_t seen = 0, number;
    if (!der_take(&value, DER_SEQUENCE, &list) || value.size)
        return false;
    while (list.size) {
        if (!take_pair(&list, &oid, &item))
            return false;
        const unsigned suffix = oid_suffix(oid, OID_TCB);
        if (suffix < OID_COMPONENT_1 || suffix > OID_PCESVN)
            continue; // CPUSVN repeats the components
        if ((seen & 1u << suffix) ||
            !der_take_unsigned(&item, suffix == OID_PCESVN ? 0xffff : 0xff, &number) || item.size)
            return false;
        seen |= 1u << suffix;
        if (suffix == OID_PCESVN)
            pck->pcesvn = (uint16_t)number;
        else
            pck->component[suffix - OID_COMPONENT_1] = (uint8_t)number;
    }
    return seen == 0x3fffe; // 1 to 17
}

static bool parse_item(unsigned suffix, struct attest_bytes value, struct pck *pck)
{
    if (suffix == OID_TCB)
        return parse_tcb(value, pck);
    if (suffix == OID_PCEID)
        return take_octets(&value, pck->pceid, sizeof(pck->pceid));
    return take_octets(&value, pck->fmspc, sizeof(pck->fmspc));
}

static bool parse_extension(struct attest_bytes value, struct pck *pck)
{
    struct attest_bytes list, oid, item;
    uint32_t seen = 0;
    if (!der_take(&value, DER_SEQUENCE, &list) || value.size)
        return false;
    while (list.size) {
        if (!take_pair(&list, &oid, &item))
            return false;
        const unsigned suffix = oid_suffix(oid, 0);
        if (suffix != OID_TCB && suffix != OID_PCEID && suffix != OID_FMSPC)
            continue;
        if ((seen & 1u << suffix) || !parse_item(suffix, item, pck))
            return false;
        seen |= 1u << suffix;
    }
    return seen == (1u << OID_TCB | 1u << OID_PCEID | 1u << OID_FMSPC);
}

bool pck_parse(const X509 *certificate, struct pck *pck)
{
    memset(pck, 0, sizeof(*pck));
    for (int i = 0; i < X509_get_ext_count(certificate); i++) {
        X509_EXTENSION *extension = X509_get_ext(certificate, i);
        const ASN1_OBJECT *oid = X509_EXTENSION_get_object(extension);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        if (OBJ_length(oid) == sizeof(sgx_oid) && !memcmp(OBJ_get0_data(oid), sgx_oid, sizeof(sgx_oid)))
            return parse_extension(
                (struct attest_bytes){ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)}, pck);
    }
    return false;
}

bool pck_issuer_is_platform_ca(const X509 *certificate)
{
    char text[128];
    X509_NAME *issuer = X509_get_issuer_name(certificate);
    return X509_NAME_get_text_by_NID(issuer, NID_commonName, text, sizeof(text)) > 0 &&
           strstr(text, "Platform");
}
