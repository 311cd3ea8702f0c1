// SPDX-License-Identifier: MIT
//
// readahead and sync_file_range, which only advise, and preadv2 and pwritev2 with their flags.
#include "conform.h"
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef RWF_SYNC // musl
#define RWF_DSYNC 2
#define RWF_SYNC 4
#endif

#define SAY(call) say(#call, call)

static void say(const char *what, long r)
{
    printf("%s: %ld %s\n", what, r, r < 0 ? errno_name(errno) : "");
}

static long vectors(long nr, int fd, char *bytes, size_t size, long offset, int flags)
{
    struct iovec v[2] = {{bytes, size / 2}, {bytes + size / 2, size - size / 2}};
    return syscall(nr, fd, v, 2, offset, 0, flags);
}

static void with_flags(int fd)
{
    char text[] = "0123456789", back[11] = "";
    SAY(vectors(SYS_pwritev2, fd, text, 10, 0, 0));
    SAY(vectors(SYS_pwritev2, fd, text, 4, 10, RWF_DSYNC));
    SAY(vectors(SYS_pwritev2, fd, text, 4, -1, RWF_SYNC)); // at the file's position
    printf("position %ld\n", (long)lseek(fd, 0, SEEK_CUR));
    SAY(vectors(SYS_preadv2, fd, back, 10, 4, 0));
    puts(back);
    SAY(vectors(SYS_preadv2, fd, back, 3, -1, 0));
    printf("position %ld\n", (long)lseek(fd, 0, SEEK_CUR));
    SAY(vectors(SYS_preadv2, fd, back, 3, -2, 0));
    SAY(vectors(SYS_preadv2, fd, back, 3, 0, 1 << 20));
    SAY(vectors(SYS_preadv2, -1, back, 3, 0, 0));
}

int main(int argc, char **argv)
{
    begin(argv);
    int pipes[2], fd = open("hints", O_CREAT | O_RDWR, 0600), only = open("hints", O_WRONLY);
    NEED(fd >= 0 && only >= 0 && pipe(pipes) == 0);
    with_flags(fd);
    SAY(syscall(SYS_readahead, fd, 0, 4096));
    SAY(syscall(SYS_readahead, only, 0, 4096));
    SAY(syscall(SYS_readahead, pipes[0], 0, 4096));
    SAY(syscall(SYS_readahead, -1, 0, 4096));
    SAY(syscall(SYS_sync_file_range, fd, 0, 0, SYNC_FILE_RANGE_WRITE));
    SAY(syscall(SYS_sync_file_range, fd, 0, 0, 64));
    SAY(syscall(SYS_sync_file_range, fd, -1, 0, 0));
    SAY(syscall(SYS_sync_file_range, pipes[0], 0, 0, 0));
    SAY(syscall(SYS_sync_file_range, -1, 0, 0, 0));
    return 0;
}
