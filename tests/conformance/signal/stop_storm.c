// SPDX-License-Identifier: MIT
//
// Many stops and continuations of processes that are busy with threads, pipes, futexes and children of their own: none is lost,
// and in the end each has done what it had to do.
#include "conform.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { WORKERS = 2, ROUNDS = 60 };

static volatile int *finish; // shared with the workers
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static unsigned whose, rounds[2];
static int pipes[2][2];

static void *alternate(void *argument)
{
    unsigned me = (unsigned)(long)argument;
    pthread_mutex_lock(&mutex);
    while (!*finish || rounds[me] < 100) {
        while (whose != me)
            pthread_cond_wait(&turn, &mutex);
        whose = !me;
        rounds[me]++;
        pthread_cond_broadcast(&turn);
        if (rounds[me] >= 100 && *finish)
            break;
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void *echo(void *argument)
{
    char c;
    while (read(pipes[0][0], &c, 1) == 1)
        write(pipes[1][1], &c, 1);
    close(pipes[1][1]);
    return NULL;
}

static void *ask(void *argument)
{
    long n = 0;
    char c = 'x';
    while (!*finish || n < 50) {
        if (write(pipes[0][1], &c, 1) != 1 || read(pipes[1][0], &c, 1) != 1)
            return (void *)1;
        n++;
    }
    close(pipes[0][1]);
    return NULL;
}

static void *beget(void *argument)
{
    int status;
    do {
        pid_t p = fork();
        if (!p)
            _exit(3);
        if (waitpid(p, &status, 0) != p || status != 0x300)
            return (void *)1;
    } while (!*finish);
    return NULL;
}

static void work(void)
{
    void *(*const what[])(void *) = {alternate, alternate, echo, ask, beget};
    pthread_t t[5];
    pipe(pipes[0]);
    pipe(pipes[1]);
    for (long i = 0; i < 5; i++)
        pthread_create(&t[i], NULL, what[i], (void *)i);
    long wrong = 0;
    for (int i = 0; i < 5; i++) {
        void *r;
        pthread_join(t[i], &r);
        wrong += (long)r;
    }
    _exit(wrong ? 1 : 7);
}

int main(int argc, char **argv)
{
    begin(argv);
    int status, stopped = 0, continued = 0, hasty = 0;
    pid_t p[WORKERS];
    finish = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < WORKERS; i++)
        if (!(p[i] = fork()))
            work();
    for (int round = 0; round < ROUNDS; round++) {
        pid_t worker = p[round % WORKERS];
        kill(worker, SIGSTOP);
        stopped += waitpid(worker, &status, WUNTRACED) == worker && status == 0x137f;
        kill(worker, SIGCONT);
        continued += waitpid(worker, &status, WCONTINUED) == worker && status == 0xffff;
        for (int i = 0; i < 5; i++) { // nobody waits for these
            kill(worker, SIGSTOP);
            kill(worker, SIGCONT);
            hasty++;
        }
        while (waitpid(worker, &status, WUNTRACED | WCONTINUED | WNOHANG) == worker)
            ;
    }
    TRY(stopped > ROUNDS * 9 / 10);
    TRY(continued > ROUNDS * 9 / 10);
    *finish = 1;
    for (int i = 0; i < WORKERS; i++) {
        IS(waitpid(p[i], &status, 0) == p[i]);
        printf("%x\n", status);
    }
    return 0;
}
