// SPDX-License-Identifier: MIT
//
// Nanoseconds per operation of threads and signals: threads [NAME...].
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

static void *nothing(void *argument)
{
    return argument;
}

static void create_join(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, nothing, NULL) || pthread_join(t, NULL))
        abort();
}

static void lock_unlock(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

static void wake_nobody(void)
{
    static uint32_t word;
    if (syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0))
        abort();
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
    handled++;
}

static void raise_to_handler(void)
{
    sig_atomic_t before = handled;
    raise(SIGUSR1);
    if (handled == before)
        abort();
}

static int there[2], back[2];

// Gives every byte back, until the pipe is closed.
static void *echo(void *argument)
{
    char c;
    while (read(there[0], &c, 1) == 1)
        if (write(back[1], &c, 1) != 1)
            abort();
    return argument;
}

static void ping_pong(void)
{
    char c = 0;
    if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
        abort();
}

static void pipe_alone(void)
{
    static int ends[2] = {-1, -1};
    char c = 0;
    if ((ends[0] < 0 && pipe(ends)) || write(ends[1], &c, 1) != 1 || read(ends[0], &c, 1) != 1)
        abort();
}

static const struct measurement all[] = {
    {"mutex", lock_unlock, 100000},      {"futex-wake", wake_nobody, 20000}, {"raise", raise_to_handler, 5000},
    {"pipe-1", pipe_alone, 10000},       {"thread", create_join, 100},       {"ping-pong", ping_pong, 500},
};

int main(int argc, char **argv)
{
    pthread_t t;
    struct sigaction sa = {.sa_handler = handler};
    if (sigaction(SIGUSR1, &sa, NULL) || pipe(there) || pipe(back) || pthread_create(&t, NULL, echo, NULL)) {
        perror("threads");
        return 1;
    }
    measure_named(all, sizeof(all) / sizeof(all[0]), argv + 1);
    close(there[1]);
    return pthread_join(t, NULL);
}
