// SPDX-License-Identifier: MIT
#include "cli/attest/collateral_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/snp.h"
#include "cli/attest/file.h"
#include "host/pccs/crl_form.h"
#include "lib/path/directories.h"

enum { NAMES = 4 };

// The first name is the one that is written.
static const char *const names[ATTEST_COLLATERAL_ITEMS][NAMES] = {
    [ATTEST_TCB_INFO] = {"tcb_info.json", "tcbInfo.json"},
    [ATTEST_TCB_INFO_CHAIN] = {"tcb_signing_chain.pem", "tcb_info_issuer_chain.pem", "tcbSignChain.pem"},
    [ATTEST_QE_IDENTITY] = {"qe_identity.json", "qeIdentity.json"},
    [ATTEST_QE_IDENTITY_CHAIN] = {"qe_identity_issuer_chain.pem", "tcb_signing_chain.pem",
                                  "tcbSignChain.pem"},
    [ATTEST_PCK_CRL] = {"pck_crl.der", "pck_crl.pem", "intermediateCaCrl.der"},
    [ATTEST_PCK_CRL_CHAIN] = {"pck_crl_issuer_chain.pem", "pckSignChain.pem"},
    [ATTEST_ROOT_CA_CRL] = {"root_ca_crl.der", "root_ca_crl.pem", "rootCaCrl.der"},
    [ATTEST_VEK] = {"vek.der", "vcek.der", "vlek.der", "vek.pem"},
    [ATTEST_VEK_CRL] = {"amd_crl.der", "amd_crl.pem"},
};

static int join(char *ret_path, const char *folder, const char *name)
{
    const int n = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);
    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

// The first of the names that exists; none is fine.
static int load_one(const char *folder, const char *const *candidates, uint8_t **ret_data, size_t *ret_size,
                    char *ret_path)
{
    for (int i = 0; i < NAMES && candidates[i]; i++) {
        int r = join(ret_path, folder, candidates[i]);
        if (!r)
            r = file_read(ret_path, ret_data, ret_size);
        if (r != -ENOENT)
            return r;
    }
    return 0;
}

static bool is_vek(struct attest_bytes bytes)
{
    bool found = false;
    struct vek vek;
    STACK_OF(X509) *certificates = certificates_parse(bytes);
    for (int i = 0; i < sk_X509_num(certificates); i++)
        found = found || vek_parse(sk_X509_value(certificates, i), &vek);
    certificates_free(certificates);
    return found;
}

static bool has_suffix(const char *name)
{
    static const char *const suffixes[] = {".der", ".pem", ".crt", ".cer"};
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (length > 4 && !strcmp(name + length - 4, suffixes[i]))
            return true;
    return false;
}

// Files that are certificates of report keys, whatever they are called.
static void find_veks(DIR *d, const char *folder, struct collateral_files *files)
{
    const struct dirent *entry;
    char path[PATH_MAX];
    while (files->vek_count < VEK_CANDIDATES && (entry = readdir(d))) {
        uint8_t *data;
        size_t size;
        if (!has_suffix(entry->d_name) || join(path, folder, entry->d_name) || file_read(path, &data, &size))
            continue;
        if (is_vek((struct attest_bytes){data, size}))
            files->vek[files->vek_count++] = (struct attest_bytes){data, size};
        else
            free(data);
    }
}

static bool is_crl(enum attest_collateral_item item)
{
    return item == ATTEST_PCK_CRL || item == ATTEST_ROOT_CA_CRL || item == ATTEST_VEK_CRL;
}

int collateral_files_load(const char *folder, struct collateral_files *files, char *ret_path)
{
    static const char *const pck_chain[NAMES] = {"pck_chain.pem"};
    uint8_t *data = NULL;
    size_t size = 0;
    *files = (struct collateral_files){0};
    snprintf(ret_path, PATH_MAX, "%s", folder);
    DIR *d = opendir(folder);
    if (!d)
        return -errno;
    int r = 0;
    for (int i = 0; !r && i < ATTEST_COLLATERAL_ITEMS; i++) {
        size = 0;
        r = load_one(folder, names[i], &files->data[i], &size, ret_path);
        if (!r && size && is_crl((enum attest_collateral_item)i))
            (void)crl_to_der(files->data[i], &size); // what is none the verifier says
        files->collateral.item[i] = (struct attest_bytes){files->data[i], size};
    }
    if (!r)
        r = load_one(folder, pck_chain, &data, &size, ret_path);
    if (!r && data)
        files->pck_chain = (struct attest_bytes){data, size};
    if (!r && !files->collateral.item[ATTEST_VEK].size)
        find_veks(d, folder, files);
    closedir(d);
    if (r)
        collateral_files_free(files);
    return r;
}

int collateral_files_unpack(uint8_t *packed, size_t size, struct collateral_files *files)
{
    *files = (struct collateral_files){.packed = packed};
    const int r = attest_collateral_parse(packed, size, &files->collateral);
    if (r)
        collateral_files_free(files);
    return r;
}

int collateral_files_save(const char *folder, const struct attest_collateral *collateral, char *ret_path)
{
    snprintf(ret_path, PATH_MAX, "%s", folder);
    int r = directories_make(folder, 0777);
    for (int i = 0; !r && i < ATTEST_COLLATERAL_ITEMS; i++) {
        const struct attest_bytes item = collateral->item[i];
        if (!item.size)
            continue;
        r = join(ret_path, folder, names[i][0]);
        if (!r)
            r = file_write(ret_path, item.data, item.size);
    }
    return r;
}

void collateral_files_free(struct collateral_files *files)
{
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        free(files->data[i]);
    for (size_t i = 0; i < files->vek_count; i++)
        free((void *)(uintptr_t)files->vek[i].data);
    free((void *)(uintptr_t)files->pck_chain.data);
    free(files->packed);
    *files = (struct collateral_files){0};
}
