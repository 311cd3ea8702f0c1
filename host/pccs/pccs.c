// SPDX-License-Identifier: MIT
#include "host/pccs/pccs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pccs/crl_form.h"
#include "host/pccs/fetch.h"

enum { URL_SIZE = PCCS_URL_SIZE + 128, CA_PLATFORM = 1, TEE_SGX = 0, TEE_TDX = 1 };

// Intel publishes the root's revocation list elsewhere than the rest; a PCCS has all of it.
#define INTEL_HOST "://api.trustedservices.intel.com"
#define INTEL_ROOT_CRL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

struct job {
    const struct pccs_service *service;
    const struct collateral_request *request;
    uint8_t *item[COLLATERAL_ITEMS];
    size_t size[COLLATERAL_ITEMS];
    char *reason;
    size_t reason_size;
};

static int get(struct job *j, const char *url, const char *const *chain_headers, struct fetched *ret)
{
    char why[128] = "";
    int r = pccs_fetch(url, j->service->verify_tls, chain_headers, ret, why, sizeof(why));
    if (r)
        snprintf(j->reason, j->reason_size, "collateral from %.200s: %s", url, why);
    return r;
}

static void keep(struct job *j, enum collateral_item i, void *data, size_t size)
{
    j->item[i] = data;
    j->size[i] = size;
}

static void keep_both(struct job *j, struct fetched *f, enum collateral_item body, enum collateral_item chain)
{
    keep(j, body, f->body, f->size);
    keep(j, chain, f->chain, strlen(f->chain));
}

// The base URL for the TEE: /sgx/ becomes /tdx/ for its TCB info and QE identity.
static int tee_base(const struct job *j, char ret[PCCS_URL_SIZE])
{
    snprintf(ret, PCCS_URL_SIZE, "%s", j->service->url);
    if (j->request->tee_type == TEE_SGX)
        return 0;
    char *part = strstr(ret, "/sgx/");
    if (!part)
        return -EINVAL;
    part[1] = 't';
    part[2] = 'd';
    return 0;
}

static int get_tcb_info(struct job *j, const char *base)
{
    static const char *const chain[] = {"TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain", NULL};
    const uint8_t *f = j->request->fmspc;
    char url[URL_SIZE];
    struct fetched answer;
    snprintf(url, sizeof(url), "%s/tcb?fmspc=%02X%02X%02X%02X%02X%02X", base, f[0], f[1], f[2], f[3], f[4], f[5]);
    int r = get(j, url, chain, &answer);
    if (!r)
        keep_both(j, &answer, COLLATERAL_TCB_INFO, COLLATERAL_TCB_INFO_CHAIN);
    return r;
}

static int get_qe_identity(struct job *j, const char *base)
{
    static const char *const chain[] = {"SGX-Enclave-Identity-Issuer-Chain", NULL};
    char url[URL_SIZE];
    struct fetched answer;
    snprintf(url, sizeof(url), "%s/qe/identity", base);
    int r = get(j, url, chain, &answer);
    if (!r)
        keep_both(j, &answer, COLLATERAL_QE_IDENTITY, COLLATERAL_QE_IDENTITY_CHAIN);
    return r;
}

static int take_crl(struct job *j, struct fetched *f)
{
    const int r = crl_to_der(f->body, &f->size);
    if (r) {
        snprintf(j->reason, j->reason_size, "%s: a revocation list is neither DER, PEM nor hex", j->service->url);
        free(f->body);
        free(f->chain);
    }
    return r;
}

static int get_pck_crl(struct job *j)
{
    static const char *const chain[] = {"SGX-PCK-CRL-Issuer-Chain", NULL};
    char url[URL_SIZE];
    struct fetched answer;
    snprintf(url, sizeof(url), "%s/pckcrl?ca=%s&encoding=der", j->service->url,
             j->request->ca == CA_PLATFORM ? "platform" : "processor");
    int r = get(j, url, chain, &answer);
    if (!r)
        r = take_crl(j, &answer);
    if (!r)
        keep_both(j, &answer, COLLATERAL_PCK_CRL, COLLATERAL_PCK_CRL_CHAIN);
    return r;
}

static int get_root_crl(struct job *j)
{
    char url[URL_SIZE];
    struct fetched answer;
    if (strstr(j->service->url, INTEL_HOST))
        snprintf(url, sizeof(url), "%s", INTEL_ROOT_CRL);
    else
        snprintf(url, sizeof(url), "%s/rootcacrl", j->service->url);
    int r = get(j, url, NULL, &answer);
    if (!r)
        r = take_crl(j, &answer);
    if (!r)
        keep(j, COLLATERAL_ROOT_CA_CRL, answer.body, answer.size);
    return r;
}

static int pack(struct job *j, uint8_t *ret, size_t size, size_t *ret_size)
{
    struct collateral_header header = {.version = COLLATERAL_VERSION};
    size_t needed = sizeof(header);
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++) {
        header.item_size[i] = (uint32_t)j->size[i];
        needed += j->size[i];
    }
    *ret_size = needed;
    if (needed > size) {
        snprintf(j->reason, j->reason_size, "the collateral does not fit the buffer");
        return -ENOBUFS;
    }
    memcpy(ret, &header, sizeof(header));
    uint8_t *to = ret + sizeof(header);
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++) {
        memcpy(to, j->item[i], j->size[i]);
        to += j->size[i];
    }
    return 0;
}

static int fetch_all(struct job *j)
{
    char base[PCCS_URL_SIZE];
    if (j->request->ca > CA_PLATFORM || j->request->tee_type > TEE_TDX || tee_base(j, base)) {
        snprintf(j->reason, j->reason_size, "collateral of an unknown kind");
        return -EINVAL;
    }
    int r = get_tcb_info(j, base);
    if (!r)
        r = get_qe_identity(j, base);
    if (!r)
        r = get_pck_crl(j);
    return r ? r : get_root_crl(j);
}

int pccs_collateral(const struct pccs_service *service, const struct collateral_request *request, uint8_t *ret,
                    size_t size, size_t *ret_size, char *reason, size_t reason_size)
{
    struct job j = {.service = service, .request = request, .reason = reason, .reason_size = reason_size};
    int r = fetch_all(&j);
    if (!r)
        r = pack(&j, ret, size, ret_size);
    for (unsigned i = 0; i < COLLATERAL_ITEMS; i++)
        free(j.item[i]);
    return r;
}
