// SPDX-License-Identifier: MIT
//
// The futex calls of priority inheritance themselves.
#include "conform.h"
#include "thread/start.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum {
    WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAKE_OP = 5, LOCK_PI = 6, UNLOCK_PI = 7, TRYLOCK_PI = 8, WAIT_BITSET = 9,
    WAIT_REQUEUE_PI = 11, CMP_REQUEUE_PI = 12, LOCK_PI2 = 13, PRIVATE = 128, REALTIME = 256,
};
#define WAITERS 0x80000000u
#define DIED 0x40000000u
#define TID 0x3fffffffu

static unsigned word, other, unwanted;
static int step, got;

static long futex(unsigned *w, int op, unsigned value, const void *timeout, unsigned *w2, unsigned value3)
{
    return syscall(SYS_futex, w, op, value, timeout, w2, value3);
}

static unsigned self(void)
{
    return (unsigned)syscall(SYS_gettid);
}

// Whose it is, and the bits.
static void show_word(const char *when, unsigned w)
{
    printf("%s: %s%s%s\n", when,
           !(w & TID)            ? "nobody"
           : (w & TID) == self() ? "mine"
                                 : "another's",
           w & WAITERS ? " waiters" : "", w & DIED ? " died" : "");
}

static void until(int *p, int value)
{
    for (int i = 0; i < 60000 && __atomic_load_n(p, __ATOMIC_SEQ_CST) < value; i++)
        usleep(1000);
    NEED(*p >= value);
}

static void until_waiters(unsigned *w)
{
    for (int i = 0; i < 60000 && !(__atomic_load_n(w, __ATOMIC_SEQ_CST) & WAITERS); i++)
        usleep(1000);
    usleep(20000);
}

static void alone(void)
{
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    show_word("locked", word);
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, TRYLOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    show_word("unlocked", word);
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, TRYLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    show_word("tried", word);
    TRY(futex(&word, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    word = DIED;
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    show_word("died and locked", word);
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    show_word("died and unlocked", word);
    word = 0x3ffffff0;
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, TRYLOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    word = 0;
}

static void wrong(void)
{
    struct timespec bad = {0, 1000000000};
    TRY(futex((unsigned *)((char *)&word + 1), LOCK_PI, 0, NULL, NULL, 0));
    TRY(futex((unsigned *)8, LOCK_PI, 0, NULL, NULL, 0));
    TRY(futex((unsigned *)8, LOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    TRY(futex((unsigned *)8, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    TRY(futex((unsigned *)8, TRYLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    TRY(futex(&word, LOCK_PI, 0, &bad, NULL, 0));
    TRY(futex(&word, LOCK_PI, 0, (void *)8, NULL, 0));
    TRY(futex(&word, LOCK_PI | REALTIME, 0, NULL, NULL, 0));
    TRY(futex(&word, TRYLOCK_PI | REALTIME, 0, NULL, NULL, 0));
    TRY(futex(&word, WAKE | REALTIME, 0, NULL, NULL, 0));
    TRY(futex(&word, WAIT | REALTIME, 1, NULL, NULL, 0));
    TRY(futex(&word, WAIT_REQUEUE_PI, 0, NULL, &word, 0));
    TRY(futex(&word, WAIT_REQUEUE_PI, 1, NULL, &other, 0));
    TRY(futex(&word, CMP_REQUEUE_PI, 1, (void *)1, &word, 0));
    TRY(futex(&word, CMP_REQUEUE_PI, 2, (void *)1, &other, 0));
    TRY(futex(&word, CMP_REQUEUE_PI, 1, (void *)-1L, &other, 0));
    TRY(futex(&word, CMP_REQUEUE_PI, 1, (void *)1, &other, 1));
    TRY(futex(&word, CMP_REQUEUE_PI, 1, (void *)1, &other, 0));
    unsigned *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(page != MAP_FAILED);
    TRY(futex(page, LOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    munmap(page, 4096);
}

static void *holds(void *unused)
{
    NEED(!futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    __atomic_store_n(&step, 1, __ATOMIC_SEQ_CST);
    until(&step, 2);
    NEED(!futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    return NULL;
}

static void *plain_wait(void *unused)
{
    futex(&word, WAIT, word, NULL, NULL, 0);
    return NULL;
}

static void on_signal(int sig)
{
    got++;
}

static pthread_t main_thread;

static void *signals_and_releases(void *unused)
{
    until_waiters(&word);
    pthread_kill(main_thread, SIGUSR1);
    until(&got, 1);
    usleep(20000);
    __atomic_store_n(&step, 2, __ATOMIC_SEQ_CST);
    return NULL;
}

static void held(void)
{
    struct timespec past = {1, 0}, soon;
    step = 0;
    pthread_t t = start(holds, NULL);
    until(&step, 1);
    show_word("held", word);
    TRY(futex(&word, TRYLOCK_PI, 0, NULL, NULL, 0));
    show_word("tried in vain", word);
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, LOCK_PI, 0, &past, NULL, 0));
    soon = in_ms(CLOCK_REALTIME, 20);
    TRY(futex(&word, LOCK_PI, 0, &soon, NULL, 0));
    soon = in_ms(CLOCK_MONOTONIC, 20);
    TRY(futex(&word, LOCK_PI2, 0, &soon, NULL, 0));
    soon = in_ms(CLOCK_REALTIME, 20);
    TRY(futex(&word, LOCK_PI2 | REALTIME, 0, &soon, NULL, 0));
    show_word("timed out", word);
    // a handler without SA_RESTART does not end the wait
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    main_thread = pthread_self();
    pthread_t s = start(signals_and_releases, NULL);
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    printf("signals %d\n", got);
    show_word("handed over", word);
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    show_word("released", word);
    pthread_join(t, NULL);
    pthread_join(s, NULL);
    // one that waits without the protocol
    t = start(plain_wait, NULL);
    while (futex(&word, REQUEUE, 0, (void *)1, &unwanted, 0) != 1)
        usleep(1000);
    NEED(futex(&unwanted, REQUEUE, 0, (void *)1, &word, 0) == 1);
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    word = self();
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    TRY(futex(&word, WAKE, 10, NULL, NULL, 0));
    pthread_join(t, NULL);
    word = 0;
}

static void *locks_once(void *unused)
{
    long r = futex(&word, LOCK_PI, 0, NULL, NULL, 0);
    NEED(!r);
    NEED((word & TID) == self());
    __atomic_fetch_add(&got, 1, __ATOMIC_SEQ_CST);
    NEED(!futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    return NULL;
}

static void mixed(void)
{
    got = 0;
    NEED(!futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    pthread_t t[3];
    for (int i = 0; i < 3; i++)
        t[i] = start(locks_once, NULL);
    until_waiters(&word);
    TRY(futex(&word, WAKE, 1, NULL, NULL, 0));
    TRY(futex(&word, WAKE, 1, NULL, NULL, 0));
    TRY(futex(&word, REQUEUE, 1, (void *)1, &other, 0));
    TRY(futex(&word, CMP_REQUEUE, 1, (void *)1, &other, word));
    TRY(futex(&word, CMP_REQUEUE_PI, 1, (void *)1, &other, word));
    TRY(futex(&other, WAKE_OP, 1, (void *)1, &word, 0 << 28 | 1 << 24 | 0 << 12));
    word = self() | WAITERS;
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    printf("locked %d times\n", got);
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    show_word("at the end", word);
}

static void *takes_and_ends(void *unused)
{
    NEED(!futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    __atomic_store_n(&step, 1, __ATOMIC_SEQ_CST);
    until_waiters(&word);
    return NULL;
}

static void *takes_and_ends_at_once(void *unused)
{
    NEED(!futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    return NULL;
}

// The owner ends: somebody else has the lock then, and the word says what happened.
static void owner_ends(void)
{
    step = 0;
    pthread_t t = start(takes_and_ends, NULL);
    until(&step, 1);
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    show_word("owner ended", word);
    TRY(futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
    show_word("unlocked", word);
    pthread_join(t, NULL);
    // with nobody who waits, the word stays as it is
    t = start(takes_and_ends_at_once, NULL);
    pthread_join(t, NULL);
    usleep(20000);
    show_word("owner ended alone", word);
    TRY(futex(&word, LOCK_PI, 0, NULL, NULL, 0));
    word = 0;
}

static void owner_process_ends(void)
{
    unsigned *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(shared != MAP_FAILED);
    for (int by_signal = 0; by_signal < 2; by_signal++) {
        *shared = 0;
        pid_t pid = fork();
        if (!pid) {
            NEED(!futex(shared, LOCK_PI, 0, NULL, NULL, 0));
            shared[1] = 1;
            until_waiters(shared);
            if (by_signal)
                kill(getpid(), SIGKILL);
            _exit(0);
        }
        until((int *)&shared[1], 1);
        shared[1] = 0;
        TRY(futex(shared, LOCK_PI, 0, NULL, NULL, 0));
        show_word("process ended", *shared);
        TRY(futex(shared, UNLOCK_PI, 0, NULL, NULL, 0));
        waitpid(pid, NULL, 0);
    }
    munmap(shared, 4096);
}

static void *waits_for_lock(void *ret)
{
    long r = futex(&word, WAIT_REQUEUE_PI | PRIVATE, 7, NULL, &other, 0);
    *(int *)ret = r ? errno : (other & TID) == self() ? 0 : -1;
    __atomic_fetch_add(&got, 1, __ATOMIC_SEQ_CST);
    if (!r)
        NEED(!futex(&other, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    return NULL;
}

// Threads come to their wait when they come: until this many were moved to the lock, or have it.
static void move(int count, long most)
{
    long moved = 0;
    for (int i = 0; i < 60000 && moved < count; i++) {
        long r = futex(&word, CMP_REQUEUE_PI | PRIVATE, 1, (void *)most, &other, 7);
        NEED(r >= 0);
        moved += r;
        if (moved < count)
            usleep(1000);
    }
    printf("moved %ld\n", moved);
}

static void requeued(void)
{
    enum { MANY = 4 };
    int result[MANY];
    pthread_t t[MANY];
    for (int free_lock = 0; free_lock < 2; free_lock++) {
        got = 0, word = 7, other = 0;
        for (int i = 0; i < MANY; i++)
            t[i] = start(waits_for_lock, &result[i]);
        while (!futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0)) // refused as soon as one waits
            usleep(1000);
        TRY(futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0));
        TRY(futex(&word, REQUEUE | PRIVATE, 1, (void *)1, &other, 0));
        TRY(futex(&word, CMP_REQUEUE_PI | PRIVATE, 1, (void *)10, &unwanted, 7)); // not the lock that they want
        if (!free_lock)
            NEED(!futex(&other, LOCK_PI | PRIVATE, 0, NULL, NULL, 0));
        move(1, 0);
        if (free_lock)
            until(&got, 1);
        printf("have got it: %d\n", got);
        move(MANY - 1, 10);
        if (!free_lock) {
            printf("have got it: %d\n", got);
            show_word("lock", other);
            TRY(futex(&other, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
        }
        for (int i = 0; i < MANY; i++) {
            pthread_join(t[i], NULL);
            show_error("waiter", result[i]);
        }
        show_word("lock", other);
    }
    struct timespec soon = in_ms(CLOCK_MONOTONIC, 20);
    TRY(futex(&word, WAIT_REQUEUE_PI | PRIVATE, 7, &soon, &other, 0));
    soon = in_ms(CLOCK_REALTIME, 20);
    TRY(futex(&word, WAIT_REQUEUE_PI | PRIVATE | REALTIME, 7, &soon, &other, 0));
}

static bool is_past(const struct timespec *t)
{
    struct timespec now = in_ms(CLOCK_MONOTONIC, 0);
    return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec > t->tv_nsec);
}

static void *waits_until(void *until)
{
    long r = futex(&word, WAIT_REQUEUE_PI | PRIVATE, 7, until, &other, 0);
    return (void *)(r ? (long)errno : 0);
}

// Moved to a lock that it does not get in time. It waits ever longer until it is moved before its time is over.
static void requeued_too_late(void)
{
    void *result;
    word = 7, other = 0;
    NEED(!futex(&other, LOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    for (long ms = 50, moved = 0; !moved; ms *= 2) {
        struct timespec until = in_ms(CLOCK_MONOTONIC, ms);
        pthread_t t = start(waits_until, &until);
        while (!moved && !is_past(&until))
            NEED((moved = futex(&word, CMP_REQUEUE_PI | PRIVATE, 1, NULL, &other, 7)) >= 0);
        pthread_join(t, &result);
    }
    show_error("waiter", (int)(long)result);
    TRY(futex(&other, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    show_word("lock", other);
    word = 0;
}

enum { STORM_THREADS = 6, STORM_ROUNDS = 2000 };
static long counted;

static void *storm(void *unused)
{
    for (int i = 0; i < STORM_ROUNDS; i++) {
        struct timespec soon = in_ms(CLOCK_MONOTONIC, 0);
        soon.tv_nsec += soon.tv_nsec < 999900000 ? 50000 : 0;
        unsigned mine = self(), seen = 0;
        if (!__atomic_compare_exchange_n(&word, &seen, mine, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            while (futex(&word, LOCK_PI2 | PRIVATE, 0, i % 3 ? NULL : &soon, NULL, 0))
                NEED(errno == ETIMEDOUT && i % 3 == 0);
        }
        NEED((word & TID) == mine);
        counted++; // by whoever has the lock
        seen = mine;
        if (!__atomic_compare_exchange_n(&word, &seen, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            NEED(!futex(&word, UNLOCK_PI | PRIVATE, 0, NULL, NULL, 0));
    }
    return NULL;
}

// Refused between the end of the owner and the word that says so: EINVAL, or ESRCH.
static void *storm_of_ends(void *unused)
{
    NEED(!futex(&word, LOCK_PI, 0, NULL, NULL, 0) || errno == ESRCH || errno == EINVAL);
    counted++;
    return NULL; // with the lock held
}

static void storms(void)
{
    pthread_t t[STORM_THREADS];
    for (int i = 0; i < STORM_THREADS; i++)
        t[i] = start(storm, NULL);
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_join(t[i], NULL);
    printf("counted %ld\n", counted);
    show_word("after the storm", word);
    counted = 0;
    for (int round = 0; round < 50; round++) {
        NEED(!futex(&word, LOCK_PI, 0, NULL, NULL, 0));
        for (int i = 0; i < STORM_THREADS; i++)
            t[i] = start(storm_of_ends, NULL);
        if (round % 2)
            usleep(2000);
        NEED(!futex(&word, UNLOCK_PI, 0, NULL, NULL, 0));
        for (int i = 0; i < STORM_THREADS; i++)
            pthread_join(t[i], NULL);
        word = 0;
    }
    printf("counted %ld\n", counted);
}

int main(int argc, char **argv)
{
    begin(argv);
    alone();
    wrong();
    held();
    mixed();
    owner_ends();
    owner_process_ends();
    requeued();
    requeued_too_late();
    storms();
    return 0;
}
