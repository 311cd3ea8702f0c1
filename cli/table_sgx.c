// SPDX-License-Identifier: MIT
//
// The subcommands that lib/mystikos/myst-sgx holds.
#include "cli/commands.h"

const struct command commands[] = {
#define EXEC(f, n, s, t) {n, s, t, NULL, f##_options, f##_main},
#define SGX(f, n, s, t) {n, s, t, NULL, f##_options, f##_main},
#define HERE(f, n, s, t)
#define ARCHIVE(f, n, s, t)
#define ATTEST(f, n, s, t)
#include "cli/commands.def"
    {0}};
