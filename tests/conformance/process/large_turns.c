// SPDX-License-Identifier: MIT
//
// Processes with much memory of their own that all want to run at the same time all get on with their work.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { PROCESSES = 3, SIZE = 24 << 20, ROUNDS = 600 };

static unsigned char *memory;

static unsigned work(unsigned seed)
{
    unsigned sum = seed;
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < SIZE / 8; i += 64)
            sum = sum * 1664525u + memory[i] + 1013904223u;
    return sum % 200;
}

int main(int argc, char **argv)
{
    begin(argv);
    memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(memory != MAP_FAILED);
    pid_t children[PROCESSES];
    for (int n = 0; n < PROCESSES; n++) {
        NEED((children[n] = fork()) >= 0);
        if (!children[n]) {
            memset(memory, n + 1, SIZE);
            _exit((int)work((unsigned)n));
        }
    }
    for (int n = 0; n < PROCESSES; n++) {
        int status;
        NEED(waitpid(children[n], &status, 0) == children[n]);
        printf("process %d: %d\n", n, WEXITSTATUS(status));
    }
    return 0;
}
