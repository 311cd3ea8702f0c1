// SPDX-License-Identifier: MIT
//
// lseek, holes, reads and writes at places, vectors.
#include "conform.h"
#include <sys/uio.h>

#ifndef SEEK_DATA
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

int main(int argc, char **argv)
{
    begin(argv);
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    TRY(write(fd, "0123456789", 10));
    TRY(lseek(fd, 3, SEEK_SET));
    TRY(lseek(fd, 2, SEEK_CUR));
    TRY(lseek(fd, -2, SEEK_END));
    TRY(lseek(fd, -100, SEEK_CUR));
    TRY(lseek(fd, -1, SEEK_SET));
    TRY(lseek(fd, 0, 99));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(lseek(fd, 100000, SEEK_SET));
    TRY(read(fd, (char[9]){0}, 8));
    TRY(write(fd, "end", 3));
    char hole[16] = "................";
    TRY(pread(fd, hole, 16, 5));
    IS(!memcmp(hole, "56789\0\0\0\0\0\0\0\0\0\0\0", 16));
    TRY(pread(fd, hole, 16, 99998));
    TRY(pread(fd, hole, 16, 200000));
    TRY(pread(fd, hole, 16, -1));
    TRY(pwrite(fd, hole, 1, -1));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(lseek(fd, 0, SEEK_DATA));
    TRY(lseek(fd, 200000, SEEK_DATA));
    TRY(lseek(fd, 100001, SEEK_HOLE));
    char a[4] = "", b[8] = "";
    struct iovec v[3] = {{a, 3}, {NULL, 0}, {b, 5}};
    TRY(lseek(fd, 0, SEEK_SET));
    TRY(readv(fd, v, 3));
    printf("%s %s\n", a, b);
    TRY(preadv(fd, v, 3, 1));
    printf("%s %s\n", a, b);
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(pwritev(fd, v, 3, 99999));
    TRY(writev(fd, v, 3));
    TRY(readv(fd, v, -1));
    TRY(readv(fd, v, 0));
    TRY(readv(fd, v, 5000));
    TRY(readv(fd, (struct iovec *)8, 1));
    v[0].iov_len = (size_t)-1;
    TRY(readv(fd, v, 1));
    v[0] = (struct iovec){(void *)8, 4};
    TRY(pread(fd, (void *)8, 4, 0));
    TRY(preadv(fd, v, 1, 0));
    v[0] = (struct iovec){a, 3}, v[1] = (struct iovec){(void *)8, 4};
    TRY(preadv(fd, v, 2, 0)); // up to the bad one
    TRY(read(fd, a, 0));
    TRY(write(fd, (void *)8, 4));
    TRY(write(fd, "abc", 0));
    int pipes[2];
    NEED(!pipe(pipes));
    TRY(lseek(pipes[0], 0, SEEK_SET));
    TRY(pread(pipes[0], a, 1, 0));
    // Behind the place where a file may end.
    off_t end = lseek(fd, 0x7fffffffffffffff, SEEK_SET); // some file systems end earlier
    IS(end == -1 ? errno == EINVAL : write(fd, "x", 1) == -1 && (errno == EINVAL || errno == EFBIG));
    return 0;
}
