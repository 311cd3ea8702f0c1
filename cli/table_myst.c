// SPDX-License-Identifier: MIT
//
// The subcommands that bin/myst holds.
#include "cli/commands.h"

const struct command commands[] = {
#define EXEC(f, n, s, t) {n, s, t, NULL, f##_options, f##_main},
#define HERE(f, n, s, t) {n, s, t, NULL, f##_options, f##_main},
#define SGX(f, n, s, t) {n, s, t, "myst-sgx", NULL, NULL},
#define ARCHIVE(f, n, s, t) {n, s, t, "myst-archive", NULL, NULL},
#define ATTEST(f, n, s, t) {n, s, t, "myst-attest", NULL, NULL},
#include "cli/commands.def"
    {0}};
