// SPDX-License-Identifier: MIT
//
// Cancellation: blocked calls, cleanup handlers, disabled, asynchronous.
#include "conform.h"
#include <pthread.h>

static int pipes[2];

static void cleanup(void *what)
{
    printf("cleanup %s\n", (char *)what);
}

static void *reading(void *unused)
{
    pthread_cleanup_push(cleanup, "reader");
    char c;
    read(pipes[0], &c, 1);
    printf("not reached\n");
    pthread_cleanup_pop(0);
    return NULL;
}

static void *disabled(void *unused)
{
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    usleep(30000);
    printf("survived\n");
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_testcancel();
    printf("not reached\n");
    return NULL;
}

static void *asynchronous(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (volatile long i = 0;; i++)
        ;
}

static void *waiting(void *unused)
{
    static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&m);
    pthread_cleanup_push(cleanup, "waiter");
    for (;;)
        pthread_cond_wait(&c, &m);
    pthread_cleanup_pop(0);
}

static void *leaving(void *unused)
{
    pthread_cleanup_push(cleanup, "leaver");
    pthread_exit((void *)7);
    pthread_cleanup_pop(0);
}

static void one(const char *name, void *(*start)(void *), bool cancel)
{
    pthread_t t;
    void *result;
    printf("%s\n", name);
    NEED(!pthread_create(&t, NULL, start, NULL));
    usleep(10000);
    if (cancel)
        NEED(!pthread_cancel(t)); // says nothing: the other thread prints now
    NEED(!pthread_join(t, &result));
    IS(result == PTHREAD_CANCELED);
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!pipe(pipes));
    one("reading", reading, true);
    one("disabled", disabled, true);
    one("asynchronous", asynchronous, true);
    one("waiting", waiting, true);
    one("leaving", leaving, false);
    return 0;
}
