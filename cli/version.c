// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "cli/commands.h"

const struct option version_options[] = {{0}};

int version_main(const struct command *self, int argc, char **argv)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    int id = option_next(&o);
    if (id)
        return id == -2 ? 0 : 1;
    if (o.at < argc)
        return complain("version: takes no operands, found '%s'", argv[o.at]);
    printf("myst %s\n", MYST_VERSION);
    return 0;
}
