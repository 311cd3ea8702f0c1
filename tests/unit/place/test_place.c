// SPDX-License-Identifier: MIT
//
// Content in memory that nobody can access: new pages, pages that are there, and runs of both, by each way and by none.
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/place/place.h"

enum { PAGE = 4096, MOST = 300 };

static int failures;
#define CHECK(condition) \
    ((condition) ? (void)0 : (void)(failures++, printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition)))

static bool readable(const void *p)
{
    int fds[2];
    CHECK(!pipe(fds));
    bool yes = write(fds[1], p, 1) == 1;
    close(fds[0]);
    close(fds[1]);
    return yes;
}

// Pages that stand there before the content comes, of `pages`: none, all, the first, the last, every second one.
static bool stands(unsigned which, size_t page, size_t pages)
{
    return which == 1 || (which == 2 && page == 0) || (which == 3 && page == pages - 1) || (which == 4 && page % 2);
}
enum { STANDING = 5 };

static uint8_t *make_room(unsigned which, size_t pages)
{
    uint8_t *room = mmap(NULL, (MOST + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(room != MAP_FAILED);
    for (size_t i = 0; i < pages; i++) {
        uint8_t *p = room + PAGE + i * PAGE;
        if (!stands(which, i, pages))
            continue;
        CHECK(!mprotect(p, PAGE, PROT_READ | PROT_WRITE));
        memset(p, 0xff, PAGE);
        CHECK(!mprotect(p, PAGE, PROT_NONE));
    }
    return room;
}

static void place(const struct place *how, unsigned which, size_t pages, int prot)
{
    uint8_t *room = make_room(which, pages), *content = malloc(pages * PAGE), *at = room + PAGE;
    for (size_t i = 0; i < pages * PAGE; i++)
        content[i] = (uint8_t)(i * 7 + i / PAGE);
    CHECK(!place_content(how, (uint64_t)at, content, pages * PAGE));
    CHECK(!readable(at) && !readable(at + (pages - 1) * PAGE));
    CHECK(!mprotect(at, pages * PAGE, prot));
    CHECK(!memcmp(at, content, pages * PAGE));
    CHECK(!readable(room) && !readable(at + pages * PAGE)); // neighbours are as they were
    if (prot & PROT_WRITE) {
        at[0] ^= 1;
        CHECK(at[0] != content[0]);
        content[0] ^= 1;
        CHECK(!place_content(how, (uint64_t)at, content, pages * PAGE)); // and again
        CHECK(!mprotect(at, pages * PAGE, prot));
        CHECK(!memcmp(at, content, pages * PAGE));
    }
    CHECK(!munmap(room, (MOST + 2) * PAGE));
    free(content);
}

// Memory beside content, and where content was expected and memory was mapped anew, is zero and can be used.
static void use_neighbours(const struct place *how)
{
    uint8_t *room = make_room(0, 0), content[PAGE] = {1};
    CHECK(!place_content(how, (uint64_t)room, content, PAGE));
    CHECK(!mprotect(room, 2 * PAGE, PROT_READ | PROT_WRITE));
    CHECK(room[0] == 1 && room[PAGE] == 0);
    room[PAGE] = 2;
    place_expect(how, (uint64_t)room + 2 * PAGE, 2 * PAGE);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    CHECK(mmap(room + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == room + 2 * PAGE);
    CHECK(room[2 * PAGE] == 0);
    room[2 * PAGE] = 3;
    CHECK(!place_content(how, (uint64_t)room + 3 * PAGE, content, PAGE));
    CHECK(!mprotect(room + 3 * PAGE, PAGE, PROT_READ));
    CHECK(room[3 * PAGE] == 1 && room[2 * PAGE] == 3 && room[PAGE] == 2);
    CHECK(!munmap(room, (MOST + 2) * PAGE));
}

static bool closed_by_exec(int fd)
{
    return fd < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

int main(void)
{
    struct place both;
    place_open(&both);
    CHECK(both.memory >= 0 && closed_by_exec(both.memory) && closed_by_exec(both.faults));
    if (both.faults < 0)
        printf("userfaultfd is not to be had here: not tried\n");
    const struct place ways[] = {both, {both.faults, -1}, {-1, both.memory}, {-1, -1}};
    static const size_t sizes[] = {1, 2, 16, MOST};
    for (unsigned w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
        for (unsigned i = 0; i < STANDING * sizeof(sizes) / sizeof(sizes[0]); i++) {
            place(&ways[w], i % STANDING, sizes[i / STANDING], PROT_READ | PROT_EXEC);
            place(&ways[w], i % STANDING, sizes[i / STANDING], PROT_READ | PROT_WRITE);
        }
        use_neighbours(&ways[w]);
    }
    place_close(&both);
    CHECK(both.memory < 0 && both.faults < 0);
    printf(failures ? "%d failures\n" : "ok\n", failures);
    return failures != 0;
}
