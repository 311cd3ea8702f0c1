// SPDX-License-Identifier: MIT
#include "tests/unit/attest/forge.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <time.h>

enum { QE_REPORT = 6, AUTHENTICATION = 32 };

static BIO *file_of(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    BIO *file = BIO_new_file(path, "r");
    CHECK(file);
    return file;
}

static struct attest_bytes text_of(const char *text)
{
    return (struct attest_bytes){text, strlen(text)};
}

void forge_open(struct forge *f, const char *folder, const ASN1_OCTET_STRING *sgx_extension)
{
    BIO *key = file_of(folder, "root_key.pem"), *root = file_of(folder, "root.pem");
    *f = (struct forge){.time = time(NULL), .attestation = EVP_EC_gen("P-256")};
    f->root = (struct authority){.key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL),
                                 .certificate = PEM_read_bio_X509(root, NULL, NULL, NULL)};
    CHECK(f->attestation && f->root.key && f->root.certificate);
    BIO_free(key);
    BIO_free(root);
    f->signer = issue(&(struct shape){0}, &f->root);
    f->ca = issue(&(struct shape){.name = "Mystikos Test SGX PCK Platform CA",
                                  .constraints = "critical,CA:TRUE,pathlen:0",
                                  .usage = "critical,keyCertSign,cRLSign"},
                  &f->root);
    f->pck = issue(&(struct shape){.name = "Mystikos Test SGX PCK Certificate", .sgx_extension = sgx_extension}, &f->ca);
    f->pck_chain = pem_of(f->pck.certificate, f->ca.certificate, f->root.certificate, NULL);
    f->signer_chain = pem_of(f->signer.certificate, f->root.certificate, NULL);
    const struct list_shape list = {.begin = f->time - 60, .end = f->time + 86400};
    struct attest_bytes *item = f->collateral.item;
    item[ATTEST_PCK_CRL] = issue_list(&list, &f->ca);
    item[ATTEST_ROOT_CA_CRL] = issue_list(&list, &f->root);
    item[ATTEST_TCB_INFO_CHAIN] = item[ATTEST_QE_IDENTITY_CHAIN] = text_of(f->signer_chain);
}

void forge_close(struct forge *f)
{
    struct authority *all[] = {&f->root, &f->ca, &f->pck, &f->signer};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        authority_free(all[i]);
    EVP_PKEY_free(f->attestation);
    OPENSSL_free((void *)(uintptr_t)f->collateral.item[ATTEST_PCK_CRL].data);
    OPENSSL_free((void *)(uintptr_t)f->collateral.item[ATTEST_ROOT_CA_CRL].data);
    free((void *)(uintptr_t)f->collateral.item[ATTEST_TCB_INFO].data);
    free((void *)(uintptr_t)f->collateral.item[ATTEST_QE_IDENTITY].data);
    free(f->pck_chain);
    free(f->signer_chain);
}

void forge_say(struct forge *f, const char *name, const char *body)
{
    struct attest_bytes *item = &f->collateral.item[strcmp(name, "tcbInfo") ? ATTEST_QE_IDENTITY : ATTEST_TCB_INFO];
    char hex[129], *text = NULL;
    uint8_t raw[64];
    sign_raw(f->signer.key, body, strlen(body), raw);
    for (int i = 0; i < 64; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
    CHECK(asprintf(&text, "{\"%s\":%s,\"signature\":\"%s\"}", name, body, hex) > 0);
    free((void *)(uintptr_t)item->data);
    *item = text_of(text);
}

static uint8_t *put(uint8_t *to, const void *data, size_t size)
{
    memcpy(to, data, size);
    return to + size;
}

static uint8_t *put_number(uint8_t *to, size_t value, size_t size)
{
    return put(to, &value, size);
}

static uint8_t *put_point(uint8_t *to, EVP_PKEY *key)
{
    uint8_t point[65];
    size_t size = 0;
    CHECK(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &size) == 1 && size == 65);
    return put(to, point + 1, 64);
}

static uint8_t *put_signature(uint8_t *to, EVP_PKEY *key, const void *data, size_t size)
{
    sign_raw(key, data, size, to);
    return to + 64;
}

// From the quoting enclave's report on: it binds the attestation key, and the PCK signs it.
static uint8_t *put_certification(const struct forge *f, const struct form *form, uint8_t *to)
{
    struct sgx_report_body qe = form->qe;
    uint8_t bound[64 + AUTHENTICATION] = {0};
    put_point(bound, f->attestation);
    CHECK(EVP_Digest(bound, sizeof(bound), qe.reportdata, NULL, EVP_sha256(), NULL) == 1);
    to = put(to, &qe, sizeof(qe));
    to = put_signature(to, f->pck.key, &qe, sizeof(qe));
    to = put(put_number(to, AUTHENTICATION, 2), bound + 64, AUTHENTICATION);
    to = put_number(put_number(to, SGX_CERTIFICATION_PCK_CHAIN, 2), strlen(f->pck_chain), 4);
    return put(to, f->pck_chain, strlen(f->pck_chain));
}

size_t forge_quote(const struct forge *f, const struct form *form, uint8_t ret[FORGE_MAX_QUOTE])
{
    struct sgx_quote_header header = {.version = form->version, .attestation_key_type = 2, .reserved = form->tee_type};
    const uint8_t vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
    memcpy(header.qe_vendor_id, vendor, sizeof(vendor));
    uint8_t *to = put(ret, &header, sizeof(header));
    if (form->version >= 5)
        to = put_number(put_number(to, form->body_type, 2), form->body_size, 4);
    to = put(to, form->body, form->body_size);
    uint8_t *const size_at = to;
    to = put_point(put_signature(to + 4, f->attestation, ret, (size_t)(to - ret)), f->attestation);
    uint8_t *const head = to;
    if (form->version >= 4)
        to += 6;
    to = put_certification(f, form, to);
    if (form->version >= 4)
        put_number(put_number(head, QE_REPORT, 2), (size_t)(to - head) - 6, 4);
    put_number(size_at, (size_t)(to - size_at) - 4, 4);
    CHECK(to <= ret + FORGE_MAX_QUOTE);
    return (size_t)(to - ret);
}
