// SPDX-License-Identifier: MIT
//
// Seals the archive named on the command line and prints "<root hash> <data size>", for the interoperability test.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/image/image.h"

int main(int argc, char **argv)
{
    const char *reason = NULL;
    struct image_view v;
    struct stat st;
    int fd = open(argc > 1 ? argv[1] : "", O_RDWR | O_CLOEXEC);
    int r = fd < 0 ? -errno : image_seal_fd(fd, &reason);
    if (r) {
        fprintf(stderr, "%s\n", reason ? reason : strerror(-r));
        return 1;
    }
    if (fstat(fd, &st))
        return 1;
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED || image_open(map, (size_t)st.st_size, &v, &reason))
        return 1;
    for (unsigned i = 0; i < sizeof(v.root_hash); i++)
        printf("%02x", v.root_hash[i]);
    printf(" %" PRIu64 "\n", v.data_size);
    return 0;
}
