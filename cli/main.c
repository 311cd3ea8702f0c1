// SPDX-License-Identifier: MIT
//
// myst: finds the subcommand and runs it. The executables of lib/mystikos are the same main() over a different table: what needs
// libcrypto or libarchive stands there, so that loading those libraries costs only the commands that use them.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

static int unknown(const char *name)
{
    size_t count = 0;
    while (commands[count].name)
        count++;
    const char *near = nearest(name, &commands[0].name, count, sizeof(commands[0]));
    if (near)
        return complain("unknown subcommand '%s': did you mean '%s'?", name, near);
    return complain("unknown subcommand '%s': see 'myst help'", name);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return complain("no subcommand: see 'myst help'");
    const char *name = argv[1];
    if (!strcmp(name, "-h") || !strcmp(name, "--help"))
        name = "help";
    else if (!strcmp(name, "--version"))
        name = "version";
    const struct command *c = command_find(name);
    if (!c)
        return unknown(name);
    if (c->program)
        return delegate(c->program, argv + 1);
    int status = c->run(c, argc - 1, argv + 1);
    if (fflush(stdout) || ferror(stdout))
        return complain("cannot write to standard output");
    return status;
}
