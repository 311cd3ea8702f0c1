// SPDX-License-Identifier: MIT
#include "cli/attest/file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_stream(FILE *in, uint8_t **ret_data, size_t *ret_size)
{
    uint8_t *data = malloc(FILE_LIMIT + 1);
    if (!data)
        return -ENOMEM;
    errno = 0;
    const size_t size = fread(data, 1, FILE_LIMIT + 1, in);
    const int r = ferror(in) ? -(errno ? errno : EIO) : size > FILE_LIMIT ? -EFBIG : 0;
    if (r) {
        free(data);
        return r;
    }
    data[size] = 0;
    *ret_data = data;
    *ret_size = size;
    return 0;
}

int file_read(const char *path, uint8_t **ret_data, size_t *ret_size)
{
    if (!strcmp(path, "-"))
        return read_stream(stdin, ret_data, ret_size);
    FILE *in = fopen(path, "re");
    if (!in)
        return -errno;
    const int r = read_stream(in, ret_data, ret_size);
    fclose(in);
    return r;
}

int file_write(const char *path, const void *data, size_t size)
{
    char temporary[PATH_MAX];
    const int n = snprintf(temporary, sizeof(temporary), "%s.%d.new", path, (int)getpid());
    if (n < 0 || (size_t)n >= sizeof(temporary))
        return -ENAMETOOLONG;
    FILE *out = fopen(temporary, "wxe");
    if (!out)
        return -errno;
    errno = 0;
    const bool written = fwrite(data, 1, size, out) == size;
    const bool closed = fclose(out) == 0;
    if (written && closed && rename(temporary, path) == 0)
        return 0;
    const int error = errno ? errno : EIO;
    (void)unlink(temporary);
    return -error;
}

