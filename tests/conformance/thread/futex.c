// SPDX-License-Identifier: MIT
//
// The futex call itself.
// since: Linux 5.16
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <time.h>

enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAKE_OP = 5, WAIT_BITSET = 9, WAKE_BITSET = 10, PRIVATE = 128, REALTIME = 256 };

static int word, other, woken;

static long futex(int *w, int op, int value, const void *timeout, int *w2, int value3)
{
    return syscall(SYS_futex, w, op, value, timeout, w2, value3);
}

static void *waiter(void *bits)
{
    long r = bits ? futex(&word, WAIT_BITSET | PRIVATE, 0, NULL, NULL, (int)(long)bits) : futex(&word, WAIT | PRIVATE, 0, NULL, NULL, 0);
    NEED(r == 0 || errno == EAGAIN);
    __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void wait_for(int *p, int value)
{
    for (int i = 0; i < 60000 && __atomic_load_n(p, __ATOMIC_SEQ_CST) < value; i++)
        usleep(1000);
    usleep(5000);
    printf("woken %d\n", *p);
}

struct wait_entry { // struct futex_waitv, which older headers lack
    uint64_t value, address;
    uint32_t flags, reserved;
};
enum { SIZE_32 = 2, WAITS = 3 };
static int words[WAITS];

static long wait_any(const struct wait_entry *w, unsigned count, unsigned flags, const struct timespec *until, int clock)
{
    return syscall(449, w, count, flags, until, clock);
}

static struct wait_entry entry_of(int *w, unsigned flags)
{
    return (struct wait_entry){.address = (uintptr_t)w, .flags = SIZE_32 | flags};
}

static void *waits_for_any(void *flags)
{
    struct wait_entry w[WAITS];
    for (int i = 0; i < WAITS; i++)
        w[i] = entry_of(&words[i], (unsigned)(uintptr_t)flags);
    return (void *)wait_any(w, WAITS, 0, NULL, 0);
}

static void several_words(unsigned flags)
{
    pthread_t t;
    void *index;
    for (int i = 0; i < WAITS; i++) {
        NEED(!pthread_create(&t, NULL, waits_for_any, (void *)(uintptr_t)flags));
        while (futex(&words[i], WAKE | (int)flags, 5, NULL, NULL, 0) != 1)
            usleep(100);
        NEED(!pthread_join(t, &index));
        printf("woken at %ld\n", (long)index);
    }
    struct wait_entry w[129] = {entry_of(&words[0], flags), entry_of(&words[1], flags)};
    struct timespec past = {1, 0}, bad = {0, 1000000000}, now;
    TRY(wait_any(w, 2, 0, &past, CLOCK_MONOTONIC));
    clock_gettime(CLOCK_REALTIME, &now);
    TRY(wait_any(w, 2, 0, &now, CLOCK_REALTIME));
    TRY(wait_any(w, 2, 0, &bad, CLOCK_REALTIME));
    TRY(wait_any(w, 2, 0, &past, CLOCK_PROCESS_CPUTIME_ID));
    TRY(wait_any(w, 2, 1, NULL, 0));
    TRY(wait_any(w, 0, 0, NULL, 0));
    TRY(wait_any(w, 129, 0, NULL, 0));
    TRY(wait_any(NULL, 1, 0, NULL, 0));
    TRY(wait_any((void *)8, 1, 0, NULL, 0));
    w[1].value = 7;
    TRY(wait_any(w, 2, 0, NULL, 0));
    w[1] = entry_of((int *)8, 0);
    TRY(wait_any(w, 2, 0, NULL, 0));
    w[1] = entry_of((int *)((char *)words + 2), flags);
    TRY(wait_any(w, 2, 0, NULL, 0));
    w[1] = (struct wait_entry){.address = (uintptr_t)words, .flags = 1};
    TRY(wait_any(w, 2, 0, NULL, 0));
    w[1] = (struct wait_entry){.address = (uintptr_t)words, .flags = SIZE_32, .reserved = 1};
    TRY(wait_any(w, 2, 0, NULL, 0));
}

int main(int argc, char **argv)
{
    begin(argv);
    word = 1;
    TRY(futex(&word, WAIT, 0, NULL, NULL, 0));
    TRY(futex(&word, WAKE, 1, NULL, NULL, 0));
    struct timespec short_time = {0, 20000000}, bad = {0, 1000000000}, past = {1, 0};
    TRY(futex(&word, WAIT, 1, &short_time, NULL, 0));
    TRY(futex(&word, WAIT, 1, &bad, NULL, 0));
    TRY(futex(&word, WAIT_BITSET, 1, &past, NULL, -1)); // absolute
    TRY(futex(&word, WAIT_BITSET | REALTIME, 1, &past, NULL, -1));
    TRY(futex(&word, WAIT_BITSET, 1, NULL, NULL, 0));
    TRY(futex((int *)((char *)&word + 1), WAIT, 1, NULL, NULL, 0));
    TRY(futex((int *)8, WAIT, 1, NULL, NULL, 0));
    TRY(futex((int *)8, WAKE | PRIVATE, 1, NULL, NULL, 0));
    TRY(futex(&word, 77, 1, NULL, NULL, 0));
    word = 0;
    pthread_t t[6];
    for (int i = 0; i < 6; i++)
        NEED(!pthread_create(&t[i], NULL, waiter, NULL));
    until_others_sleep();
    TRY(futex(&word, WAKE | PRIVATE, 2, NULL, NULL, 0));
    wait_for(&woken, 2);
    TRY(futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)2, &other, 5)); // another value
    TRY(futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)2, &other, 0)); // wakes one, moves two
    wait_for(&woken, 3);
    TRY(futex(&other, WAKE | PRIVATE, 100, NULL, NULL, 0));
    wait_for(&woken, 5);
    TRY(futex(&word, REQUEUE | PRIVATE, 0, (void *)100, &other, 0));
    // other = 0 -> 9 (set), wake one at word; if the old value was 0, wake those at other as well
    TRY(futex(&word, WAKE_OP | PRIVATE, 1, (void *)10, &other, 0 << 28 | 0 << 24 | 9 << 12 | 0));
    wait_for(&woken, 6);
    printf("other %d\n", other);
    for (int i = 0; i < 6; i++)
        pthread_join(t[i], NULL);
    woken = 0;
    NEED(!pthread_create(&t[0], NULL, waiter, (void *)1) && !pthread_create(&t[1], NULL, waiter, (void *)2));
    until_others_sleep();
    TRY(futex(&word, WAKE_BITSET | PRIVATE, 10, NULL, NULL, 4));
    TRY(futex(&word, WAKE_BITSET | PRIVATE, 10, NULL, NULL, 2));
    wait_for(&woken, 1);
    TRY(futex(&word, WAKE_BITSET | PRIVATE, 10, NULL, NULL, -1));
    wait_for(&woken, 2);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    several_words(PRIVATE);
    several_words(0);
    return 0;
}
