// SPDX-License-Identifier: MIT
//
// truncate, ftruncate, fallocate.
#include "conform.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE 1
#endif

static void show(int fd)
{
    struct stat st;
    NEED(!fstat(fd, &st));
    char text[32] = "";
    ssize_t count = pread(fd, text, 20, 0);
    printf("size %ld:", (long)st.st_size);
    for (ssize_t i = 0; i < count; i++)
        printf(" %02x", text[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("f", "abcdefgh");
    int fd = open("f", O_RDWR);
    TRY(truncate("f", 3));
    show(fd);
    TRY(ftruncate(fd, 6)); // what was cut off does not come back
    show(fd);
    TRY(ftruncate(fd, -1));
    TRY(truncate("f", -1));
    TRY(truncate("none", 1));
    TRY(truncate(".", 1));
    TRY(ftruncate(open("f", O_RDONLY), 1));
    TRY(ftruncate(77, 1));
    TRY(ftruncate(fd, 1l << 40)); // sparse
    TRY(lseek(fd, 0, SEEK_END));
    char c = 'x';
    TRY(pread(fd, &c, 1, 1l << 39));
    IS(c == 0);
    TRY(ftruncate(fd, 5000));
    TRY(pwrite(fd, "zz", 2, 4999));
    TRY(ftruncate(fd, 4097));
    TRY(ftruncate(fd, 8192));
    char page[4096];
    TRY(pread(fd, page, 4096, 4096));
    bool zero = true;
    for (int i = 0; i < 4096; i++)
        zero = zero && !page[i];
    IS(zero);
    TRY(fallocate(fd, 0, 8000, 1000));
    show(fd);
    TRY(fallocate(fd, FALLOC_FL_KEEP_SIZE, 8000, 100000));
    show(fd);
    TRY(fallocate(fd, 0, 0, 0));
    TRY(fallocate(fd, 0, -1, 10));
    return 0;
}
