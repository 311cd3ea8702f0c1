// SPDX-License-Identifier: MIT
//
// execve by a thread that is not the first: the others end, the process keeps its id.
#include "conform.h"
#include <pthread.h>

extern char **environ;
static char **saved;

static void *sleeper(void *unused)
{
    for (;;)
        pause();
}

static void *spinner(void *unused)
{
    for (volatile long i = 0;; i++)
        ;
}

static void *changer(void *unused)
{
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", getpid());
    execve(saved[0], (char *[]){saved[0], saved[1], pid, NULL}, environ);
    printf("%s\n", errno_name(errno));
    exit(1);
}

int main(int argc, char **argv)
{
    begin((char *[]){argv[0], NULL});
    if (argc > 2) {
        IS(getpid() == atoi(argv[2]));
        IS(syscall(SYS_gettid) == getpid());
        return 0;
    }
    saved = argv;
    pthread_t t;
    for (int i = 0; i < 5; i++)
        NEED(!pthread_create(&t, NULL, sleeper, NULL));
    NEED(!pthread_create(&t, NULL, spinner, NULL));
    NEED(!pthread_create(&t, NULL, changer, NULL));
    for (;;)
        pause();
}
