// SPDX-License-Identifier: MIT
//
// EGETKEY and EREPORT as pure functions.
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "sgx/keys.h"
#include "sgx/result.h"
#include "sgx/sigstruct.h"

// The inputs of a key, one field for each row of the manual's table. No padding between fields: all of it is
// hashed.
struct key_inputs {
    uint16_t keyname, keypolicy;
    uint16_t isvprodid, isvsvn, configsvn;
    uint8_t cet_attributes, cet_attributes_mask;
    uint32_t miscselect, miscmask;
    uint8_t reserved[4];
    uint8_t owner_epoch[16], seal_fuses[16], cpusvn[16];
    struct sgx_attributes attributes, attributemask;
    uint8_t mrenclave[SGX_HASH_SIZE], mrsigner[SGX_HASH_SIZE];
    uint8_t configid[64], isvfamilyid[16], isvextprodid[16];
    uint8_t keyid[32];
    uint8_t padding[SGX_PADDING_SIZE];
};
SGX_ASSERT_SIZE(struct key_inputs, 24 + 48 + 32 + 64 + 96 + 32 + SGX_PADDING_SIZE);

int sgx_cmac(const uint8_t key[SGX_KEY_SIZE], const void *data, size_t size, uint8_t ret_mac[16])
{
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    size_t length = 0;
    int ok = ctx && EVP_MAC_init(ctx, key, SGX_KEY_SIZE, parameters) == 1 &&
             EVP_MAC_update(ctx, data, size) == 1 && EVP_MAC_final(ctx, ret_mac, &length, 16) == 1 &&
             length == 16;
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
    return ok ? 0 : -EIO;
}

static int derive(const struct sgx_key_secrets *secrets, const struct key_inputs *inputs,
                  uint8_t ret_key[SGX_KEY_SIZE])
{
    return sgx_cmac(secrets->base[inputs->keyname], inputs, sizeof(*inputs), ret_key);
}

static void masked_inputs(struct key_inputs *in, const struct sgx_identity *id,
                          const struct sgx_keyrequest *request)
{
    const uint64_t always = SGX_ATTRIBUTE_INIT | SGX_ATTRIBUTE_DEBUG;
    in->attributes.flags = id->attributes.flags & (request->attributemask.flags | always);
    in->attributes.xfrm = id->attributes.xfrm & request->attributemask.xfrm;
    in->miscselect = id->miscselect & request->miscmask;
    in->cet_attributes = id->cet_attributes & request->cet_attributes_mask;
    in->isvsvn = request->isvsvn;
    memcpy(in->cpusvn, request->cpusvn, sizeof(in->cpusvn));
}

static void request_masks(struct key_inputs *in, const struct sgx_keyrequest *request)
{
    in->attributemask = request->attributemask;
    in->miscmask = ~request->miscmask;
    in->cet_attributes_mask = (uint8_t)~request->cet_attributes_mask;
}

// What KEYPOLICY selects; for SEAL and PROVISION_SEAL.
static void policy_inputs(struct key_inputs *in, const struct sgx_identity *id,
                          const struct sgx_keyrequest *request)
{
    const unsigned policy = request->keypolicy;
    in->keypolicy = request->keypolicy;
    if (!(policy & SGX_KEYPOLICY_NOISVPRODID))
        in->isvprodid = id->isvprodid;
    if (policy & SGX_KEYPOLICY_CONFIGID) {
        memcpy(in->configid, id->configid, sizeof(in->configid));
        in->configsvn = request->configsvn;
    }
    if (policy & SGX_KEYPOLICY_ISVFAMILYID)
        memcpy(in->isvfamilyid, id->isvfamilyid, sizeof(in->isvfamilyid));
    if (policy & SGX_KEYPOLICY_ISVEXTPRODID)
        memcpy(in->isvextprodid, id->isvextprodid, sizeof(in->isvextprodid));
}

static void seal_inputs(struct key_inputs *in, const struct sgx_identity *id,
                        const struct sgx_keyrequest *request)
{
    masked_inputs(in, id, request);
    request_masks(in, request);
    policy_inputs(in, id, request);
    if (request->keypolicy & SGX_KEYPOLICY_MRENCLAVE)
        memcpy(in->mrenclave, id->mrenclave, sizeof(in->mrenclave));
    if (request->keypolicy & SGX_KEYPOLICY_MRSIGNER)
        memcpy(in->mrsigner, id->mrsigner, sizeof(in->mrsigner));
    memcpy(in->keyid, request->keyid, sizeof(in->keyid));
}

static void signer_inputs(struct key_inputs *in, const struct sgx_identity *id,
                          const struct sgx_keyrequest *request)
{
    masked_inputs(in, id, request);
    memcpy(in->mrsigner, id->mrsigner, sizeof(in->mrsigner));
    in->isvprodid = id->isvprodid;
    if (request->keyname == SGX_KEY_EINITTOKEN) {
        memcpy(in->keyid, request->keyid, sizeof(in->keyid));
        return;
    }
    request_masks(in, request);
    if (request->keyname == SGX_KEY_PROVISION_SEAL) {
        in->isvprodid = 0;
        policy_inputs(in, id, request);
    }
}

static void platform_inputs(struct key_inputs *in, const struct sgx_key_secrets *secrets)
{
    if (in->keyname != SGX_KEY_PROVISION)
        memcpy(in->seal_fuses, secrets->seal_fuses, sizeof(in->seal_fuses));
    if (in->keyname != SGX_KEY_PROVISION && in->keyname != SGX_KEY_PROVISION_SEAL)
        memcpy(in->owner_epoch, secrets->owner_epoch, sizeof(in->owner_epoch));
    sgx_signature_padding(in->padding);
}

static int has_attribute(const struct sgx_identity *id, unsigned keyname)
{
    if (keyname == SGX_KEY_EINITTOKEN)
        return (id->attributes.flags & SGX_ATTRIBUTE_EINITTOKEN_KEY) != 0;
    if (keyname == SGX_KEY_PROVISION || keyname == SGX_KEY_PROVISION_SEAL)
        return (id->attributes.flags & SGX_ATTRIBUTE_PROVISIONKEY) != 0;
    return 1;
}

static int valid_request(const struct sgx_identity *id, const struct sgx_keyrequest *request)
{
    uint8_t reserved = request->reserved1;
    for (size_t i = 0; i < sizeof(request->reserved2); i++)
        reserved |= request->reserved2[i];
    if (reserved || (request->keypolicy & ~SGX_KEYPOLICY_ALL))
        return 0;
    const int wants_kss = (request->keypolicy & SGX_KEYPOLICY_NEEDS_KSS) || request->configsvn;
    return !wants_kss || (id->attributes.flags & SGX_ATTRIBUTE_KSS);
}

// Component-wise: a request must not be newer than the platform in any of them.
static int cpusvn_allowed(const uint8_t platform[16], const uint8_t request[16])
{
    for (unsigned i = 0; i < 16; i++)
        if (request[i] > platform[i])
            return 0;
    return 1;
}

static void report_inputs(struct key_inputs *in, const struct sgx_key_secrets *secrets,
                          const struct sgx_targetinfo *target, const uint8_t keyid[32])
{
    *in = (struct key_inputs){.keyname = SGX_KEY_REPORT};
    in->attributes = target->attributes;
    in->miscselect = target->miscselect;
    in->cet_attributes = target->cet_attributes;
    in->configsvn = target->configsvn;
    memcpy(in->mrenclave, target->measurement, sizeof(in->mrenclave));
    memcpy(in->configid, target->configid, sizeof(in->configid));
    memcpy(in->cpusvn, secrets->cpusvn, sizeof(in->cpusvn));
    memcpy(in->keyid, keyid, sizeof(in->keyid));
    platform_inputs(in, secrets);
}

int sgx_report_key(const struct sgx_key_secrets *secrets, const struct sgx_targetinfo *target,
                   const uint8_t keyid[32], uint8_t ret_key[SGX_KEY_SIZE])
{
    struct key_inputs in;
    report_inputs(&in, secrets, target, keyid);
    return derive(secrets, &in, ret_key);
}

static int own_report_key(const struct sgx_key_secrets *secrets, const struct sgx_identity *id,
                          const uint8_t keyid[32], uint8_t ret_key[SGX_KEY_SIZE])
{
    struct sgx_targetinfo self = {.attributes = id->attributes,
                                  .cet_attributes = id->cet_attributes,
                                  .configsvn = id->configsvn,
                                  .miscselect = id->miscselect};
    memcpy(self.measurement, id->mrenclave, sizeof(self.measurement));
    memcpy(self.configid, id->configid, sizeof(self.configid));
    return sgx_report_key(secrets, &self, keyid, ret_key);
}

int sgx_getkey(const struct sgx_key_secrets *secrets, const struct sgx_identity *id,
               const struct sgx_keyrequest *request, uint8_t ret_key[SGX_KEY_SIZE])
{
    if (!valid_request(id, request))
        return -EINVAL;
    if (request->keyname > SGX_KEY_SEAL)
        return SGX_INVALID_KEYNAME;
    if (!has_attribute(id, request->keyname))
        return SGX_INVALID_ATTRIBUTE;
    if (request->keyname == SGX_KEY_REPORT)
        return own_report_key(secrets, id, request->keyid, ret_key);
    if (!cpusvn_allowed(secrets->cpusvn, request->cpusvn))
        return SGX_INVALID_CPUSVN;
    if (request->isvsvn > id->isvsvn || request->configsvn > id->configsvn)
        return SGX_INVALID_ISVSVN;
    struct key_inputs in = {.keyname = request->keyname};
    if (request->keyname == SGX_KEY_SEAL)
        seal_inputs(&in, id, request);
    else
        signer_inputs(&in, id, request);
    platform_inputs(&in, secrets);
    return derive(secrets, &in, ret_key);
}

int sgx_report_mac(const uint8_t key[SGX_KEY_SIZE], const struct sgx_report_body *body, uint8_t ret_mac[16])
{
    return sgx_cmac(key, body, sizeof(*body), ret_mac);
}

static int reserved_zero(const struct sgx_targetinfo *t)
{
    uint8_t all = t->reserved1;
    for (size_t i = 0; i < sizeof(t->reserved2); i++)
        all |= t->reserved2[i];
    for (size_t i = 0; i < sizeof(t->reserved3); i++)
        all |= t->reserved3[i];
    return all == 0;
}

int sgx_create_report(const struct sgx_key_secrets *secrets, const struct sgx_identity *id,
                      const struct sgx_targetinfo *target, const uint8_t reportdata[64],
                      const uint8_t keyid[32], struct sgx_report *ret_report)
{
    if (!reserved_zero(target))
        return -EINVAL;
    struct sgx_report report = {.body = {.miscselect = id->miscselect,
                                         .cet_attributes = id->cet_attributes,
                                         .attributes = id->attributes,
                                         .isvprodid = id->isvprodid,
                                         .isvsvn = id->isvsvn,
                                         .configsvn = id->configsvn}};
    memcpy(report.body.cpusvn, secrets->cpusvn, sizeof(report.body.cpusvn));
    memcpy(report.body.isvextprodid, id->isvextprodid, sizeof(report.body.isvextprodid));
    memcpy(report.body.mrenclave, id->mrenclave, sizeof(report.body.mrenclave));
    memcpy(report.body.mrsigner, id->mrsigner, sizeof(report.body.mrsigner));
    memcpy(report.body.configid, id->configid, sizeof(report.body.configid));
    memcpy(report.body.isvfamilyid, id->isvfamilyid, sizeof(report.body.isvfamilyid));
    memcpy(report.body.reportdata, reportdata, sizeof(report.body.reportdata));
    memcpy(report.keyid, keyid, sizeof(report.keyid));
    uint8_t key[SGX_KEY_SIZE];
    int r = sgx_report_key(secrets, target, keyid, key);
    if (!r)
        r = sgx_report_mac(key, &report.body, report.mac);
    if (!r)
        *ret_report = report;
    return r;
}
