// SPDX-License-Identifier: MIT
//
// What all subcommands share: the command table, option parsing, messages.
//
// Rules: a message is one line, "myst: what is wrong, and what to do"; the subcommand that finds the error prints it and
// returns 1. Nothing exits behind its caller's back.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option {
    const char *name;     // without the dashes; one letter means "-x"
    const char *argument; // shown in help; NULL: takes none
    const char *help;     // NULL: an alias, not shown
    int id;               // > 0, what option_next gives
};

// One row of commands.def.
struct command {
    const char *name;
    const char *synopsis; // what follows the name on the command line
    const char *summary;  // one line
    const char *program;  // the executable of lib/mystikos that holds it; NULL: myst itself
    const struct option *options; // ends with a zero row
    int (*run)(const struct command *self, int argc, char **argv); // argv[0] is the subcommand's name
};
extern const struct command commands[]; // ends with a zero row
const struct command *command_find(const char *name);

struct options {
    const struct command *command;
    int argc;
    char **argv;
    int at;            // next argument to look at; once 0 was returned: the first operand
    const char *value; // of the option just returned
    int operands;      // for option_next_anywhere: set to 0; operands found so far, moved to argv[0..]
};
// The id of the next option; 0 at the first operand (or after "--"); -1 after one line on stderr.
// -h and --help print the command's help; then -2.
int option_next(struct options *o);
// The same for commands whose options may stand anywhere. At 0, argv[0..operands) are the operands.
int option_next_anywhere(struct options *o);

// One line on stderr with "myst: " in front. Always returns 1, myst's exit status for its own errors.
__attribute__((format(printf, 1, 2))) int complain(const char *format, ...);

// Prints a command's help on stdout.
void command_help(const struct command *c);

// The name nearest to `word` in edit distance, or NULL when none is near. `names` is an array of `count` strings at a
// distance of `stride` bytes.
const char *nearest(const char *word, const void *names, size_t count, size_t stride);

// Parses "64m": digits and k, m or g, rounded up to whole pages. 0, -EINVAL (not a size), -ERANGE (beyond 64 bits).
int size_parse(const char *text, uint64_t *ret_size);

// Replaces this process by lib/mystikos/<program>, which runs argv (argv[0] is the subcommand). Returns only to report an error.
int delegate(const char *program, char **argv);

// A file of this installation: "<prefix>/lib/mystikos/<name>", found from the place of this executable. False after one line on stderr.
bool installed_file(const char *name, char *ret_path, size_t size);
