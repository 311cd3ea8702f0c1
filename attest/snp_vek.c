// SPDX-License-Identifier: MIT
//
// What AMD writes into the certificate of a report's key (VCEK: the chip's own, VLEK: a cloud provider's):
// AMD's "VCEK certificate and KDS interface specification". The extensions stand under 1.3.6.1.4.1.3704.1.
#include <string.h>

#include "attest/bytes.h"
#include "attest/der.h"
#include "attest/snp.h"

static const uint8_t amd_oid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01};

enum { OID_PRODUCT = 2, OID_SPL = 3, OID_HWID = 4, OID_CSP = 5, DER_IA5_STRING = 0x16 };

// The components behind OID_SPL; the others are reserved, and must be zero.
static int component_of(unsigned suffix)
{
    switch (suffix) {
    case 1:
        return SNP_BOOT_LOADER;
    case 2:
        return SNP_TEE;
    case 3:
        return SNP_FIRMWARE;
    case 8:
        return SNP_MICROCODE;
    case 9:
        return SNP_FMC;
    default:
        return -1;
    }
}

static bool take_text(struct attest_bytes value, char *ret_text, size_t size)
{
    struct attest_bytes text;
    if (!der_take(&value, (enum der_tag)DER_IA5_STRING, &text) || value.size || !text.size ||
        text.size >= size)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (((const char *)text.data)[i] < ' ' || ((const char *)text.data)[i] > '~')
            return false;
    memcpy(ret_text, text.data, text.size);
    ret_text[text.size] = 0;
    return true;
}

static bool parse_product(struct attest_bytes value, struct vek *vek)
{
    if (vek->product[0] || !take_text(value, vek->product, sizeof(vek->product)))
        return false;
    vek->product[strcspn(vek->product, "-")] = 0; // the stepping follows
    return vek->product[0];
}

// The bytes themselves; some issuers wrap them into an OCTET STRING.
static bool parse_hwid(struct attest_bytes value, struct vek *vek)
{
    struct attest_bytes inner, whole = value;
    if (value.size != 64 && value.size != 8 && der_take(&whole, DER_OCTET_STRING, &inner) && !whole.size)
        value = inner;
    if (vek->hwid_size || (value.size != 64 && value.size != 8))
        return false;
    memcpy(vek->hwid, value.data, value.size);
    vek->hwid_size = value.size;
    return true;
}

static bool parse_spl(struct attest_bytes value, unsigned suffix, struct vek *vek)
{
    uint32_t svn;
    if (!der_take_unsigned(&value, 0xff, &svn) || value.size)
        return false;
    const int component = component_of(suffix);
    if (component < 0)
        return svn == 0;
    if (vek->has_spl[component])
        return false;
    vek->spl[component] = svn;
    vek->has_spl[component] = true;
    return true;
}

static bool parse_extension(const uint8_t *suffix, size_t length, struct attest_bytes value, struct vek *vek)
{
    if (length == 2 && suffix[0] == OID_SPL)
        return parse_spl(value, suffix[1], vek);
    if (length != 1)
        return true;
    switch (suffix[0]) {
    case OID_PRODUCT:
        return parse_product(value, vek);
    case OID_HWID:
        return parse_hwid(value, vek);
    case OID_CSP:
        return !vek->csp_id[0] && take_text(value, vek->csp_id, sizeof(vek->csp_id));
    default:
        return true; // structVersion, and what may come
    }
}

static bool has_name(const X509 *certificate, const char *name)
{
    return common_name_is(certificate, name);
}

bool vek_parse(const X509 *certificate, struct vek *vek)
{
    memset(vek, 0, sizeof(*vek));
    for (int i = 0; i < X509_get_ext_count(certificate); i++) {
        X509_EXTENSION *extension = X509_get_ext(certificate, i);
        const ASN1_OBJECT *oid = X509_EXTENSION_get_object(extension);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        const uint8_t *bytes = OBJ_get0_data(oid);
        const size_t length = OBJ_length(oid);
        if (length <= sizeof(amd_oid) || memcmp(bytes, amd_oid, sizeof(amd_oid)))
            continue;
        if (!parse_extension(
                bytes + sizeof(amd_oid), length - sizeof(amd_oid),
                (struct attest_bytes){ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)}, vek))
            return false;
    }
    vek->vlek = has_name(certificate, "SEV-VLEK");
    return vek->product[0] && (vek->vlek || has_name(certificate, "SEV-VCEK")) &&
           (vek->vlek ? vek->csp_id[0] && !vek->hwid_size : !vek->csp_id[0] && vek->hwid_size) &&
           vek->has_spl[SNP_BOOT_LOADER] && vek->has_spl[SNP_TEE] && vek->has_spl[SNP_FIRMWARE] &&
           vek->has_spl[SNP_MICROCODE];
}

// Since version 3 reports name the processor. Models that are not known here are not judged.
static const char *product_of(const struct attest_snp *claims)
{
    const unsigned model = claims->cpuid_model;
    if (claims->version < 3)
        return NULL;
    if (claims->cpuid_family == 0x19)
        return model <= 0x0f ? "Milan" : model <= 0x1f || (model >= 0xa0 && model <= 0xaf) ? "Genoa" : NULL;
    return claims->cpuid_family == 0x1a && model <= 0x11 ? "Turin" : NULL;
}

// The key is derived for one TCB version: the certificate must be for the reported one in every component.
static bool is_for_tcb(const struct vek *vek, const uint8_t tcb[8])
{
    const bool turin = !strcmp(vek->product, "Turin");
    for (int i = 0; i < SNP_COMPONENTS; i++) {
        uint8_t svn = 0;
        const bool has = snp_tcb_component(turin, tcb, (enum snp_component)i, &svn);
        if ((has && !vek->has_spl[i]) || vek->spl[i] != svn)
            return false;
    }
    return true;
}

static bool is_for_chip(const struct vek *vek, const struct attest_snp *claims)
{
    static const uint8_t zero[64];
    const size_t used = vek->hwid_size;
    if (vek->vlek || (claims->chip_key_masked && !memcmp(claims->chip_id, zero, sizeof(zero))))
        return true; // names no chip
    return !memcmp(claims->chip_id, vek->hwid, used) &&
           !memcmp(claims->chip_id + used, zero, sizeof(zero) - used);
}

const char *vek_mismatch(const struct vek *vek, const struct attest_snp *claims)
{
    const char *product = product_of(claims);
    if (vek->vlek != claims->vlek)
        return "is signed by another kind of key than the certificate is of";
    if (product && strcmp(product, vek->product))
        return "is of another product than the certificate of its key";
    if (!is_for_tcb(vek, claims->reported_tcb))
        return "is of another TCB version than the certificate of its key";
    return is_for_chip(vek, claims) ? NULL : "is of another chip than the certificate of its key";
}

// The table that the guest driver gives with an extended report (GHCB specification): entries of an
// identifier, an offset from the table's begin and a length, ended by a zero identifier.
bool snp_table_find(struct attest_bytes table, enum snp_table_entry entry, struct attest_bytes *ret)
{
    static const uint8_t ids[SNP_TABLE_ENTRIES][16] = {
        {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd},
        {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1},
        {0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67, 0xea}};
    static const uint8_t end[16];
    struct reader in = {table.data, table.size};
    uint8_t id[16];
    uint32_t offset, size;
    *ret = (struct attest_bytes){NULL, 0};
    while (read_copy(&in, id, sizeof(id)) && read_u32(&in, &offset) && read_u32(&in, &size)) {
        if (!memcmp(id, end, sizeof(id)))
            return true;
        if (offset > table.size || size > table.size - offset)
            return false;
        if (!memcmp(id, ids[entry], sizeof(id)))
            *ret = (struct attest_bytes){(const uint8_t *)table.data + offset, size};
    }
    return false;
}
