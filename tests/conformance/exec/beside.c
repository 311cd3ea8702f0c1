// SPDX-License-Identifier: MIT
//
// A program and others that it starts from the same file, at the same addresses if it is position-dependent: all run by turns, and each
// finds its memory of every kind as it left it.
#include "conform.h"
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PAGE = 4096, PAGES = 5, ROUNDS = 6, CHILDREN = 2, KINDS = 5 };

static const char constant[3 * PAGE] __attribute__((aligned(PAGE))) = {"constant"};
static char text_like[PAGE] __attribute__((aligned(PAGE))) = {"closed later"};
static char data[PAGES * PAGE] = {"data"};
static char bss[PAGES * PAGE];
static char *memory[KINDS]; // writable, only read, run, not accessible, shared
static int hidden_sum;

static int sum(const char *at)
{
    int n = 0;
    for (size_t i = 0; i < PAGES * PAGE; i += 64)
        n = n * 31 + at[i];
    return n;
}

static char *map(int prot, int flags, int mark)
{
    char *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    NEED(at != MAP_FAILED);
    for (size_t i = 0; i < PAGES * PAGE; i += 64)
        at[i] = (char)(mark + (int)(i / PAGE));
    hidden_sum = sum(at);
    NEED(!mprotect(at, PAGES * PAGE, prot));
    return at;
}

static void make(int mark)
{
    memset(data + PAGE, mark, PAGE);
    memset(bss, mark + 1, sizeof(bss));
    text_like[1] = (char)mark;
    NEED(!mprotect(text_like, PAGE, PROT_READ));
    memory[0] = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, mark + 2);
    memory[1] = map(PROT_READ, MAP_PRIVATE, mark + 3);
    memory[2] = map(PROT_READ | PROT_EXEC, MAP_PRIVATE, mark + 4);
    memory[4] = map(PROT_READ | PROT_WRITE, MAP_SHARED, mark + 5);
    memory[3] = map(PROT_NONE, MAP_PRIVATE, mark + 6);
}

static int all(void)
{
    int n = sum(data) ^ sum(bss) ^ text_like[1] ^ constant[0] ^ constant[2 * PAGE];
    NEED(!mprotect(memory[3], PAGES * PAGE, PROT_READ));
    NEED(sum(memory[3]) == hidden_sum);
    NEED(!mprotect(memory[3], PAGES * PAGE, PROT_NONE));
    for (int i = 0; i < KINDS; i++)
        n = n * 7 + (i == 3 ? 0 : sum(memory[i]));
    return n;
}

// Writes, so that no two turns are the same.
static int next(int round)
{
    data[PAGE + round] ^= 1;
    memory[0][3 * PAGE] = (char)round;
    return all();
}

static int child(int number)
{
    make('a' + 10 * number);
    int before = all();
    char c;
    for (int round = 0; round < ROUNDS; round++) {
        NEED(all() == before);
        before = next(round);
        NEED(read(0, &c, 1) == 1 && write(1, &c, 1) == 1);
    }
    pid_t p = fork(); // and one at the same addresses by fork
    if (!p)
        _exit(all() == before && next(99) != before ? 7 : 1);
    int status;
    NEED(waitpid(p, &status, 0) == p && WEXITSTATUS(status) == 7);
    NEED(all() == before);
    return 40 + number;
}

static void *sleeper(void *pipe_end)
{
    char mine[3 * PAGE], c;
    memset(mine, 's', sizeof(mine));
    NEED(read(*(int *)pipe_end, &c, 1) == 1);
    for (size_t i = 0; i < sizeof(mine); i++)
        NEED(mine[i] == 's');
    return NULL;
}

static pid_t start(char **argv, int number, int ends[2])
{
    char text[8];
    int to[2], from[2];
    pid_t p;
    NEED(!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC));
    snprintf(text, sizeof(text), "%d", number);
    char *const args[] = {argv[0], argv[1], text, NULL}, *const env[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    NEED(!posix_spawn(&p, argv[0], &actions, NULL, args, env));
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    ends[0] = from[0];
    ends[1] = to[1];
    return p;
}

int main(int argc, char **argv)
{
    begin(argv);
    if (argc > 2)
        return child(atoi(argv[2]));
    int ends[CHILDREN][2], wake[2], before;
    pid_t p[CHILDREN];
    pthread_t t;
    char c;
    make('A');
    before = all();
    NEED(!pipe2(wake, O_CLOEXEC) && !pthread_create(&t, NULL, sleeper, &wake[0]));
    for (int i = 0; i < CHILDREN; i++)
        p[i] = start(argv, i, ends[i]);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < CHILDREN; i++) {
            IS(all() == before);
            before = next(round);
            NEED(write(ends[i][1], "x", 1) == 1 && read(ends[i][0], &c, 1) == 1);
        }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        NEED(waitpid(p[i], &status, 0) == p[i]);
        printf("child %d ended with %d\n", i, WEXITSTATUS(status));
    }
    IS(all() == before);
    NEED(write(wake[1], "x", 1) == 1 && !pthread_join(t, NULL));
    return 0;
}
