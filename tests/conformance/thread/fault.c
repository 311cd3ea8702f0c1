// SPDX-License-Identifier: MIT
//
// A fault in one thread ends the process with its signal.
#include "conform.h"
#include <pthread.h>

static void *faulting(void *unused)
{
    usleep(20000);
    printf("now\n");
    *(volatile int *)8 = 1;
    printf("not reached\n");
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_t t;
    NEED(!pthread_create(&t, NULL, faulting, NULL));
    pthread_join(t, NULL);
    printf("not reached\n");
    return 0;
}
