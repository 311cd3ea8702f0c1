// SPDX-License-Identifier: MIT
//
// The SGX extension of PCK certificates (Intel: SGX PCK Certificate and CRL specification): nested sequences
// of object identifier and value, all under 1.2.840.113741.1.13.1.
#include <string.h>

#include "attest/der.h"
#include "attest/pck.h"

static const uint8_t sgx_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

enum { OID_PPID = 1, OID_TCB, OID_PCEID, OID_FMSPC, OID_SGX_TYPE, OID_INSTANCE_ID, OID_CONFIGURATION, OIDS };
enum { OID_COMPONENT_1 = 1, OID_PCESVN = 17 };                         // under OID_TCB
enum { OID_DYNAMIC_PLATFORM = 1, OID_CACHED_KEYS = 2, OID_SMT = 3 }; // under OID_CONFIGURATION

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

static bool take_answer(struct attest_bytes *value, enum attest_answer *ret)
{
    struct attest_bytes content;
    if (*ret != ATTEST_NOT_SAID || !der_take(value, DER_BOOLEAN, &content) || content.size != 1 || value->size)
        return false;
    const uint8_t byte = *(const uint8_t *)content.data;
    *ret = byte ? ATTEST_YES : ATTEST_NO;
    return byte == 0 || byte == 0xff;
}

static bool parse_configuration(struct attest_bytes value, struct attest_pck *more)
{
    struct attest_bytes list, oid, item;
    enum attest_answer *const answers[] = {[OID_DYNAMIC_PLATFORM] = &more->dynamic_platform,
                                           [OID_CACHED_KEYS] = &more->cached_keys,
                                           [OID_SMT] = &more->smt_enabled};
    if (!der_take(&value, DER_SEQUENCE, &list) || value.size)
        return false;
    while (list.size) {
        if (!take_pair(&list, &oid, &item))
            return false;
        const unsigned suffix = oid_suffix(oid, OID_CONFIGURATION);
        if (suffix >= OID_DYNAMIC_PLATFORM && suffix <= OID_SMT && !take_answer(&item, answers[suffix]))
            return false;
    }
    return true;
}

static bool take_sgx_type(struct attest_bytes *value, uint8_t *ret)
{
    struct attest_bytes content;
    if (!der_take(value, DER_ENUMERATED, &content) || content.size != 1 || value->size)
        return false;
    *ret = *(const uint8_t *)content.data;
    return *ret < 0x80; // a negative one
}

static bool parse_item(unsigned suffix, struct attest_bytes value, struct pck *pck)
{
    struct attest_pck *more = &pck->more;
    switch (suffix) {
    case OID_PPID:
        return more->has_ppid = take_octets(&value, more->ppid, sizeof(more->ppid));
    case OID_TCB:
        return parse_tcb(value, pck);
    case OID_PCEID:
        return take_octets(&value, pck->pceid, sizeof(pck->pceid));
    case OID_FMSPC:
        return take_octets(&value, pck->fmspc, sizeof(pck->fmspc));
    case OID_SGX_TYPE:
        return more->has_sgx_type = take_sgx_type(&value, &more->sgx_type);
    case OID_INSTANCE_ID:
        return more->has_instance_id = take_octets(&value, more->instance_id, sizeof(more->instance_id));
    default:
        return parse_configuration(value, more);
    }
}

static bool parse_extension(struct attest_bytes value, struct pck *pck)
{
    static const uint32_t needed = 1u << OID_TCB | 1u << OID_PCEID | 1u << OID_FMSPC;
    struct attest_bytes list, oid, item;
    uint32_t seen = 0;
    if (!der_take(&value, DER_SEQUENCE, &list) || value.size)
        return false;
    while (list.size) {
        if (!take_pair(&list, &oid, &item))
            return false;
        const unsigned suffix = oid_suffix(oid, 0);
        if (suffix < OID_PPID || suffix >= OIDS)
            continue;
        if ((seen & 1u << suffix) || !parse_item(suffix, item, pck))
            return false;
        seen |= 1u << suffix;
    }
    return (seen & needed) == needed;
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
