// SPDX-License-Identifier: MIT
//
// The subcommands that lib/mystikos/myst-archive holds.
#include "cli/commands.h"

const struct command commands[] = {
#define ARCHIVE(f, n, s, t) {n, s, t, NULL, f##_options, f##_main},
#define EXEC(f, n, s, t)
#define HERE(f, n, s, t)
#define SGX(f, n, s, t)
#define ATTEST(f, n, s, t)
#include "cli/commands.def"
    {0}};
