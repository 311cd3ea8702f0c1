// SPDX-License-Identifier: MIT
//
// statx
// needs: glibc
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    struct statx x;
    memset(&x, 0xee, sizeof(x));
    write_file("f", "12345");
    TRY(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
    printf("mode %o, size %ld, links %u\n", x.stx_mode, (long)x.stx_size, x.stx_nlink);
    IS((x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
    IS(x.stx_uid == getuid());
    struct stat st;
    NEED(!stat("f", &st));
    IS(st.st_ino == x.stx_ino && st.st_mtime == x.stx_mtime.tv_sec && st.st_mtim.tv_nsec == (long)x.stx_mtime.tv_nsec);
    TRY(statx(AT_FDCWD, "none", 0, STATX_BASIC_STATS, &x));
    int fd = open("f", O_RDONLY);
    TRY(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &x));
    TRY(statx(fd, "", 0, STATX_SIZE, &x));
    TRY(statx(AT_FDCWD, "f", 0x40000000, STATX_SIZE, &x));
    TRY(statx(AT_FDCWD, "f", 0, 0x80000000, &x));
    TRY(statx(AT_FDCWD, "f", 0, STATX_SIZE, (void *)8));
    return 0;
}
