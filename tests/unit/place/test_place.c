// SPDX-License-Identifier: MIT
//
// Content in memory that nobody can access, by file and the longer way.
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

static void place(int memory, size_t pages, int prot)
{
    uint8_t *room = mmap(NULL, (MOST + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint8_t *content = malloc(pages * PAGE), *at = room + PAGE;
    CHECK(room != MAP_FAILED && content);
    for (size_t i = 0; i < pages * PAGE; i++)
        content[i] = (uint8_t)(i * 7 + i / PAGE);
    CHECK(!place_content(memory, (uint64_t)at, content, pages * PAGE));
    CHECK(!readable(at) && !readable(at + (pages - 1) * PAGE));
    CHECK(!mprotect(at, pages * PAGE, prot));
    CHECK(!memcmp(at, content, pages * PAGE));
    CHECK(!readable(room) && !readable(at + pages * PAGE)); // neighbours are as they were
    if (prot & PROT_WRITE) {
        at[0] ^= 1;
        CHECK(at[0] != content[0]);
    }
    CHECK(!munmap(room, (MOST + 2) * PAGE));
    free(content);
}

int main(void)
{
    int memory = place_open();
    static const size_t sizes[] = {1, 2, 16, MOST};
    CHECK(memory >= 0 && (fcntl(memory, F_GETFD) & FD_CLOEXEC));
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        place(memory, sizes[i], PROT_READ | PROT_EXEC);
        place(memory, sizes[i], PROT_READ | PROT_WRITE);
        place(-1, sizes[i], PROT_READ | PROT_EXEC); // as without /proc
        place(-1, sizes[i], PROT_READ | PROT_WRITE);
    }
    printf(failures ? "%d failures\n" : "ok\n", failures);
    return failures != 0;
}
