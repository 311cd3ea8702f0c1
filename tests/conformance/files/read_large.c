// SPDX-License-Identifier: MIT
//
// Large reads of a file that was written: whole, at the end, into buffers that end; and of several threads from one position, each of which
// gets bytes that stand one behind the other, and nobody those of another.
#include "conform.h"

#include <pthread.h>
#include <sys/mman.h>

#define WORDS (1u << 20)
#define SIZE (WORDS * sizeof(uint32_t))

static uint32_t words[WORDS + 1024];
static int shared;
static bool mixed;
static uint8_t seen[WORDS]; // atomic

static int make(const char *name)
{
    int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);
    for (uint32_t i = 0; i < WORDS; i++)
        words[i] = i;
    NEED(fd >= 0 && write(fd, words, SIZE) == SIZE);
    return fd;
}

static bool follow(const uint32_t *p, size_t count, uint32_t first)
{
    for (size_t i = 0; i < count; i++)
        if (p[i] != first + i)
            return false;
    return true;
}

static void whole(int fd)
{
    static const size_t sizes[] = {16384, 16388, 65536, 100000, 262144, 300000, SIZE, sizeof(words)};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t done = 0;
        NEED(lseek(fd, 0, SEEK_SET) == 0);
        for (ssize_t n; (n = read(fd, (char *)words + done, sizes[i])) > 0; done += (size_t)n) {
            NEED((size_t)n == sizes[i] || done + (size_t)n == SIZE);
            NEED(lseek(fd, 0, SEEK_CUR) == (off_t)(done + (size_t)n));
        }
        printf("by %zu: %s\n", sizes[i], done == SIZE && follow(words, WORDS, 0) ? "all" : "not all");
        memset(words, 0, sizeof(words));
        NEED(pread(fd, words, sizes[i], 4096) == (ssize_t)(sizes[i] < SIZE - 4096 ? sizes[i] : SIZE - 4096));
        IS(follow(words, (sizes[i] < SIZE - 4096 ? sizes[i] : SIZE - 4096) / 4, 1024));
    }
    TRY(lseek(fd, (off_t)SIZE - 20000, SEEK_SET));
    TRY(read(fd, words, 100000));
    TRY(read(fd, words, 100000));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(lseek(fd, (off_t)SIZE + 20000, SEEK_SET));
    TRY(read(fd, words, 100000));
    TRY(lseek(fd, 0, SEEK_CUR));
}

static void buffer_that_ends(int fd)
{
    char *p = mmap(NULL, 32 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED && !munmap(p + 16 * 4096, 16 * 4096));
    TRY(lseek(fd, 8192, SEEK_SET));
    TRY(read(fd, p + 6 * 4096, 100000));
    TRY(lseek(fd, 0, SEEK_CUR));
    IS(follow((uint32_t *)(p + 6 * 4096), 10240, 2048));
    TRY(pread(fd, p + 15 * 4096, 100000, 0));
    TRY(read(fd, p + 16 * 4096, 100000));
    TRY(lseek(fd, 0, SEEK_CUR));
    NEED(!munmap(p, 16 * 4096));
}

static void *take(void *size)
{
    uint32_t *p = malloc((size_t)size);
    NEED(p);
    for (ssize_t n; (n = read(shared, p, (size_t)size)) > 0;) {
        if (!follow(p, (size_t)n / 4, p[0]))
            __atomic_store_n(&mixed, true, __ATOMIC_RELAXED);
        for (size_t i = 0; i < (size_t)n / 4; i++)
            if (p[i] < WORDS && __atomic_exchange_n(&seen[p[i]], 1, __ATOMIC_RELAXED))
                __atomic_store_n(&mixed, true, __ATOMIC_RELAXED);
    }
    free(p);
    return NULL;
}

static void together(int fd)
{
    static const size_t sizes[] = {300000, 65536, 400000, 40000};
    pthread_t t[4];
    shared = fd;
    NEED(lseek(fd, 0, SEEK_SET) == 0);
    for (int i = 0; i < 4; i++)
        NEED(!pthread_create(&t[i], NULL, take, (void *)sizes[i]));
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    size_t missing = 0;
    for (size_t i = 0; i < WORDS; i++)
        missing += !seen[i];
    IS(!mixed && !missing);
    TRY(lseek(fd, 0, SEEK_CUR));
}

int main(int argc, char **argv)
{
    begin(argv);
    int fd = make("words");
    whole(fd);
    buffer_that_ends(fd);
    together(fd);
    return 0;
}
