// SPDX-License-Identifier: MIT
//
// Detached threads; the first thread ends before the others.
#include "conform.h"
#include <pthread.h>

static void *last(void *unused)
{
    usleep(50000);
    printf("after the first thread\n");
    IS(syscall(SYS_gettid) != getpid());
    IS(kill(getpid(), 0) == 0);
    exit(6);
}

static int ended;
static void *detached(void *unused)
{
    __atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_t t;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    RETURNS(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
    for (int i = 0; i < 300; i++)
        NEED(!pthread_create(&t, &attr, detached, NULL));
    for (int i = 0; i < 10000 && __atomic_load_n(&ended, __ATOMIC_SEQ_CST) < 300; i++)
        usleep(10000);
    printf("%d\n", ended);
    NEED(!pthread_create(&t, NULL, last, NULL));
    pthread_exit(NULL);
}
