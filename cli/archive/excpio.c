// SPDX-License-Identifier: MIT
//
// excpio: unpacks into a directory and never outside of it. The file was checked as a whole before (cli/archive/open.h); what
// libarchive still has to guard against are symbolic links on the way, those in the directory included.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/archive/open.h"
#include "cli/archive/reason.h"
#include "cli/commands.h"

const struct option excpio_options[] = {{0}};

static int fail(const char *name, const char *why)
{
    return complain("%s: %s", name, why);
}

static int copy_content(struct archive *in, struct archive *out, const char *name)
{
    const void *block;
    size_t size;
    la_int64_t offset;
    int r;
    while ((r = archive_read_data_block(in, &block, &size, &offset)) == ARCHIVE_OK)
        if (archive_write_data_block(out, block, size, offset) < ARCHIVE_OK)
            return fail(name, archive_reason(out));
    return r == ARCHIVE_EOF ? 0 : fail(name, archive_reason(in));
}

static int extract(struct archive *in, struct archive *out, struct archive_entry *e)
{
    char name[4097];
    const char *stored = archive_entry_pathname(e);
    snprintf(name, sizeof(name), "%s", stored ? stored : "");
    const char *relative = name + strspn(name, "/");
    archive_entry_set_pathname(e, *relative ? relative : ".");
    mode_t type = archive_entry_filetype(e);
    bool device = type == AE_IFCHR || type == AE_IFBLK;
    if (archive_write_header(out, e) < ARCHIVE_OK) {
        if (!device || (archive_errno(out) != EPERM && archive_errno(out) != EACCES))
            return fail(name, archive_reason(out));
        complain("%s: skipped: only root can make a device node", name);
        return 0;
    }
    if (archive_entry_size(e) > 0 && copy_content(in, out, name))
        return 1;
    return archive_write_finish_entry(out) < ARCHIVE_OK ? fail(name, archive_reason(out)) : 0;
}

static int extract_all(struct archive *in, struct archive *out, const char *path)
{
    struct archive_entry *e;
    int r;
    while ((r = archive_read_next_header(in, &e)) == ARCHIVE_OK)
        if (extract(in, out, e))
            return 1;
    if (r != ARCHIVE_EOF)
        return fail(path, archive_reason(in));
    // Sets times and modes of directories.
    return archive_write_close(out) < ARCHIVE_OK ? fail(path, archive_reason(out)) : 0;
}

static int unpack(const struct archive_file *f, const char *path)
{
    struct archive *in = archive_read_new(), *out = archive_write_disk_new();
    int flags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_UNLINK | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;
    int status;
    if (!in || !out)
        status = fail("excpio", strerror(ENOMEM));
    else if (archive_read_support_format_cpio(in) || archive_read_open_memory(in, f->bytes, f->archive_size))
        status = fail(path, archive_reason(in));
    else if (archive_write_disk_set_options(out, geteuid() ? flags : flags | ARCHIVE_EXTRACT_OWNER))
        status = fail(path, archive_reason(out));
    else
        status = extract_all(in, out, path);
    archive_read_free(in);
    archive_write_free(out);
    return status;
}

static int enter(const char *directory)
{
    if (mkdir(directory, 0777) && errno != EEXIST)
        return fail(directory, strerror(errno));
    return chdir(directory) ? fail(directory, strerror(errno)) : 0;
}

int excpio_main(const struct command *self, int argc, char **argv)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    struct archive_file f;
    int id = option_next_anywhere(&o);
    if (id)
        return id == -2 ? 0 : 1;
    if (o.operands != 2)
        return complain("excpio: takes a file and a directory: myst excpio %s", self->synopsis);
    if (archive_file_open(argv[0], true, &f))
        return 1;
    int status = enter(argv[1]) || unpack(&f, argv[0]);
    archive_file_close(&f);
    return status;
}
