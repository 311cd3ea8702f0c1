// SPDX-License-Identifier: MIT
//
// Options of a subcommand, from its table: "--name value", "--name=value", "-h". Parsing ends at the first operand: what follows a
// program's name belongs to the program.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct option *find(const struct command *c, const char *name, size_t length)
{
    for (const struct option *o = c->options; o->name; o++)
        if (strlen(o->name) == length && !memcmp(o->name, name, length))
            return o;
    return NULL;
}

static int unknown(const struct command *c, const char *word, size_t length)
{
    char name[64];
    snprintf(name, sizeof(name), "%.*s", (int)length, word);
    size_t count = 0;
    while (c->options[count].name)
        count++;
    const char *near = nearest(name + strspn(name, "-"), &c->options[0].name, count, sizeof(c->options[0]));
    if (near)
        complain("%s: unknown option '%s': did you mean '--%s'?", c->name, name, near);
    else
        complain("%s: unknown option '%s': see 'myst help %s'", c->name, name, c->name);
    return -1;
}

static int take_value(struct options *o, const struct option *row, const char *inline_value)
{
    o->value = inline_value;
    if (!row->argument) {
        if (!inline_value)
            return row->id;
        complain("%s: option '--%s' takes no value", o->command->name, row->name);
        return -1;
    }
    if (!inline_value) {
        if (o->at >= o->argc) {
            complain("%s: option '--%s' needs a value: %s", o->command->name, row->name, row->argument);
            return -1;
        }
        o->value = o->argv[o->at++];
    }
    return row->id;
}

int option_next(struct options *o)
{
    const char *word = o->at < o->argc ? o->argv[o->at] : NULL;
    if (!word || word[0] != '-' || !word[1])
        return 0;
    o->at++;
    if (!strcmp(word, "--"))
        return 0;
    if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
        command_help(o->command);
        return -2;
    }
    size_t dashes = word[1] == '-' ? 2 : 1;
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *row = find(o->command, word + dashes, length - dashes);
    if (!row || (dashes == 2) != (strlen(row->name) > 1))
        return unknown(o->command, word, length);
    return take_value(o, row, equals ? equals + 1 : NULL);
}

int option_next_anywhere(struct options *o)
{
    while (o->at < o->argc) {
        int before = o->at, id = option_next(o);
        if (id)
            return id;
        if (o->at > before) { // "--": the rest are operands
            while (o->at < o->argc)
                o->argv[o->operands++] = o->argv[o->at++];
            break;
        }
        o->argv[o->operands++] = o->argv[o->at++];
    }
    return 0;
}

void command_help(const struct command *c)
{
    printf("myst %s %s\n%s.\n", c->name, c->synopsis, c->summary);
    bool any = false;
    for (const struct option *o = c->options; o->name; o++) {
        if (!o->help)
            continue;
        if (!any)
            printf("\nOptions:\n");
        any = true;
        char left[64];
        snprintf(left, sizeof(left), "%s%s%s%s", strlen(o->name) == 1 ? "-" : "--", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        printf("  %-34s %s\n", left, o->help);
    }
}
