// SPDX-License-Identifier: MIT
//
// Large memory after fork: whoever writes, by whatever means, writes to its own, and everybody else keeps what was there.
#include "conform.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { SIZE = 8 << 20, PAGE = 4096, PAGES = SIZE / PAGE };

static unsigned char *area;

static bool all(const unsigned char *p, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != value)
            return false;
    return true;
}

// Of every n-th page the first byte is changed.
static void change(unsigned char *p, int n, unsigned char value)
{
    for (int i = 0; i < PAGES; i += n)
        p[(size_t)i * PAGE] = value;
}
static bool changed(const unsigned char *p, int n, unsigned char value, unsigned char rest)
{
    for (int i = 0; i < PAGES; i++)
        if (p[(size_t)i * PAGE] != (i % n ? rest : value) || p[(size_t)i * PAGE + 1] != rest)
            return false;
    return true;
}

static int status_of(pid_t child)
{
    int status = -1;
    NEED(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// body: in a child, 7 if all is right. Here all of area has to be `value` afterwards.
static void in_child(const char *what, int (*body)(void), unsigned char value)
{
    pid_t child = fork();
    if (!child)
        _exit(body());
    const int status = status_of(child);
    printf("%s: %d, %s\n", what, status, all(area, SIZE, value) ? "kept" : "damaged");
}

static int reads(void)
{
    return all(area, SIZE, 1) ? 7 : 1;
}
static int writes_some(void)
{
    change(area, 37, 9);
    return changed(area, 37, 9, 1) ? 7 : 1;
}
static int writes_on(void)
{
    memset(area + SIZE / 2, 5, SIZE / 2);
    return all(area, SIZE / 2, 1) && all(area + SIZE / 2, SIZE / 2, 5) ? 7 : 1;
}
static int kernel_writes(void)
{
    int fd = open("/dev/zero", O_RDONLY);
    NEED(read(fd, area + 3 * PAGE + 100, 5 * PAGE) == 5 * PAGE);
    return all(area, 3 * PAGE + 100, 1) && all(area + 3 * PAGE + 100, 5 * PAGE, 0) && area[8 * PAGE + 100] == 1 ? 7 : 1;
}
static int drops(void)
{
    NEED(!madvise(area + SIZE / 4, SIZE / 4, MADV_DONTNEED));
    return all(area, SIZE / 4, 1) && all(area + SIZE / 4, SIZE / 4, 0) && all(area + SIZE / 2, SIZE / 2, 1) ? 7 : 1;
}
static int unmaps(void)
{
    NEED(!munmap(area + SIZE / 4, SIZE / 4));
    unsigned char *again = mmap(area + SIZE / 4, SIZE / 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    NEED(again == area + SIZE / 4);
    return all(area, SIZE / 4, 1) && all(again, SIZE / 4, 0) && all(area + SIZE / 2, SIZE / 2, 1) ? 7 : 1;
}
static int moves(void)
{
    unsigned char *p = mremap(area, SIZE, SIZE + SIZE / 2, MREMAP_MAYMOVE);
    NEED(p != MAP_FAILED);
    memset(p + SIZE, 2, SIZE / 2);
    p[0] = 3;
    return p[0] == 3 && all(p + 1, SIZE - 1, 1) && all(p + SIZE, SIZE / 2, 2) ? 7 : 1;
}
static int protects(void)
{
    NEED(!mprotect(area, SIZE / 2, PROT_READ) && !mprotect(area + SIZE / 2, SIZE / 2, PROT_NONE));
    int r = all(area, SIZE / 2, 1);
    NEED(!mprotect(area, SIZE, PROT_READ | PROT_WRITE));
    change(area, 2, 4);
    return r && changed(area, 2, 4, 1) ? 7 : 1;
}
static int has_a_child(void)
{
    change(area, 3, 6);
    pid_t child = fork();
    if (!child) {
        bool right = changed(area, 3, 6, 1);
        memset(area, 8, SIZE);
        _exit(right && all(area, SIZE, 8) ? 7 : 1);
    }
    change(area, 3, 7);
    return status_of(child) == 7 && changed(area, 3, 7, 1) ? 7 : 1;
}

// Children that live on while their parent changes what they had together; each tells at its end what it saw.
static void several(void)
{
    int go[2], right = 0;
    pid_t children[3];
    NEED(!pipe(go));
    for (int i = 0; i < 3; i++) {
        area[(size_t)i * PAGE] = 20;
        children[i] = fork();
        if (!children[i]) {
            char c;
            close(go[1]);
            bool good = true;
            for (int n = 0; n < 3; n++)
                good &= area[(size_t)n * PAGE] == (n <= i ? 20 : 1);
            for (int n = PAGES / 2; n < PAGES; n += 64)
                area[(size_t)n * PAGE] = (unsigned char)(30 + i);
            good &= read(go[0], &c, 1) == 0;
            for (int n = 0; n < 3; n++)
                good &= area[(size_t)n * PAGE] == (n <= i ? 20 : 1);
            _exit(good && area[SIZE / 2] == 30 + i && area[SIZE / 2 + 1] == 1 ? 7 : 1);
        }
    }
    memset(area, 50, SIZE);
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < 3; i++)
        right += status_of(children[i]) == 7;
    printf("several: %d, %s\n", right, all(area, SIZE, 50) ? "kept" : "damaged");
}

static volatile bool stop;

// Counts in every page, over and over.
static void *counts(void *p)
{
    unsigned long rounds = 0;
    for (; !stop; rounds++)
        for (int i = 0; i < PAGES; i += 16)
            ++*(volatile unsigned *)(area + (size_t)i * PAGE + 64);
    return (void *)rounds;
}

static void beside_a_writer(void)
{
    pthread_t t;
    int right = 0;
    memset(area, 0, SIZE);
    NEED(!pthread_create(&t, NULL, counts, NULL));
    for (int i = 0; i < 30; i++) {
        pid_t child = fork();
        if (!child) { // nobody counts here: all stands still
            unsigned first[PAGES / 16];
            bool same = true;
            for (int n = 0; n < PAGES / 16; n++)
                first[n] = *(unsigned *)(area + (size_t)n * 16 * PAGE + 64);
            sched_yield();
            for (int n = 0; n < PAGES / 16; n++)
                same &= first[n] == *(unsigned *)(area + (size_t)n * 16 * PAGE + 64);
            _exit(same ? 7 : 1);
        }
        right += status_of(child) == 7;
    }
    stop = true;
    void *rounds;
    pthread_join(t, &rounds);
    bool whole = true; // no count was lost
    for (int i = 0; i < PAGES; i += 16)
        whole &= *(unsigned *)(area + (size_t)i * PAGE + 64) == (unsigned)(unsigned long)rounds;
    printf("beside a writer: %d, %s\n", right, whole ? "whole" : "counts were lost");
}

// As one mapping, whoever has its parts.
static int lines_of_maps(void)
{
    char line[256], start[32], end[32];
    int n = 0;
    FILE *f = fopen("/proc/self/maps", "re");
    NEED(f);
    snprintf(start, sizeof(start), "%08lx", (unsigned long)area);
    snprintf(end, sizeof(end), "%08lx", (unsigned long)area + SIZE);
    while (fgets(line, sizeof(line), f))
        n += strncmp(line, start, strlen(start)) >= 0 && strncmp(line, end, strlen(end)) < 0;
    fclose(f);
    return n;
}
static int looks_at_maps(void)
{
    change(area, 37, 9);
    return lines_of_maps() == 1 ? 7 : lines_of_maps();
}

// Moves the end of the heap and returns where it was. sbrk(3) of musl does not.
static unsigned char *move_end(long by)
{
    long end = syscall(SYS_brk, 0);
    NEED(syscall(SYS_brk, end + by) == end + by);
    return (unsigned char *)end;
}

// The heap ends and goes on where it was closed.
static void heap(void)
{
    unsigned char *p = move_end(SIZE);
    memset(p, 3, SIZE);
    pid_t child = fork();
    if (!child) {
        move_end(-SIZE / 2);
        move_end(SIZE);
        memset(p + SIZE, 4, SIZE / 2);
        p[10] = 4;
        _exit(p[9] == 3 && all(p + 11, SIZE / 2 - 11, 3) && all(p + SIZE / 2, SIZE / 2, 0) && all(p + SIZE, SIZE / 2, 4) ? 7 : 1);
    }
    int status = status_of(child);
    NEED(move_end(SIZE) == p + SIZE);
    memset(p + SIZE, 5, SIZE);
    printf("heap: %d, %s\n", status, all(p, SIZE, 3) && all(p + SIZE, SIZE, 5) ? "kept" : "damaged");
}

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char *below = mmap(NULL, SIZE + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(below != MAP_FAILED);
    area = mmap(below + PAGE, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); // no neighbour is like it
    NEED(area == below + PAGE);
    memset(area, 1, SIZE);
    in_child("reads", reads, 1);
    in_child("writes some", writes_some, 1);
    in_child("writes on and on", writes_on, 1);
    in_child("the kernel writes", kernel_writes, 1);
    in_child("drops", drops, 1);
    in_child("unmaps", unmaps, 1);
    in_child("moves", moves, 1);
    in_child("protects", protects, 1);
    in_child("has a child", has_a_child, 1);
    in_child("looks at its mappings", looks_at_maps, 1);
    several();
    memset(area, 1, SIZE);
    in_child("reads again", reads, 1);
    beside_a_writer();
    heap();
    return 0;
}
