// SPDX-License-Identifier: MIT
//
// Making a platform: what a factory, the provisioning certification enclave and the first start of the quoting
// enclave do for a real one.
#include "emu/platform/state.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "emu/platform/certificate.h"
#include "emu/platform/ec.h"
#include "emu/platform/pck_extension.h"
#include "emu/platform/tcb.h"
#include "emu/platform/test_root.h"

static const char magic[16] = "myst-platform-1";

// FNV-1a.
static uint64_t checksum(const struct platform_state *s)
{
    uint64_t hash = 0xcbf29ce484222325;
    const uint8_t *bytes = (const uint8_t *)s;
    for (size_t i = 0; i < offsetof(struct platform_state, checksum); i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    return hash;
}

static int same_root(const struct platform_pem *root)
{
    size_t size = (size_t)(platform_test_root_end - platform_test_root);
    return root->size == size && size <= PLATFORM_PEM_SIZE && !memcmp(root->text, platform_test_root, size);
}

int platform_state_check(const struct platform_state *s, const char **ret_reason)
{
    const char *reason = NULL;
    if (memcmp(s->magic, magic, sizeof(magic)))
        reason = "a software SGX platform of another version; remove it, a new one will be made";
    else if (s->checksum != checksum(s))
        reason = "damaged; remove it, a new software SGX platform will be made";
    else if (!same_root(&s->root_certificate))
        reason = "made under another test root; remove it, a new software SGX platform will be made";
    else if (s->pck_certificate.size > PLATFORM_PEM_SIZE || s->pck_ca_certificate.size > PLATFORM_PEM_SIZE ||
             s->tcb_certificate.size > PLATFORM_PEM_SIZE)
        reason = "damaged; remove it, a new software SGX platform will be made";
    if (reason)
        *ret_reason = reason;
    return reason ? -EBADMSG : 0;
}

static int fill_random(void *buffer, size_t size)
{
    ssize_t n = getrandom(buffer, size, 0);
    return n < 0 ? -errno : (size_t)n != size ? -EIO : 0; // up to 256 bytes come whole (man 2 getrandom)
}

static int make_secrets(struct platform_state *s)
{
    int r = fill_random(&s->secrets, sizeof(s->secrets));
    if (!r)
        r = fill_random(s->ppid, sizeof(s->ppid));
    if (!r)
        r = fill_random(s->instance_id, sizeof(s->instance_id));
    if (!r)
        r = fill_random(s->qe_id, sizeof(s->qe_id));
    memcpy(s->secrets.cpusvn, platform_tcb_components, sizeof(s->secrets.cpusvn));
    return r;
}

static int make_keys(struct platform_state *s)
{
    struct platform_key *keys[] = {&s->attestation, &s->pck, &s->pck_ca, &s->tcb_signing};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        int r = platform_key_generate(keys[i]);
        if (r)
            return r;
    }
    return 0;
}

static int hash(const void *data, size_t size, uint8_t ret[SGX_HASH_SIZE])
{
    return EVP_Digest(data, size, ret, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

// The quoting enclave is part of this program; its measurement and signer are names, equal on every platform.
static int name_quoting_enclave(struct platform_state *s)
{
    static const char enclave[] = "Mystikos software quoting enclave";
    static const char signer[] = "Mystikos software quoting enclave signer";
    int r = hash(enclave, sizeof(enclave) - 1, s->qe_mrenclave);
    return r ? r : hash(signer, sizeof(signer) - 1, s->qe_mrsigner);
}

// Certificates in the making.
struct authority {
    EVP_PKEY *root_key, *pck, *pck_ca, *tcb_signing;
    X509 *root, *pck_ca_certificate, *pck_certificate, *tcb_certificate;
    ASN1_OCTET_STRING *extension;
};

static void authority_free(struct authority *a)
{
    EVP_PKEY_free(a->root_key);
    EVP_PKEY_free(a->pck);
    EVP_PKEY_free(a->pck_ca);
    EVP_PKEY_free(a->tcb_signing);
    X509_free(a->root);
    X509_free(a->pck_ca_certificate);
    X509_free(a->pck_certificate);
    X509_free(a->tcb_certificate);
    ASN1_OCTET_STRING_free(a->extension);
}

static int authority_load(struct authority *a, const struct platform_state *s)
{
    a->root = platform_test_root_certificate();
    a->root_key = platform_test_root_private_key();
    a->pck = platform_key_import(&s->pck);
    a->pck_ca = platform_key_import(&s->pck_ca);
    a->tcb_signing = platform_key_import(&s->tcb_signing);
    a->extension = platform_pck_extension(s);
    return a->root && a->root_key && a->pck && a->pck_ca && a->tcb_signing && a->extension ? 0 : -EIO;
}

static int authority_issue(struct authority *a)
{
    a->pck_ca_certificate = platform_certificate_issue(CERTIFICATE_PCK_CA, a->pck_ca, a->root, a->root_key, NULL);
    a->tcb_certificate =
        platform_certificate_issue(CERTIFICATE_TCB_SIGNING, a->tcb_signing, a->root, a->root_key, NULL);
    if (!a->pck_ca_certificate || !a->tcb_certificate)
        return -EIO;
    a->pck_certificate =
        platform_certificate_issue(CERTIFICATE_PCK, a->pck, a->pck_ca_certificate, a->pck_ca, a->extension);
    return a->pck_certificate ? 0 : -EIO;
}

static int keep_certificates(struct platform_state *s, const struct authority *a)
{
    size_t size = (size_t)(platform_test_root_end - platform_test_root);
    if (size > PLATFORM_PEM_SIZE)
        return -EMSGSIZE;
    s->root_certificate.size = (uint32_t)size;
    memcpy(s->root_certificate.text, platform_test_root, size);
    int r = platform_certificate_to_pem(a->pck_certificate, &s->pck_certificate);
    if (!r)
        r = platform_certificate_to_pem(a->pck_ca_certificate, &s->pck_ca_certificate);
    return r ? r : platform_certificate_to_pem(a->tcb_certificate, &s->tcb_certificate);
}

// The quoting enclave's report binds the attestation key; the PCK key signs it.
static int certify_attestation_key(struct platform_state *s, EVP_PKEY *pck)
{
    uint8_t bound[sizeof(s->attestation.point) + PLATFORM_AUTH_SIZE];
    for (unsigned i = 0; i < PLATFORM_AUTH_SIZE; i++)
        s->authentication[i] = (uint8_t)i;
    memcpy(bound, s->attestation.point, sizeof(s->attestation.point));
    memcpy(bound + sizeof(s->attestation.point), s->authentication, PLATFORM_AUTH_SIZE);
    platform_qe_report(s, &s->qe_report);
    int r = hash(bound, sizeof(bound), s->qe_report.reportdata);
    return r ? r : platform_sign(pck, &s->qe_report, sizeof(s->qe_report), s->qe_report_signature);
}

static int certify(struct platform_state *s)
{
    struct authority a = {0};
    int r = authority_load(&a, s);
    if (!r)
        r = authority_issue(&a);
    if (!r)
        r = keep_certificates(s, &a);
    if (!r)
        r = certify_attestation_key(s, a.pck);
    authority_free(&a);
    return r;
}

int platform_state_make(struct platform_state *ret)
{
    memset(ret, 0, sizeof(*ret));
    memcpy(ret->magic, magic, sizeof(magic));
    int r = make_secrets(ret);
    if (!r)
        r = make_keys(ret);
    if (!r)
        r = name_quoting_enclave(ret);
    if (!r)
        r = certify(ret);
    ret->checksum = checksum(ret);
    return r;
}

static struct sgx_attributes qe_attributes(void)
{
    return (struct sgx_attributes){SGX_ATTRIBUTE_INIT | SGX_ATTRIBUTE_MODE64BIT | SGX_ATTRIBUTE_PROVISIONKEY,
                                   SGX_XFRM_LEGACY};
}

void platform_qe_target_info(const struct platform_state *s, struct sgx_targetinfo *ret)
{
    *ret = (struct sgx_targetinfo){.attributes = qe_attributes()};
    memcpy(ret->measurement, s->qe_mrenclave, sizeof(ret->measurement));
}

void platform_qe_report(const struct platform_state *s, struct sgx_report_body *ret)
{
    *ret = (struct sgx_report_body){
        .attributes = qe_attributes(), .isvprodid = PLATFORM_QE_PRODUCT, .isvsvn = PLATFORM_QE_SVN};
    memcpy(ret->cpusvn, s->secrets.cpusvn, sizeof(ret->cpusvn));
    memcpy(ret->mrenclave, s->qe_mrenclave, sizeof(ret->mrenclave));
    memcpy(ret->mrsigner, s->qe_mrsigner, sizeof(ret->mrsigner));
}
