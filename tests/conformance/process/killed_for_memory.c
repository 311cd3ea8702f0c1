// SPDX-License-Identifier: MIT
//
// A child that wants more memory than there is, while its parent runs in turns with it, is killed as by Linux's
// out-of-memory killer; its parent keeps what it has. A machine has memory enough and the child ends well: what is right
// here stands in killed_for_memory.*.out.
// memory: 96m
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { OWN = 6 << 20, WANTED = 256 << 20, STEP = 4096 };

static bool holds(const unsigned char *p)
{
    for (size_t i = 0; i < OWN; i += 64)
        if (p[i] != (unsigned char)(i >> 6))
            return false;
    return true;
}

static void want(void)
{
    unsigned char *p = mmap(NULL, WANTED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        _exit(1);
    for (size_t i = 0; i < WANTED; i += STEP)
        p[i] = 1;
    _exit(7);
}

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char *own = malloc(OWN);
    NEED(own);
    for (size_t i = 0; i < OWN; i++)
        own[i] = (unsigned char)(i >> 6);
    for (int round = 0; round < 3; round++) {
        pid_t child = fork();
        NEED(child >= 0);
        if (!child)
            want();
        int status = 0;
        pid_t got;
        bool whole = true;
        while ((got = waitpid(child, &status, WNOHANG)) == 0) {
            usleep(20000);
            whole &= holds(own);
        }
        printf("%s %d, memory %s\n", WIFSIGNALED(status) ? "killed by" : "ended with",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
               got == child && whole && holds(own) ? "whole" : "damaged");
    }
    free(own);
    return 0;
}
