// SPDX-License-Identifier: MIT
//
// Threads that map, unmap, allocate and fault at the same time.
#include "conform.h"
#include <pthread.h>
#include <sys/mman.h>

static long wrong;

static void *work(void *number)
{
    unsigned seed = (unsigned)(long)number;
    for (int i = 0; i < 400; i++) {
        seed = seed * 1103515245 + 12345;
        size_t pages = 1 + (seed >> 16) % 64;
        unsigned char *p = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        NEED(p != MAP_FAILED);
        for (size_t at = 0; at < pages; at++) {
            if (p[at * 4096])
                __atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
            p[at * 4096] = (unsigned char)(long)number;
        }
        mprotect(p, 4096, PROT_READ);
        for (size_t at = 0; at < pages; at++)
            if (p[at * 4096] != (unsigned char)(long)number)
                __atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
        munmap(p, pages * 4096);
        char *h = malloc(seed % 300000 + 1);
        h[seed % 300000] = 1;
        free(h);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_t t[8];
    for (long i = 0; i < 8; i++)
        NEED(!pthread_create(&t[i], NULL, work, (void *)(i + 1)));
    for (int i = 0; i < 8; i++)
        pthread_join(t[i], NULL);
    printf("%ld wrong\n", wrong);
    return 0;
}
