// SPDX-License-Identifier: MIT
//
// What the rows of commands.def stand for; each is defined in the file of its name.
#pragma once

#include "cli/cli.h"

#define DECLARE(f)                                                                                                     \
    int f##_main(const struct command *self, int argc, char **argv);                                                   \
    extern const struct option f##_options[];
#define EXEC(f, n, s, t) DECLARE(f)
#define HERE(f, n, s, t) DECLARE(f)
#define SGX(f, n, s, t) DECLARE(f)
#define ARCHIVE(f, n, s, t) DECLARE(f)
#define ATTEST(f, n, s, t) DECLARE(f)
#include "cli/commands.def"
#undef EXEC
#undef HERE
#undef SGX
#undef ARCHIVE
#undef ATTEST
#undef DECLARE
