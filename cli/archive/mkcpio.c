// SPDX-License-Identifier: MIT
//
// mkcpio: a directory becomes a sealed root filesystem (abi/image.h) that any cpio can read.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/archive/bytecode.h"
#include "cli/archive/libraries.h"
#include "cli/archive/output.h"
#include "cli/archive/tree.h"
#include "cli/archive/write.h"
#include "cli/commands.h"
#include "lib/image/image.h"

enum { OPTION_NO_LIBS = 1 };

const struct option mkcpio_options[] = {
    {"no-libs", NULL, "fail instead of adding missing shared libraries and interpreters", OPTION_NO_LIBS}, {0}};

static int seal(int fd, const char *path)
{
    const char *reason = NULL;
    int r = image_seal_fd(fd, &reason);
    if (r)
        complain("cannot write %s: %s", path, reason ? reason : strerror(-r));
    return r;
}

static int pack(struct tree *t, struct output_file *o, bool add_libraries)
{
    if (libraries_complete(t, add_libraries) || tree_add_directory(t, "/tmp", 01777))
        return 1;
    bytecode_times(t);
    if (tree_write(t, o->fd, o->path) || seal(o->fd, o->path))
        return 1;
    return output_commit(o) ? 1 : 0;
}

static int make(const char *directory, const char *path, bool add_libraries)
{
    struct stat st;
    struct tree tree;
    struct output_file output;
    // Read before the output exists: it may stand in the directory.
    if (tree_read(&tree, directory, stat(path, &st) ? NULL : &st))
        return 1;
    int status = output_open(path, &output) ? 1 : pack(&tree, &output, add_libraries);
    output_discard(&output);
    tree_free(&tree);
    return status;
}

int mkcpio_main(const struct command *self, int argc, char **argv)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    bool add_libraries = true;
    int id;
    while ((id = option_next_anywhere(&o)) > 0)
        add_libraries = false;
    if (id < 0)
        return id == -2 ? 0 : 1;
    if (o.operands != 2)
        return complain("mkcpio: takes a directory and a file: myst mkcpio %s", self->synopsis);
    return make(argv[0], argv[1], add_libraries);
}
