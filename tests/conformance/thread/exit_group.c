// SPDX-License-Identifier: MIT
//
// exit ends every thread, whatever it does; death by a signal too.
#include "conform.h"
#include <pthread.h>

static int pipes[2];

static void *spinning(void *unused)
{
    for (volatile long i = 0;; i++)
        ;
}

static void *reading(void *unused)
{
    char c;
    read(pipes[0], &c, 1);
    printf("not reached\n");
    return NULL;
}

static void *ending(void *unused)
{
    usleep(20000);
    printf("the end\n");
    _exit(17);
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!pipe(pipes));
    pthread_t t;
    for (int i = 0; i < 8; i++)
        NEED(!pthread_create(&t, NULL, i % 2 ? spinning : reading, NULL));
    NEED(!pthread_create(&t, NULL, ending, NULL));
    for (;;)
        pause();
}
