// SPDX-License-Identifier: MIT
#include "service/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int read_all(int fd, size_t limit, uint8_t **ret_bytes, size_t *ret_size)
{
    uint8_t *bytes = malloc(limit + 1); // one more, to see whether there is more
    size_t size = 0;
    if (!bytes)
        return -ENOMEM;
    for (;;) {
        const ssize_t n = read(fd, bytes + size, limit + 1 - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            const int r = n < 0 ? -errno : 0;
            *ret_bytes = bytes;
            *ret_size = size;
            if (r)
                free(bytes);
            return r;
        }
        size += (size_t)n;
        if (size > limit) {
            free(bytes);
            return -EFBIG;
        }
    }
}

int write_all(int fd, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    while (size) {
        const ssize_t n = write(fd, p, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        p += n;
        size -= (size_t)n;
    }
    return 0;
}
