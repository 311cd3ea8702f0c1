// SPDX-License-Identifier: MIT
#include "cli/attest/obtain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/chain.h"
#include "attest/signed_json.h"
#include "attest/tcb.h"
#include "emu/platform.h"
#include "host/pccs/pccs.h"

int collateral_cache_folder(const struct attest_platform *p, char *ret_path)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const bool own = cache && cache[0] == '/';
    if (!own && !(home && home[0] == '/'))
        return -ENOENT;
    const uint8_t *f = p->fmspc;
    const int n = snprintf(ret_path, PATH_MAX, "%s%s/mystikos/collateral/%s-%02x%02x%02x%02x%02x%02x-%s",
                           own ? cache : home, own ? "" : "/.cache", p->tee_type ? "tdx" : "sgx", f[0], f[1],
                           f[2], f[3], f[4], f[5], p->ca ? "platform" : "processor");
    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static bool issued_by_platform_ca(const X509_CRL *crl)
{
    char name[128] = "";
    (void)X509_NAME_get_text_by_NID(X509_CRL_get_issuer(crl), NID_commonName, name, sizeof(name));
    return strstr(name, "Platform");
}

int collateral_platform(const struct attest_collateral *collateral, struct attest_platform *ret)
{
    struct signed_json json;
    struct tcb_info info = {0};
    X509_CRL *crl = NULL;
    int r = -EBADMSG;
    if (!signed_json_parse(collateral->item[ATTEST_TCB_INFO], "tcbInfo", &json))
        return r;
    if (tcb_info_parse(json.value, &info) && crl_parse(collateral->item[ATTEST_PCK_CRL], &crl)) {
        *ret = (struct attest_platform){.tee_type = info.tdx, .ca = issued_by_platform_ca(crl)};
        memcpy(ret->fmspc, info.fmspc, sizeof(ret->fmspc));
        r = 0;
    }
    X509_CRL_free(crl);
    tcb_info_free(&info);
    json_decref(json.value);
    return r;
}

// Whether cached collateral has not ended: what has is fetched again.
static bool is_current(const struct attest_collateral *collateral)
{
    const int64_t now = (int64_t)time(NULL);
    struct signed_json tcb = {0}, qe = {0};
    X509_CRL *pck = NULL, *root = NULL;
    int64_t tcb_end = 0, qe_end = 0;
    const bool current = signed_json_parse(collateral->item[ATTEST_TCB_INFO], "tcbInfo", &tcb) &&
                         signed_json_parse(collateral->item[ATTEST_QE_IDENTITY], "enclaveIdentity", &qe) &&
                         json_member_time(tcb.value, "nextUpdate", &tcb_end) && now < tcb_end &&
                         json_member_time(qe.value, "nextUpdate", &qe_end) && now < qe_end &&
                         crl_parse(collateral->item[ATTEST_PCK_CRL], &pck) &&
                         crl_parse(collateral->item[ATTEST_ROOT_CA_CRL], &root) &&
                         X509_cmp_current_time(X509_CRL_get0_nextUpdate(pck)) > 0 &&
                         X509_cmp_current_time(X509_CRL_get0_nextUpdate(root)) > 0;
    json_decref(tcb.value);
    json_decref(qe.value);
    X509_CRL_free(pck);
    X509_CRL_free(root);
    return current;
}

static bool is_emulated(const struct attest_platform *p)
{
    return !memcmp(p->fmspc, emu_platform_fmspc, sizeof(p->fmspc));
}

static struct collateral_request request_for(const struct attest_platform *p)
{
    struct collateral_request request = {.ca = p->ca, .tee_type = p->tee_type};
    memcpy(request.fmspc, p->fmspc, sizeof(request.fmspc));
    return request;
}

static int from_emulated(const struct attest_platform *p, struct collateral_files *ret, char *reason,
                         size_t size)
{
    const struct collateral_request request = request_for(p);
    struct emu_platform *platform;
    uint8_t *packed = malloc(COLLATERAL_MAX_SIZE);
    size_t used = 0;
    int r = packed ? emu_platform_open(&platform, reason, size) : -ENOMEM;
    if (r) {
        free(packed);
        return r;
    }
    r = emu_platform_collateral(platform, &request, packed, COLLATERAL_MAX_SIZE, &used);
    emu_platform_close(platform);
    if (r)
        snprintf(reason, size, "the emulated platform has no such collateral: %s", strerror(-r));
    if (!r)
        return collateral_files_unpack(packed, used, ret);
    free(packed);
    return r;
}

int collateral_fetch(const struct attest_platform *p, const char *url, bool insecure,
                     struct collateral_files *ret, char *reason, size_t size)
{
    const struct collateral_request request = request_for(p);
    struct pccs_service service;
    size_t used = 0;
    if (url)
        setenv("MYST_PCCS_URL", url, 1); // the one place that knows what a usable URL is reads it
    int r = pccs_configuration(NULL, &service, reason, size);
    if (r)
        return r;
    if (insecure)
        service.verify_tls = false;
    uint8_t *packed = malloc(COLLATERAL_MAX_SIZE);
    r = packed ? pccs_collateral(&service, &request, packed, COLLATERAL_MAX_SIZE, &used, reason, size)
               : -ENOMEM;
    if (!r)
        return collateral_files_unpack(packed, used, ret);
    free(packed);
    return r;
}

static bool from_cache(const char *folder, struct collateral_files *ret)
{
    char path[PATH_MAX];
    if (collateral_files_load(folder, ret, path))
        return false;
    if (is_current(&ret->collateral))
        return true;
    collateral_files_free(ret);
    return false;
}

int collateral_obtain(const struct attest_platform *p, struct collateral_files *ret, char *reason,
                      size_t size)
{
    char folder[PATH_MAX], path[PATH_MAX];
    if (is_emulated(p))
        return from_emulated(p, ret, reason, size);
    const bool caches = collateral_cache_folder(p, folder) == 0;
    if (caches && from_cache(folder, ret))
        return 0;
    const int r = collateral_fetch(p, NULL, false, ret, reason, size);
    if (!r && caches)
        (void)collateral_files_save(folder, &ret->collateral, path); // a cache that cannot be written is none
    return r;
}
