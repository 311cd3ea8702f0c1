// SPDX-License-Identifier: MIT
#include "tests/unit/attest/evidence_files.h"

#include <sys/stat.h>

static const char *const item_files[ATTEST_COLLATERAL_ITEMS] = {
    [ATTEST_TCB_INFO] = "tcb_info.json",       [ATTEST_TCB_INFO_CHAIN] = "tcb_signing_chain.pem",
    [ATTEST_QE_IDENTITY] = "qe_identity.json", [ATTEST_QE_IDENTITY_CHAIN] = "tcb_signing_chain.pem",
    [ATTEST_PCK_CRL] = "pck_crl.der",          [ATTEST_PCK_CRL_CHAIN] = "pck_crl_issuer_chain.pem",
    [ATTEST_ROOT_CA_CRL] = "root_ca_crl.der",
};

const char *evidence_folder(void)
{
    struct stat st;
    return stat(EVIDENCE "/MANIFEST.tsv", &st) ? NULL : EVIDENCE;
}

bool file_load(const char *folder, const char *name, struct file *ret)
{
    char path[1024];
    snprintf(path, sizeof(path), EVIDENCE "/%s/%s", folder, name);
    *ret = (struct file){0};
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    CHECK(!fseek(f, 0, SEEK_END));
    ret->size = (size_t)ftell(f);
    rewind(f);
    ret->bytes = malloc(ret->size + 1);
    CHECK(ret->bytes && fread(ret->bytes, 1, ret->size, f) == ret->size);
    ret->bytes[ret->size] = 0;
    fclose(f);
    return true;
}

void collateral_load(const char *name, struct collateral_set *set)
{
    char folder[256];
    snprintf(folder, sizeof(folder), "collateral/%s", name);
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++) {
        if (item_files[i])
            (void)file_load(folder, item_files[i], &set->files[i]);
        set->collateral.item[i] = (struct attest_bytes){set->files[i].bytes, set->files[i].size};
    }
}

void collateral_replace(struct collateral_set *set, enum attest_collateral_item item, const char *folder,
                        const char *name)
{
    free(set->files[item].bytes);
    CHECK(file_load(folder, name, &set->files[item]));
    set->collateral.item[item] = (struct attest_bytes){set->files[item].bytes, set->files[item].size};
}

void collateral_unload(struct collateral_set *set)
{
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        free(set->files[i].bytes);
}
