// SPDX-License-Identifier: MIT
//
// The futex call itself.
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
    for (int i = 0; i < 1000 && __atomic_load_n(p, __ATOMIC_SEQ_CST) < value; i++)
        usleep(1000);
    usleep(5000);
    printf("woken %d\n", *p);
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
    usleep(50000);
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
    usleep(50000);
    TRY(futex(&word, WAKE_BITSET | PRIVATE, 10, NULL, NULL, 4));
    TRY(futex(&word, WAKE_BITSET | PRIVATE, 10, NULL, NULL, 2));
    wait_for(&woken, 1);
    TRY(futex(&word, WAKE_BITSET | PRIVATE, 10, NULL, NULL, -1));
    wait_for(&woken, 2);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    return 0;
}
