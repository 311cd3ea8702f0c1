// SPDX-License-Identifier: MIT
//
// The software quoting enclave.
#include "sgx/quote.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>

#include "emu/platform.h"
#include "emu/platform/ec.h"
#include "emu/platform/platform.h"
#include "emu/platform/tcb.h"

enum { QUOTE_VERSION = 3, KEY_ECDSA_P256 = 2 };

// Verifiers know the DCAP quoting enclave by it.
static const uint8_t vendor_id[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                      0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

static size_t chain_size(const struct platform_state *s)
{
    return (size_t)s->pck_certificate.size + s->pck_ca_certificate.size + s->root_certificate.size;
}

// What stands behind the signature size.
static size_t signature_size(const struct platform_state *s)
{
    return sizeof(struct sgx_quote_signature) + 2 + PLATFORM_AUTH_SIZE + 2 + 4 + chain_size(s);
}

size_t emu_platform_quote_size(const struct emu_platform *p)
{
    return SGX_QUOTE_SIGNATURE_OFFSET + signature_size(&p->state);
}

static int check_report(const struct platform_state *s, const struct sgx_report *report)
{
    struct sgx_targetinfo self;
    uint8_t key[SGX_KEY_SIZE], mac[16];
    platform_qe_target_info(s, &self);
    int r = sgx_report_key(&s->secrets, &self, report->keyid, key);
    if (!r)
        r = sgx_report_mac(key, &report->body, mac);
    if (r)
        return r;
    return CRYPTO_memcmp(mac, report->mac, sizeof(mac)) ? -EACCES : 0;
}

static uint8_t *put(uint8_t *to, const void *data, size_t size)
{
    memcpy(to, data, size);
    return to + size;
}

static uint8_t *put_number(uint8_t *to, size_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    return to + size;
}

static uint8_t *put_pem(uint8_t *to, const struct platform_pem *pem)
{
    return put(to, pem->text, pem->size);
}

// Header and body: what the attestation key signs. Returns where the signature's size stands.
static uint8_t *put_signed(const struct platform_state *s, const struct sgx_report_body *body, uint8_t *to)
{
    struct sgx_quote_header header = {.version = QUOTE_VERSION,
                                      .attestation_key_type = KEY_ECDSA_P256,
                                      .qe_svn = PLATFORM_QE_SVN,
                                      .pce_svn = PLATFORM_PCE_SVN};
    memcpy(header.qe_vendor_id, vendor_id, sizeof(vendor_id));
    memcpy(header.user_data, s->qe_id, sizeof(s->qe_id));
    return put(put(to, &header, sizeof(header)), body, sizeof(*body));
}

static void put_certification(const struct platform_state *s, const uint8_t signature[64], uint8_t *to)
{
    to = put_number(to, signature_size(s), 4);
    to = put(to, signature, 64);
    to = put(to, s->attestation.point, sizeof(s->attestation.point));
    to = put(to, &s->qe_report, sizeof(s->qe_report));
    to = put(to, s->qe_report_signature, sizeof(s->qe_report_signature));
    to = put_number(to, PLATFORM_AUTH_SIZE, 2);
    to = put(to, s->authentication, PLATFORM_AUTH_SIZE);
    to = put_number(to, SGX_CERTIFICATION_PCK_CHAIN, 2);
    to = put_number(to, chain_size(s), 4);
    put_pem(put_pem(put_pem(to, &s->pck_certificate), &s->pck_ca_certificate), &s->root_certificate);
}

static int sign(struct emu_platform *p, const void *data, size_t size, uint8_t ret_signature[64])
{
    pthread_mutex_lock(&p->lock);
    if (!p->attestation)
        p->attestation = platform_key_import(&p->state.attestation);
    int r = p->attestation ? platform_sign(p->attestation, data, size, ret_signature) : -EIO;
    pthread_mutex_unlock(&p->lock);
    return r;
}

int emu_platform_quote(struct emu_platform *p, const struct sgx_report *report, uint8_t *ret, size_t size,
                       size_t *ret_size)
{
    const struct sgx_report copy = *report; // the caller's memory may change between check and use
    size_t needed = emu_platform_quote_size(p);
    uint8_t signature[64];
    int r = check_report(&p->state, &copy);
    if (r)
        return r;
    *ret_size = needed;
    if (size < needed)
        return -ENOBUFS;
    uint8_t *end = put_signed(&p->state, &copy.body, ret);
    r = sign(p, ret, (size_t)(end - ret), signature);
    if (!r)
        put_certification(&p->state, signature, end);
    return r;
}
