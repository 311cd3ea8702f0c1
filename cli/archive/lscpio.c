// SPDX-License-Identifier: MIT
//
// lscpio: one line per entry, in the columns of ls -l; times in UTC, so that the same file gives the same lines everywhere.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/archive/open.h"
#include "cli/commands.h"
#include "lib/image/cpio.h"

const struct option lscpio_options[] = {{0}};

static void mode_text(uint32_t mode, char ret[11])
{
    static const char types[16] = "?pc?d?b?-?l?s???", bits[] = "rwxrwxrwx";
    ret[0] = types[mode >> 12 & 15];
    for (int i = 0; i < 9; i++)
        ret[i + 1] = mode & 0400u >> i ? bits[i] : '-';
    if (mode & S_ISUID)
        ret[3] = mode & S_IXUSR ? 's' : 'S';
    if (mode & S_ISGID)
        ret[6] = mode & S_IXGRP ? 's' : 'S';
    if (mode & S_ISVTX)
        ret[9] = mode & S_IXOTH ? 't' : 'T';
    ret[10] = 0;
}

// A name may hold anything; a terminal must not get it, and a line must stay a line.
static void print_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c < 0x20 || c == 0x7f || c == '\\')
            printf("\\%03o", c);
        else
            putchar(c);
    }
}

static void print_entry(const struct archive_file *f, const struct cpio_entry *e)
{
    char mode[11], size[32], when[32] = "?";
    time_t seconds = e->mtime;
    struct tm tm;
    mode_text(e->mode, mode);
    if (S_ISCHR(e->mode) || S_ISBLK(e->mode))
        snprintf(size, sizeof(size), "%u, %u", e->rdev_major, e->rdev_minor);
    else
        snprintf(size, sizeof(size), "%llu", (unsigned long long)e->size);
    if (gmtime_r(&seconds, &tm))
        strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
    printf("%s %3u %5u %5u %10s %s ", mode, e->nlink, e->uid, e->gid, size, when);
    print_name(e->name, e->name_length);
    if (S_ISLNK(e->mode)) {
        fputs(" -> ", stdout);
        print_name((const char *)f->bytes + e->data, e->size);
    }
    putchar('\n');
}

static int list(const struct archive_file *f, const char *path)
{
    struct cpio_reader reader = {f->bytes, f->archive_size, 0};
    struct cpio_entry e;
    const char *reason;
    int r;
    while ((r = cpio_next(&reader, &e, &reason)) > 0)
        print_entry(f, &e);
    return r ? complain("%s: %s", path, reason) : 0;
}

int lscpio_main(const struct command *self, int argc, char **argv)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    struct archive_file f;
    int id = option_next_anywhere(&o);
    if (id)
        return id == -2 ? 0 : 1;
    if (o.operands != 1)
        return complain("lscpio: takes one file: myst lscpio %s", self->synopsis);
    if (archive_file_open(argv[0], false, &f))
        return 1;
    int status = list(&f, argv[0]);
    archive_file_close(&f);
    return status;
}
