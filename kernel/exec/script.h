// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

struct file;

struct script {
    char line[256]; // BINPRM_BUF_SIZE of Linux
    char *interpreter;
    char *argument; // NULL when there is none
};

// 1: a script, *ret filled. 0: not a script. -ENOEXEC, -EIO.
int script_read(struct file *file, struct script *ret);
