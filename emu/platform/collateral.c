// SPDX-License-Identifier: MIT
//
// The collateral that Intel's Provisioning Certification Service would publish for the platform.
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/platform.h"
#include "emu/platform/certificate.h"
#include "emu/platform/ec.h"
#include "emu/platform/platform.h"
#include "emu/platform/tcb.h"
#include "emu/platform/test_root.h"

enum {
    VALID_SECONDS = 30 * 24 * 3600,
    FRESH_SECONDS = 3600, // as long as one is handed out again
    BACKDATE_SECONDS = 60, // a verifier's clock may be a little behind
    CA_PLATFORM = 1,
    TEE_SGX = 0,
};

struct items {
    void *data[COLLATERAL_ITEMS];
    size_t size[COLLATERAL_ITEMS];
};

static void items_free(struct items *items)
{
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++)
        free(items->data[i]);
}

// Takes data (malloc).
static int set_text(struct items *items, enum collateral_item i, char *text)
{
    items->data[i] = text;
    items->size[i] = text ? strlen(text) : 0;
    return text ? 0 : -ENOMEM;
}

// {"member":value,"signature":"..."}: the value's bytes stay as they were signed. Takes the value.
static char *signed_json(EVP_PKEY *key, const char *member, char *value)
{
    char hex[2 * 64 + 1], *ret = NULL;
    uint8_t signature[64];
    if (!value || platform_sign(key, value, strlen(value), signature)) {
        free(value);
        return NULL;
    }
    for (unsigned i = 0; i < sizeof(signature); i++)
        snprintf(hex + 2 * i, 3, "%02x", signature[i]);
    if (asprintf(&ret, "{\"%s\":%s,\"signature\":\"%s\"}", member, value, hex) < 0)
        ret = NULL;
    free(value);
    return ret;
}

static char *chain(const struct platform_pem *certificate, const struct platform_pem *root)
{
    char *ret = NULL;
    if (asprintf(&ret, "%.*s%.*s", (int)certificate->size, certificate->text, (int)root->size, root->text) < 0)
        return NULL;
    return ret;
}

static int add_signed(struct items *items, const struct platform_state *s, int64_t from, int64_t until)
{
    EVP_PKEY *key = platform_key_import(&s->tcb_signing);
    if (!key)
        return -EIO;
    int r = set_text(items, COLLATERAL_TCB_INFO, signed_json(key, "tcbInfo", platform_tcb_info(from, until)));
    if (!r)
        r = set_text(items, COLLATERAL_QE_IDENTITY,
                     signed_json(key, "enclaveIdentity", platform_qe_identity(s, from, until)));
    EVP_PKEY_free(key);
    return r;
}

static int add_chains(struct items *items, const struct platform_state *s)
{
    const struct platform_pem *root = &s->root_certificate;
    int r = set_text(items, COLLATERAL_TCB_INFO_CHAIN, chain(&s->tcb_certificate, root));
    if (!r)
        r = set_text(items, COLLATERAL_QE_IDENTITY_CHAIN, chain(&s->tcb_certificate, root));
    return r ? r : set_text(items, COLLATERAL_PCK_CRL_CHAIN, chain(&s->pck_ca_certificate, root));
}

// Takes issuer and key.
static int add_crl(struct items *items, enum collateral_item i, X509 *issuer, EVP_PKEY *key, int64_t from,
                   int64_t until)
{
    uint8_t *der = NULL;
    int size = issuer && key ? platform_crl_make(issuer, key, from, until, &der) : -EIO;
    if (size > 0) {
        items->data[i] = malloc((size_t)size);
        items->size[i] = (size_t)size;
        if (items->data[i])
            memcpy(items->data[i], der, (size_t)size);
    }
    OPENSSL_free(der);
    X509_free(issuer);
    EVP_PKEY_free(key);
    return size < 0 ? size : items->data[i] ? 0 : -ENOMEM;
}

static int make_items(struct items *items, const struct platform_state *s, int64_t from, int64_t until)
{
    int r = add_signed(items, s, from, until);
    if (!r)
        r = add_chains(items, s);
    if (!r)
        r = add_crl(items, COLLATERAL_PCK_CRL, platform_certificate_from_pem(&s->pck_ca_certificate),
                    platform_key_import(&s->pck_ca), from, until);
    if (!r)
        r = add_crl(items, COLLATERAL_ROOT_CA_CRL, platform_test_root_certificate(), platform_test_root_private_key(),
                    from, until);
    return r;
}

static int pack(const struct items *items, uint8_t **ret, size_t *ret_size)
{
    struct collateral_header header = {.version = COLLATERAL_VERSION};
    size_t size = sizeof(header);
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++) {
        header.item_size[i] = (uint32_t)items->size[i];
        size += items->size[i];
    }
    uint8_t *packed = size <= COLLATERAL_MAX_SIZE ? malloc(size) : NULL;
    if (!packed)
        return size > COLLATERAL_MAX_SIZE ? -EMSGSIZE : -ENOMEM;
    uint8_t *to = packed;
    memcpy(to, &header, sizeof(header));
    to += sizeof(header);
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++) {
        memcpy(to, items->data[i], items->size[i]);
        to += items->size[i];
    }
    *ret = packed;
    *ret_size = size;
    return 0;
}

// Under the lock.
static int refresh(struct emu_platform *p)
{
    int64_t now = time(NULL);
    if (p->collateral && now >= p->collateral_time && now - p->collateral_time < FRESH_SECONDS)
        return 0;
    struct items items = {0};
    uint8_t *packed = NULL;
    size_t size = 0;
    int r = make_items(&items, &p->state, now - BACKDATE_SECONDS, now + VALID_SECONDS);
    if (!r)
        r = pack(&items, &packed, &size);
    items_free(&items);
    if (r)
        return r;
    free(p->collateral);
    p->collateral = packed;
    p->collateral_size = size;
    p->collateral_time = now;
    return 0;
}

int emu_platform_collateral(struct emu_platform *p, const struct collateral_request *request, uint8_t *ret,
                            size_t size, size_t *ret_size)
{
    if (request->tee_type != TEE_SGX || request->ca != CA_PLATFORM ||
        memcmp(request->fmspc, emu_platform_fmspc, sizeof(emu_platform_fmspc)))
        return -ENOENT;
    pthread_mutex_lock(&p->lock);
    int r = refresh(p);
    if (!r) {
        *ret_size = p->collateral_size;
        r = size < p->collateral_size ? -ENOBUFS : 0;
    }
    if (!r)
        memcpy(ret, p->collateral, p->collateral_size);
    pthread_mutex_unlock(&p->lock);
    return r;
}
