// SPDX-License-Identifier: MIT
//
// Keys and their destructors, once with a cancellation inside, atfork, barriers between processes, conditions that are destroyed while
// others leave them, read-write locks, the end of a program from a thread that is being cancelled.
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static pthread_key_t keys[2];
static int destroyed[2];

static void destroy_first(void *value)
{
    destroyed[0]++;
    if ((long)value > 1)
        pthread_setspecific(keys[0], (void *)((long)value - 1)); // again, a few times
}

static void destroy_second(void *value)
{
    destroyed[1] += (int)(long)value;
}

static void *sets_keys(void *unused)
{
    NEED(!pthread_getspecific(keys[0]));
    NEED(!pthread_setspecific(keys[0], (void *)3) && !pthread_setspecific(keys[1], (void *)5));
    return NULL;
}

static void specific(void)
{
    pthread_t t;
    NEED(!pthread_key_create(&keys[0], destroy_first) && !pthread_key_create(&keys[1], destroy_second));
    NEED(!pthread_create(&t, NULL, sets_keys, NULL) && !pthread_join(t, NULL));
    printf("destroyed %d %d\n", destroyed[0], destroyed[1]);
    RETURNS(pthread_key_delete(keys[0]));
    pthread_key_t many[129];
    int n = 0;
    while (n < 120 && !pthread_key_create(&many[n], NULL))
        n++;
    printf("keys %d\n", n);
    while (n)
        pthread_key_delete(many[--n]);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_calls;

static void once_blocks(void)
{
    if (!once_calls++)
        for (;;)
            pause();
}

static void *calls_once(void *unused)
{
    pthread_once(&once, once_blocks);
    return NULL;
}

static void once_cancelled(void)
{
    pthread_t a, b;
    void *r;
    NEED(!pthread_create(&a, NULL, calls_once, NULL));
    while (!__atomic_load_n(&once_calls, __ATOMIC_SEQ_CST))
        usleep(1000);
    NEED(!pthread_create(&b, NULL, calls_once, NULL));
    until_others_sleep();
    NEED(!pthread_cancel(a) && !pthread_join(a, &r) && r == PTHREAD_CANCELED);
    NEED(!pthread_join(b, &r));
    printf("once %d\n", once_calls);
}

static char order[64];

static void note(const char *what) { strcat(order, what); }
static void prepare1(void) { note("p1 "); }
static void prepare2(void) { note("p2 "); }
static void parent1(void) { note("a1 "); }
static void parent2(void) { note("a2 "); }
static void child1(void) { note("c1 "); }
static void child2(void) { note("c2 "); }

static void fork_handlers(void)
{
    NEED(!pthread_atfork(prepare1, parent1, child1) && !pthread_atfork(prepare2, parent2, child2));
    int fds[2];
    char got[64] = "";
    NEED(!pipe(fds));
    pid_t pid = fork();
    if (!pid) {
        (void)!write(fds[1], order, strlen(order));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    NEED(read(fds[0], got, sizeof(got) - 1) > 0);
    printf("parent %s\nchild %s\n", order, got);
}

struct shared {
    pthread_barrier_t barrier;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    pthread_rwlock_t rwlock;
    int count, serial, waiting, go, woken;
};

static void in_child(struct shared *s)
{
    for (int i = 0; i < 50; i++) {
        if (pthread_barrier_wait(&s->barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&s->serial, 1, __ATOMIC_SEQ_CST);
        pthread_rwlock_wrlock(&s->rwlock);
        s->count++;
        pthread_rwlock_unlock(&s->rwlock);
    }
    pthread_mutex_lock(&s->mutex);
    s->waiting++;
    while (!s->go)
        pthread_cond_wait(&s->cond, &s->mutex);
    s->woken++;
    pthread_mutex_unlock(&s->mutex);
    _exit(0);
}

static void between_processes(void)
{
    enum { CHILDREN = 3 };
    struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(s != MAP_FAILED);
    pthread_barrierattr_t ba;
    pthread_mutexattr_t ma;
    pthread_condattr_t ca;
    pthread_rwlockattr_t ra;
    NEED(!pthread_barrierattr_init(&ba) && !pthread_barrierattr_setpshared(&ba, PTHREAD_PROCESS_SHARED));
    NEED(!pthread_mutexattr_init(&ma) && !pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED));
    NEED(!pthread_condattr_init(&ca) && !pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED));
    NEED(!pthread_rwlockattr_init(&ra) && !pthread_rwlockattr_setpshared(&ra, PTHREAD_PROCESS_SHARED));
    NEED(!pthread_barrier_init(&s->barrier, &ba, CHILDREN) && !pthread_mutex_init(&s->mutex, &ma));
    NEED(!pthread_cond_init(&s->cond, &ca) && !pthread_rwlock_init(&s->rwlock, &ra));
    for (int i = 0; i < CHILDREN; i++)
        if (!fork())
            in_child(s);
    for (int waiting = 0; waiting < CHILDREN; usleep(1000)) {
        pthread_mutex_lock(&s->mutex);
        waiting = s->waiting;
        pthread_mutex_unlock(&s->mutex);
    }
    pthread_mutex_lock(&s->mutex);
    s->go = 1;
    pthread_cond_broadcast(&s->cond);
    pthread_mutex_unlock(&s->mutex);
    int status, ended = 0;
    while (wait(&status) > 0)
        ended += status == 0;
    printf("ended %d, serial %d, count %d, woken %d\n", ended, s->serial, s->count, s->woken);
}

static pthread_mutex_t sm = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t *smashed, back = PTHREAD_COND_INITIALIZER;
static int in_wait, left_wait;

static void *waits(void *unused)
{
    pthread_mutex_lock(&sm);
    if (++in_wait == 10)
        pthread_cond_signal(&back);
    pthread_cond_wait(smashed, &sm);
    if (++left_wait == 10)
        pthread_cond_signal(&back);
    pthread_mutex_unlock(&sm);
    return NULL;
}

// A condition may be destroyed as soon as all waiters are woken, though they have not come back from it.
static void smash(void)
{
    pthread_t t[10];
    for (int round = 0; round < 20; round++) {
        in_wait = left_wait = 0;
        smashed = malloc(sizeof(*smashed));
        NEED(!pthread_cond_init(smashed, NULL));
        for (int i = 0; i < 10; i++)
            NEED(!pthread_create(&t[i], NULL, waits, NULL));
        pthread_mutex_lock(&sm);
        while (in_wait < 10)
            pthread_cond_wait(&back, &sm);
        pthread_cond_broadcast(smashed);
        NEED(!pthread_cond_destroy(smashed));
        memset(smashed, 0xff, sizeof(*smashed));
        free(smashed);
        while (left_wait < 10)
            pthread_cond_wait(&back, &sm);
        pthread_mutex_unlock(&sm);
        for (int i = 0; i < 10; i++)
            pthread_join(t[i], NULL);
    }
    printf("smashed\n");
}

static void rwlocks(void)
{
    pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
    struct timespec past = {1, 0};
    RETURNS(pthread_rwlock_rdlock(&l));
    RETURNS(pthread_rwlock_tryrdlock(&l));
    RETURNS(pthread_rwlock_trywrlock(&l));
    RETURNS(pthread_rwlock_timedwrlock(&l, &past));
    RETURNS(pthread_rwlock_unlock(&l));
    RETURNS(pthread_rwlock_unlock(&l));
    RETURNS(pthread_rwlock_trywrlock(&l));
    RETURNS(pthread_rwlock_tryrdlock(&l));
    RETURNS(pthread_rwlock_timedrdlock(&l, &past));
    RETURNS(pthread_rwlock_unlock(&l));
}

static void exits_from_destructor(void *unused)
{
    printf("exit from a destructor\n");
    exit(7);
}

static void *cancelled_at_exit(void *unused)
{
    pthread_key_t k;
    pthread_key_create(&k, exits_from_destructor);
    pthread_setspecific(k, (void *)1);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    begin(argv);
    specific();
    once_cancelled();
    fork_handlers();
    between_processes();
    smash();
    rwlocks();
    pthread_t t;
    NEED(!pthread_create(&t, NULL, cancelled_at_exit, NULL));
    until_others_sleep();
    pthread_cancel(t);
    pthread_exit(NULL);
}
