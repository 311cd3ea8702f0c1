// SPDX-License-Identifier: MIT
//
// Collateral as a folder of files, one for each item.
#pragma once

#include <myst/attest.h>

enum { VEK_CANDIDATES = 32 };

struct collateral_files {
    struct attest_collateral collateral; // what is there; the others are missing
    uint8_t *data[ATTEST_COLLATERAL_ITEMS];
    uint8_t *packed;               // or the items stand here
    struct attest_bytes pck_chain; // for quotes that do not carry it
    // SNP: certificates of report keys in the folder, when none is named as the one.
    struct attest_bytes vek[VEK_CANDIDATES];
    size_t vek_count;
};

// Reads what there is. -errno: the folder, or a file in it, cannot be read; `ret_path` (PATH_MAX) says which.
int collateral_files_load(const char *folder, struct collateral_files *ret, char *ret_path);
// Takes a packed buffer (abi/collateral.h) over. -EBADMSG: it is none.
int collateral_files_unpack(uint8_t *packed, size_t size, struct collateral_files *ret);
// Writes every item that is there; makes the folder.
int collateral_files_save(const char *folder, const struct attest_collateral *collateral, char *ret_path);
void collateral_files_free(struct collateral_files *files);
