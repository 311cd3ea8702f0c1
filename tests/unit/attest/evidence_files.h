// SPDX-License-Identifier: MIT
//
// Files of the collection of real quotes, certificates and collateral.
#pragma once

#include <stdbool.h>

#include "tests/unit/attest/check.h"

struct file {
    uint8_t *bytes; // a NUL follows
    size_t size;
};

// A file below the collection's folder; false when there is none. Free with free(file.bytes).
bool file_load(const char *folder, const char *name, struct file *ret_file);

struct collateral_set {
    struct file files[ATTEST_COLLATERAL_ITEMS];
    struct attest_collateral collateral;
};

// collateral/<name>; items that the set lacks are missing.
void collateral_load(const char *name, struct collateral_set *ret_set);
void collateral_replace(struct collateral_set *set, enum attest_collateral_item item, const char *folder,
                        const char *name);
void collateral_unload(struct collateral_set *set);

// The folder of the collection; NULL when it is not there.
const char *evidence_folder(void);
