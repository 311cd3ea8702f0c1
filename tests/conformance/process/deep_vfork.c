// SPDX-License-Identifier: MIT
//
// Children of vfork that vfork themselves, 400 deep, while a process forked before wants its turn again and again: all end.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { DEPTH = 400, SIZE = 8 << 20 };

static volatile int depth, ended;

static void deeper(void)
{
    pid_t child = vfork();
    if (!child) {
        if (++depth < DEPTH)
            deeper();
        _exit(depth > DEPTH);
    }
    int status = -1;
    if (child > 0 && waitpid(child, &status, 0) == child)
        ended += WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    begin(argv);
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(memory != MAP_FAILED);
    memset(memory, 1, SIZE);
    pid_t other = fork();
    NEED(other >= 0);
    for (; !other; usleep(1000))
        memory[0]++;
    deeper();
    printf("depth %d, ended %d\n", depth, ended);
    kill(other, SIGKILL);
    return waitpid(other, NULL, 0) != other;
}
