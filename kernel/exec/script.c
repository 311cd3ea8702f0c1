// SPDX-License-Identifier: MIT
//
// #! scripts (man 2 execve): the interpreter, at most one argument, then the script's path.
#include "kernel/exec/script.h"

#include <linux/errno.h>

#include "kernel/lib/klib.h"
#include "kernel/vfs/file.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

int script_read(struct file *file, struct script *ret)
{
    char *line = ret->line;
    long n = file_read_at(file, line, sizeof(ret->line) - 1, 0);
    if (n < 0)
        return (int)n;
    line[n] = 0;
    if (line[0] != '#' || line[1] != '!')
        return 0;
    char *end = strchr(line, '\n');
    if (!end) {
        if (n == (long)sizeof(ret->line) - 1)
            return -ENOEXEC; // too long to be sure of the interpreter
        end = line + strlen(line);
    }
    while (end > line + 2 && blank(end[-1]))
        end--;
    *end = 0;
    char *p = line + 2;
    while (blank(*p))
        p++;
    if (!*p)
        return -ENOEXEC;
    ret->interpreter = p;
    while (*p && !blank(*p))
        p++;
    ret->argument = NULL;
    if (*p) {
        *p++ = 0;
        while (blank(*p))
            p++;
        ret->argument = *p ? p : NULL;
    }
    return 1;
}
