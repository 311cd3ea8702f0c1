// SPDX-License-Identifier: MIT
//
// Races between processes, run often: exec and the end of a process against its own threads, wait against exit, fork from threads
// that are not alone, children that compute while their parent writes.
#include "conform.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static const char *self;
static int never[2];

static int status_of(pid_t child)
{
    int status = -1;
    NEED(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void *computes(void *p)
{
    for (volatile unsigned long i = 0;; i++)
        ;
    return NULL;
}
static void *blocks(void *p)
{
    char c;
    (void)!read(never[0], &c, 1);
    return NULL;
}

// In a child: threads of two kinds, and then body.
static void among_threads(const char *what, int times, void (*body)(void))
{
    int right = 0;
    for (int i = 0; i < times; i++) {
        pid_t child = fork();
        if (!child) {
            pthread_t t;
            for (int n = 0; n < 4; n++)
                NEED(!pthread_create(&t, NULL, n == 2 ? computes : blocks, NULL));
            body();
            _exit(1);
        }
        right += status_of(child) == 7;
    }
    printf("%s: %d\n", what, right);
}

static void executes(void)
{
    execl(self, self, "ends", NULL);
}
static void ends(void)
{
    _exit(7);
}
static void *ends_process(void *p)
{
    _exit(7);
}
static void another_ends(void)
{
    pthread_t t;
    pthread_create(&t, NULL, ends_process, NULL);
    blocks(NULL);
}
static void *executes_here(void *p)
{
    executes();
    return NULL;
}
static void another_executes(void)
{
    pthread_t t;
    pthread_create(&t, NULL, executes_here, NULL);
    blocks(NULL);
}

static void wait_against_exit(void)
{
    int right = 0;
    for (int i = 0; i < 300; i++) {
        pid_t child = fork();
        if (!child)
            _exit(i & 63);
        if (i % 3 == 0)
            sched_yield();
        right += status_of(child) == (i & 63);
    }
    printf("waited: %d\n", right);
}

static void *forks(void *p)
{
    long right = 0;
    for (int i = 0; i < 25; i++) {
        volatile int mine = i;
        pid_t child = fork();
        if (!child)
            _exit(mine == i ? i : 99);
        mine = 1000;
        right += status_of(child) == i;
    }
    return (void *)right;
}

static void fork_from_threads(void)
{
    pthread_t t[4];
    long right = 0;
    for (int i = 0; i < 4; i++)
        NEED(!pthread_create(&t[i], NULL, forks, NULL));
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(t[i], &result);
        right += (long)result;
    }
    printf("from threads: %ld\n", right);
}

enum { SIZE = 1 << 20 };

// Four children at once, nested one deeper, each over its own copy; one shared page counts them.
static void several_children(void)
{
    unsigned char *own = malloc(SIZE);
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(own && shared != MAP_FAILED);
    memset(own, 1, SIZE);
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        NEED(children[i] >= 0);
        if (children[i])
            continue;
        memset(own, 10 + i, SIZE);
        pid_t inner = fork();
        if (!inner) {
            bool same = true;
            for (int n = 0; n < SIZE; n++)
                same &= own[n] == 10 + i;
            memset(own, 100, SIZE);
            __atomic_fetch_add(shared, 1, __ATOMIC_SEQ_CST);
            _exit(same ? 7 : 1);
        }
        bool right = status_of(inner) == 7;
        for (int n = 0; n < SIZE; n++)
            right &= own[n] == 10 + i;
        __atomic_fetch_add(shared, 100, __ATOMIC_SEQ_CST);
        _exit(right ? 7 : 1);
    }
    memset(own, 2, SIZE);
    int right = 0;
    for (int i = 0; i < 4; i++)
        right += status_of(children[i]) == 7;
    for (int n = 0; n < SIZE; n++)
        NEED(own[n] == 2);
    printf("children: %d, counted %d\n", right, *shared);
}

// A child that tries until its parent listens; who of the two comes first is a matter of scheduling.
static void meets_parent(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int met = 0;
    for (int i = 0; i < 20; i++) {
        snprintf(a.sun_path, sizeof(a.sun_path), "socket%d", i);
        pid_t child = fork();
        if (!child) {
            int s = socket(AF_UNIX, SOCK_STREAM, 0);
            while (connect(s, (void *)&a, sizeof(a)))
                if ((errno != ENOENT && errno != ECONNREFUSED) || sched_yield())
                    _exit(1);
            _exit(7);
        }
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        NEED(!bind(listener, (void *)&a, sizeof(a)) && !listen(listener, 1));
        met += status_of(child) == 7;
        close(listener);
    }
    printf("met: %d\n", met);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "ends"))
        return 7;
    self = argv[0];
    begin(argv);
    NEED(!pipe(never));
    among_threads("exec among threads", 20, executes);
    among_threads("exit among threads", 20, ends);
    among_threads("exit of another thread", 20, another_ends);
    among_threads("exec of another thread", 20, another_executes);
    wait_against_exit();
    fork_from_threads();
    several_children();
    meets_parent();
    return 0;
}
