// SPDX-License-Identifier: MIT
//
// Collateral, item by item: signatures over the exact bytes, chains, revocation lists, and that its numbers are those
// of the quote.
#include <jansson.h>
#include <openssl/pem.h>
#include <string.h>

#include "sgx/quote.h"
#include "tests/unit/platform/check.h"

struct item {
    const uint8_t *data;
    size_t size;
};

static void split(const uint8_t *collateral, size_t size, struct item ret[COLLATERAL_ITEMS])
{
    struct collateral_header h;
    CHECK(size >= sizeof(h));
    memcpy(&h, collateral, sizeof(h));
    CHECK(h.version == COLLATERAL_VERSION);
    size_t offset = sizeof(h);
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++) {
        CHECK(h.item_size[i] > 0 && h.item_size[i] <= size - offset);
        ret[i] = (struct item){collateral + offset, h.item_size[i]};
        offset += h.item_size[i];
    }
    CHECK(offset == size);
}

static unsigned from_hex(const char *text, uint8_t *ret, size_t size)
{
    unsigned count = 0, value;
    for (; count < size && sscanf(text + 2 * (size_t)count, "%2x", &value) == 1; count++)
        ret[count] = (uint8_t)value;
    return count;
}

// The JSON document; its signature is checked over the raw bytes with the chain's leaf.
static json_t *open_signed(struct item text, struct item chain_pem, const char *member)
{
    static const char behind[] = ",\"signature\":\"";
    X509 *chain[3];
    uint8_t signature[64];
    char prefix[64];
    CHECK(read_chain(chain_pem.data, chain_pem.size, chain, 3) == 2);
    CHECK(chain_holds(chain, 2, NULL, 0));
    size_t start = (size_t)snprintf(prefix, sizeof(prefix), "{\"%s\":", member);
    CHECK(text.size > start && !memcmp(text.data, prefix, start));
    const uint8_t *end = memmem(text.data, text.size, behind, sizeof(behind) - 1);
    CHECK(end);
    json_t *all = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    CHECK(all);
    CHECK(from_hex(json_string_value(json_object_get(all, "signature")), signature, 64) == 64);
    EVP_PKEY *key = X509_get0_pubkey(chain[0]);
    CHECK(signature_holds(key, text.data + start, (size_t)(end - text.data) - start, signature));
    CHECK(!signature_holds(key, text.data + start, (size_t)(end - text.data) - start - 1, signature));
    X509_free(chain[0]);
    X509_free(chain[1]);
    json_t *ret = json_incref(json_object_get(all, member));
    CHECK(ret);
    json_decref(all);
    return ret;
}

static void check_crls(const struct item items[COLLATERAL_ITEMS], const uint8_t *quote)
{
    const uint8_t *pck = items[COLLATERAL_PCK_CRL].data, *root = items[COLLATERAL_ROOT_CA_CRL].data;
    X509_CRL *crls[2] = {d2i_X509_CRL(NULL, &pck, (long)items[COLLATERAL_PCK_CRL].size),
                         d2i_X509_CRL(NULL, &root, (long)items[COLLATERAL_ROOT_CA_CRL].size)};
    CHECK(crls[0] && crls[1]);
    X509 *chain[3], *crl_chain[2];
    uint32_t size;
    memcpy(&size, quote + SGX_QUOTE_SIGNATURE_OFFSET + 576 + 36, 4);
    CHECK(read_chain(quote + SGX_QUOTE_SIGNATURE_OFFSET + 576 + 40, size, chain, 3) == 3);
    CHECK(chain_holds(chain, 3, crls, 2));
    const struct item pem = items[COLLATERAL_PCK_CRL_CHAIN];
    CHECK(read_chain(pem.data, pem.size, crl_chain, 2) == 2);
    CHECK(!X509_cmp(crl_chain[0], chain[1]) && X509_CRL_verify(crls[0], X509_get0_pubkey(crl_chain[0])) == 1);
    CHECK(X509_CRL_verify(crls[1], X509_get0_pubkey(crl_chain[1])) == 1);
    for (unsigned i = 0; i < 3; i++)
        X509_free(chain[i]);
    for (unsigned i = 0; i < 2; i++) {
        X509_free(crl_chain[i]);
        X509_CRL_free(crls[i]);
    }
}

static const char *text_of(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    CHECK(text);
    return text;
}

static void check_tcb_info(json_t *info, const struct sgx_report_body *qe)
{
    uint8_t fmspc[6];
    CHECK(!strcmp(text_of(info, "id"), "SGX") && json_integer_value(json_object_get(info, "version")) == 3);
    CHECK(from_hex(text_of(info, "fmspc"), fmspc, 6) == 6 && !memcmp(fmspc, emu_platform_fmspc, 6));
    CHECK(!strcmp(text_of(info, "pceId"), "0000"));
    json_t *level = json_array_get(json_object_get(info, "tcbLevels"), 0);
    CHECK(!strcmp(text_of(level, "tcbStatus"), "UpToDate"));
    json_t *components = json_object_get(json_object_get(level, "tcb"), "sgxtcbcomponents");
    CHECK(json_array_size(components) == 16);
    for (unsigned i = 0; i < 16; i++)
        CHECK(json_integer_value(json_object_get(json_array_get(components, i), "svn")) == qe->cpusvn[i]);
}

static void check_qe_identity(json_t *id, const struct sgx_report_body *qe)
{
    uint8_t mrsigner[32], value[16], mask[16], attributes[16];
    memcpy(attributes, &qe->attributes, 16);
    CHECK(!strcmp(text_of(id, "id"), "QE") && json_integer_value(json_object_get(id, "version")) == 2);
    CHECK(from_hex(text_of(id, "mrsigner"), mrsigner, 32) == 32 && !memcmp(mrsigner, qe->mrsigner, 32));
    CHECK(from_hex(text_of(id, "attributes"), value, 16) == 16);
    CHECK(from_hex(text_of(id, "attributesMask"), mask, 16) == 16);
    for (unsigned i = 0; i < 16; i++)
        CHECK((attributes[i] & mask[i]) == value[i]);
    CHECK(mask[0] & SGX_ATTRIBUTE_DEBUG);
    CHECK(json_integer_value(json_object_get(id, "isvprodid")) == qe->isvprodid && qe->isvprodid == 1);
    json_t *level = json_array_get(json_object_get(id, "tcbLevels"), 0);
    CHECK(!strcmp(text_of(level, "tcbStatus"), "UpToDate"));
    CHECK(json_integer_value(json_object_get(json_object_get(level, "tcb"), "isvsvn")) == qe->isvsvn);
}

void check_collateral(const uint8_t *collateral, size_t size, const uint8_t *quote)
{
    struct item items[COLLATERAL_ITEMS];
    struct sgx_report_body qe;
    split(collateral, size, items);
    memcpy(&qe, quote + SGX_QUOTE_SIGNATURE_OFFSET + 128, sizeof(qe));
    json_t *info = open_signed(items[COLLATERAL_TCB_INFO], items[COLLATERAL_TCB_INFO_CHAIN], "tcbInfo");
    json_t *id = open_signed(items[COLLATERAL_QE_IDENTITY], items[COLLATERAL_QE_IDENTITY_CHAIN], "enclaveIdentity");
    check_tcb_info(info, &qe);
    check_qe_identity(id, &qe);
    check_crls(items, quote);
    json_decref(info);
    json_decref(id);
}
