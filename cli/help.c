// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

const struct option help_options[] = {{0}};

static int help_all(void)
{
    printf("myst runs unmodified Linux programs inside an SGX enclave.\n\nSubcommands:\n");
    for (const struct command *c = commands; c->name; c++)
        printf("  %-11s %-37s %s\n", c->name, c->synopsis, c->summary);
    printf("\n'myst help SUBCOMMAND' shows its options. Manual pages: myst(1), myst-gcc(1), myst-config(5).\n");
    return 0;
}

int help_main(const struct command *self, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-')
        return help_all();
    if (argc > 2)
        return complain("help: takes one operand, found '%s' as well", argv[2]);
    const struct command *c = command_find(argv[1]);
    if (c && !c->program) {
        command_help(c);
        return 0;
    }
    // Held by another executable, or unknown: both are answered as for "myst NAME --help".
    char *forward[] = {(char *)"myst", argv[1], (char *)"--help", NULL};
    if (c)
        return delegate(c->program, forward + 1);
    size_t count = 0;
    while (commands[count].name)
        count++;
    const char *near = nearest(argv[1], &commands[0].name, count, sizeof(commands[0]));
    return near ? complain("help: unknown subcommand '%s': did you mean '%s'?", argv[1], near)
                : complain("help: unknown subcommand '%s': see 'myst help'", argv[1]);
}
