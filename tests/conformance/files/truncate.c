// SPDX-License-Identifier: MIT
//
// truncate, ftruncate, fallocate and holes.
#include "conform.h"
#include <sys/mman.h>

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

// Which bytes of a file of four pages of 'x' are still there, after something was taken out.
static void show_rest(int fd, const char *map, const char *when)
{
    static char content[4 * 4096];
    NEED(pread(fd, content, sizeof(content), 0) == sizeof(content));
    printf("%s: mapped %s, kept", when, memcmp(content, map, sizeof(content)) ? "other bytes" : "the same");
    for (size_t i = 0; i < sizeof(content); i++)
        if (content[i] && (!i || !content[i - 1]))
            printf(" %zu-", i);
        else if (i && !content[i] && content[i - 1])
            printf("%zu", i);
    printf("\n");
}

static void holes(int fd)
{
    static char content[4 * 4096];
    memset(content, 'x', sizeof(content));
    NEED(!ftruncate(fd, sizeof(content)) && pwrite(fd, content, sizeof(content), 0) == sizeof(content));
    char *map = mmap(NULL, sizeof(content), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEED(map != MAP_FAILED);
    map[4096] = 'y';
    TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
    TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 50));
    show_rest(fd, map, "a piece");
    TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4000, 5000));
    show_rest(fd, map, "a page and more");
    TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 16000, 100000));
    show_rest(fd, map, "the end");
    show(fd);
    map[5000] = 'z';
    TRY(pwrite(fd, "ab", 2, 6000));
    show_rest(fd, map, "written again");
    munmap(map, sizeof(content));
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
    holes(fd);
    return 0;
}
