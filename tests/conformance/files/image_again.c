// SPDX-License-Identifier: MIT
//
// Bytes of the image that were read before are read again, into buffers that end, at the end of the file, and when the file changes.
// root: numbers tree.txt
#include "conform.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define SIZE 108894

static char first[SIZE + 100], again[SIZE + 100];

static long differing(size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (first[i] != again[i])
            return (long)i;
    return -1;
}

static void pieces(int fd)
{
    static const size_t sizes[] = {1, 7, 511, 512, 513, 4095, 4096, 4097, 8192, 65536, 100000, SIZE, SIZE + 100};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        memset(again, 0, sizeof(again));
        NEED(lseek(fd, 0, SEEK_SET) == 0);
        size_t done = 0;
        for (ssize_t n; (n = read(fd, again + done, sizes[i])) > 0; done += (size_t)n)
            NEED((size_t)n == sizes[i] || done + (size_t)n == SIZE);
        NEED(done == SIZE && lseek(fd, 0, SEEK_CUR) == SIZE);
        printf("by %zu: %ld\n", sizes[i], differing(SIZE));
    }
}

static void ends(int fd)
{
    char text[16];
    TRY(pread(fd, text, 16, SIZE - 5));
    TRY(pread(fd, text, 16, SIZE));
    TRY(pread(fd, text, 16, SIZE + 5000));
    TRY(pread(fd, text, 0, 0));
    TRY(lseek(fd, SIZE - 3, SEEK_SET));
    TRY(read(fd, text, 16));
    TRY(read(fd, text, 16));
    TRY(lseek(fd, 0, SEEK_CUR));
}

// The page behind the buffer is not there.
static void buffers_that_end(int fd)
{
    char *p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED && !munmap(p + 2 * 4096, 4096));
    NEED(!mprotect(p, 4096, PROT_READ));
    TRY(lseek(fd, 100, SEEK_SET));
    TRY(read(fd, p + 2 * 4096 - 50, 100));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(pread(fd, p + 2 * 4096 - 50, 8192, 4000));
    TRY(read(fd, p + 2 * 4096, 100));
    TRY(read(fd, p, 100));
    TRY(pread(fd, NULL, 1, 0));
    TRY(lseek(fd, 0, SEEK_CUR));
    struct iovec v[3] = {{p + 4096, 60}, {p + 4096 + 60, 4000}, {p + 2 * 4096, 10}};
    TRY(readv(fd, v, 3));
    TRY(lseek(fd, 0, SEEK_CUR));
    IS(!memcmp(p + 4096, first + 150, 4060));
    NEED(!munmap(p, 2 * 4096));
}

static void shared(int fd)
{
    char text[8] = "";
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEED(p != MAP_FAILED);
    TRY(pread(fd, text, 7, 4094));
    IS(!memcmp(text, first + 4094, 7));
    memcpy(p + 4095, "SHARED", 6);
    TRY(pread(fd, text, 7, 4094));
    printf("[%.7s]\n", text + 1);
    TRY(pread(fd, again, SIZE, 0));
    memcpy(first + 4095, "SHARED", 6);
    printf("%ld\n", differing(SIZE));
    NEED(!munmap(p, 8192));
}

// What comes behind the file in the image is none of its content, whenever it grows.
static int growing;
static void *grow(void *p)
{
    NEED(!ftruncate(growing, 4096));
    return p;
}

static void grows(void)
{
    char text[4096];
    pthread_t t;
    growing = open("tree.txt", O_RDWR);
    NEED(growing >= 0 && read(growing, text, sizeof(text)) == 19);
    NEED(!pthread_create(&t, NULL, grow, NULL));
    bool zeros = true;
    for (ssize_t n = 19; n == 19;) {
        n = pread(growing, text, sizeof(text), 0);
        NEED(n == 19 || n == sizeof(text));
        for (ssize_t i = 19; i < n; i++)
            zeros = zeros && !text[i];
    }
    pthread_join(t, NULL);
    IS(zeros);
    printf("[%.19s]\n", text);
}

int main(int argc, char **argv)
{
    begin(argv);
    int fd = open("numbers", O_RDWR);
    NEED(fd >= 0);
    TRY(read(fd, first, sizeof(first)));
    pieces(fd);
    ends(fd);
    buffers_that_end(fd);
    shared(fd);
    grows();
    return 0;
}
