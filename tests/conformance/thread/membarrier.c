// SPDX-License-Identifier: MIT
//
// membarrier(2): who may ask for which, and that it works: two threads that announce themselves and look at each other, one of them
// with nothing but a compiler barrier in between.
// since: Linux 6.3
#include "thread/start.h"
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { QUERY = 0, GLOBAL = 1, GLOBAL_EXPEDITED = 2, PRIVATE = 8, CORE = 32 };
enum { REGISTER_GLOBAL = 4, REGISTER_PRIVATE = 16, REGISTER_CORE = 64 };
enum { PRIVATE_RSEQ = 128, REGISTER_RSEQ = 256, REGISTRATIONS = 512 }; // which need restartable sequences
enum { ROUNDS = 2000, RING = 64, MANY = 10000 };
#define LAST ~0u

static long membarrier(int command, int flags)
{
    return syscall(SYS_membarrier, command, flags, 0);
}

static struct {
    _Alignas(64) volatile unsigned mine;
    _Alignas(64) volatile unsigned yours;
    _Alignas(64) volatile unsigned seen[RING];
    _Alignas(64) volatile unsigned turn;
    _Alignas(64) volatile unsigned done;
} shared;

// There may be one processor only, and others who want it.
static void until_round(volatile unsigned *is, unsigned round)
{
    for (int i = 0; *is < round; i++)
        if (i >= MANY)
            sched_yield();
}

// Announces each round as fast as it can, and notes what it saw of the other's.
static void *fast(void *unused)
{
    for (unsigned round = 1;; round++) {
        until_round(&shared.turn, round);
        if (shared.turn == LAST)
            return NULL;
        shared.mine = round;
        __asm__ volatile("" ::: "memory");
        shared.seen[round % RING] = shared.yours;
        shared.done = round;
    }
}

// Many rounds, or as many as there is time for.
static void race(int command)
{
    unsigned missed = 0;
    memset((void *)&shared, 0, sizeof(shared));
    pthread_t t = start(fast, NULL);
    struct timespec end = in_ms(CLOCK_MONOTONIC, 1000), now = {0};
    for (unsigned round = 1; round <= ROUNDS && now.tv_sec <= end.tv_sec; round++) {
        shared.turn = round;
        for (volatile unsigned i = 0; i < round % 300; i++)
            ;
        shared.yours = round;
        __asm__ volatile("" ::: "memory");
        NEED(!membarrier(command, 0));
        __asm__ volatile("" ::: "memory");
        unsigned mine = shared.mine;
        until_round(&shared.done, round);
        missed += mine != round && shared.seen[round % RING] != round;
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    shared.turn = LAST;
    pthread_join(t, NULL);
    printf("command %d: missed each other %u times\n", command, missed);
}

static void *sleeper(void *unused)
{
    usleep(50000);
    return NULL;
}

static void *barriers(void *unused)
{
    for (int i = 0; i < 300; i++)
        NEED(!membarrier(PRIVATE, 0));
    return NULL;
}

// Calls that wait are not cut short by barriers.
enum { LARGE = 8 << 20 };
static int ends[2];

static void *sender(void *unused)
{
    static char bytes[LARGE];
    ssize_t n = send(ends[0], bytes, LARGE, 0);
    return (void *)n;
}

static void *receiver(void *unused)
{
    static char bytes[LARGE];
    ssize_t n = recv(ends[1], bytes, LARGE, MSG_WAITALL);
    return (void *)n;
}

static void connect_ends(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(a);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    NEED(!bind(listener, (struct sockaddr *)&a, size) && !listen(listener, 1) && !getsockname(listener, (struct sockaddr *)&a, &size));
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    NEED(!connect(ends[0], (struct sockaddr *)&a, size));
    ends[1] = accept(listener, NULL, NULL);
    NEED(ends[1] >= 0);
    close(listener);
}

static void waiting_calls(void)
{
    void *sent, *received;
    connect_ends();
    pthread_t s = start(sender, NULL);
    for (int i = 0; i < 100; i++)
        NEED(!membarrier(PRIVATE, 0));
    pthread_t r = start(receiver, NULL);
    for (int i = 0; i < 2000; i++)
        NEED(!membarrier(PRIVATE, 0));
    pthread_join(s, &sent);
    pthread_join(r, &received);
    printf("sent %zd received %zd\n", (ssize_t)sent, (ssize_t)received);
}

int main(int argc, char **argv)
{
    begin(argv);
    printf("%lx\n", membarrier(QUERY, 0) & ~(PRIVATE_RSEQ | REGISTER_RSEQ));
    TRY(membarrier(QUERY, 1));
    TRY(membarrier(PRIVATE, 0));
    TRY(membarrier(CORE, 0));
    TRY(membarrier(GLOBAL, 0));
    TRY(membarrier(GLOBAL_EXPEDITED, 0));
    TRY(membarrier(REGISTRATIONS, 0));
    TRY(membarrier(3, 0));
    TRY(membarrier(1024, 0));
    TRY(membarrier(-1, 0));
    TRY(membarrier(REGISTER_CORE, 0));
    TRY(membarrier(REGISTRATIONS, 0));
    TRY(membarrier(PRIVATE, 0));
    TRY(membarrier(CORE, 0));
    TRY(membarrier(REGISTER_PRIVATE, 1));
    TRY(membarrier(REGISTER_PRIVATE, 0));
    TRY(membarrier(REGISTER_GLOBAL, 0));
    TRY(membarrier(REGISTRATIONS, 0));
    TRY(membarrier(PRIVATE, 0));
    int status = -1;
    pid_t child = fork();
    if (!child)
        _exit(membarrier(REGISTRATIONS, 0) == 84 && !membarrier(PRIVATE, 0) ? 0 : 1);
    waitpid(child, &status, 0);
    IS(status == 0);
    race(PRIVATE);
    race(CORE);
    race(GLOBAL_EXPEDITED);
    pthread_t t = start(sleeper, NULL), u = start(barriers, NULL), v = start(barriers, NULL);
    for (int i = 0; i < 10; i++)
        NEED(!membarrier(PRIVATE, 0));
    pthread_join(t, NULL);
    pthread_join(u, NULL);
    pthread_join(v, NULL);
    waiting_calls();
    return 0;
}
