// SPDX-License-Identifier: MIT
//
// Nanoseconds per process: processes PROGRAM [NAME...]. "spawn" starts PROGRAM.
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define MIB (1ul << 20)

static const char *nothing;

static void await(pid_t child)
{
    int status = -1;
    if (waitpid(child, &status, 0) != child || status)
        abort();
}

static void spawn_wait(void)
{
    char *const argv[] = {(char *)(size_t)nothing, NULL}, *const envp[] = {NULL};
    pid_t child;
    if (posix_spawn(&child, nothing, NULL, NULL, argv, envp))
        abort();
    await(child);
}

static void vfork_wait(void)
{
    pid_t child = vfork();
    if (!child)
        _exit(0);
    await(child);
}

static void fork_wait(void)
{
    pid_t child = fork();
    if (!child)
        _exit(0);
    await(child);
}

static char *large;

static void fork_wait_large(void)
{
    if (!large) {
        large = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (large == MAP_FAILED)
            abort();
        memset(large, 1, 64 * MIB);
    }
    fork_wait();
}

// Every page is written again between two forks.
static void fork_wait_written(void)
{
    fork_wait_large();
    for (size_t i = 0; i < 64 * MIB; i += 4096)
        large[i]++;
}

static const struct measurement all[] = {
    {"spawn", spawn_wait, 20},
    {"vfork", vfork_wait, 50},
    {"fork", fork_wait, 50},
    {"fork-64m", fork_wait_large, 3},
    {"fork-64m-written", fork_wait_written, 3},
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    nothing = argv[1];
    measure_named(all, sizeof(all) / sizeof(all[0]), argv + 2);
    return 0;
}
