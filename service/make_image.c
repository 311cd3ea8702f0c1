// SPDX-License-Identifier: MIT
//
// Builds the system image: make_image OUTPUT ATTESTD writes a sealed cpio archive with the attestation
// service and the folders the kernel mounts on. The same program gives the same image: owners, times and
// inode numbers are fixed.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/image/image.h"
#include "service/stream.h"

enum { PROGRAM_LIMIT = 0x4000000, FIXED_TIME = 1 };

static int add(struct archive *archive, const char *path, unsigned mode, const void *contents, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    if (!entry)
        return -ENOMEM;
    archive_entry_set_pathname(entry, path);
    archive_entry_set_mode(entry, mode);
    archive_entry_set_mtime(entry, FIXED_TIME, 0);
    archive_entry_set_nlink(entry, S_ISDIR(mode) ? 2 : 1);
    archive_entry_set_size(entry, (la_int64_t)size);
    const int ok = archive_write_header(archive, entry) == ARCHIVE_OK &&
                   (!size || archive_write_data(archive, contents, size) == (la_ssize_t)size);
    archive_entry_free(entry);
    return ok ? 0 : -EIO;
}

static int add_all(struct archive *archive, const void *program, size_t size)
{
    static const struct {
        const char *path;
        unsigned mode;
    } folders[] = {{".", 0755}, {"bin", 0755}, {"dev", 0755}, {"proc", 0555}, {"tmp", 01777}};
    int r = 0;
    for (size_t i = 0; !r && i < sizeof(folders) / sizeof(*folders); i++)
        r = add(archive, folders[i].path, S_IFDIR | folders[i].mode, NULL, 0);
    return r ? r : add(archive, "bin/attestd", S_IFREG | 0755, program, size);
}

static int write_archive(int fd, const void *program, size_t size)
{
    struct archive *archive = archive_write_new();
    if (!archive)
        return -ENOMEM;
    int r = archive_write_set_format_cpio_newc(archive) == ARCHIVE_OK &&
                    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
                    archive_write_open_fd(archive, fd) == ARCHIVE_OK
                ? 0
                : -EIO;
    if (!r)
        r = add_all(archive, program, size);
    if (archive_write_close(archive) != ARCHIVE_OK && !r)
        r = -EIO;
    archive_write_free(archive);
    return r;
}

static int read_program(const char *path, uint8_t **ret, size_t *ret_size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    const int r = read_all(fd, PROGRAM_LIMIT, ret, ret_size);
    close(fd);
    return r;
}

int main(int argc, char **argv)
{
    uint8_t *program;
    size_t size;
    const char *reason = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: make_image OUTPUT ATTESTD\n");
        return 1;
    }
    int r = read_program(argv[2], &program, &size);
    if (r) {
        fprintf(stderr, "%s: %s\n", argv[2], strerror(-r));
        return 1;
    }
    const int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    r = fd < 0 ? -errno : write_archive(fd, program, size);
    if (!r)
        r = image_seal_fd(fd, &reason);
    if (fd >= 0 && close(fd) && !r)
        r = -errno;
    free(program);
    if (!r)
        return 0;
    fprintf(stderr, "%s: %s\n", argv[1], reason ? reason : strerror(-r));
    unlink(argv[1]);
    return 1;
}
