// SPDX-License-Identifier: MIT
//
// A file that appears under its name only when it is complete: written beside it, then renamed.
#pragma once

struct output_file {
    int fd;
    const char *path;    // what it is to be; the caller's
    char temporary[4096]; // what it is until then; empty: nothing to remove
};

// Refuses to replace what is not a regular file. 0, or -1 after one line on stderr.
int output_open(const char *path, struct output_file *ret);
// Gives the file its name. 0, or -1 after one line on stderr; the temporary file is gone in either case.
int output_commit(struct output_file *o);
// Removes what was written. Harmless after output_commit.
void output_discard(struct output_file *o);
