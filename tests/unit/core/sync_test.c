// SPDX-License-Identifier: MIT
//
// Locks, wait queues and futexes of the kernel under real threads.
#include <errno.h>
#include <linux/futex.h>

#include "kernel/sync/futex.h"
#include "kernel/sync/sync.h"
#include "kernel/time/time.h"
#include "tests/unit/core/host.h"

#define ROUNDS 20000
#define MS 1000000ul

static struct mutex mutex;
static struct spin spin;
static unsigned long counter;

static void count_under_mutex(unsigned index)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        mutex_lock(&mutex);
        counter++;
        mutex_unlock(&mutex);
    }
}

static void count_under_spin(unsigned index)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        spin_lock(&spin);
        counter++;
        spin_unlock(&spin);
    }
}

static void test_locks(void)
{
    counter = 0;
    run_threads(6, count_under_mutex);
    CHECK_EQUAL(counter, 6 * ROUNDS);
    CHECK_EQUAL(mutex.value, 0);
    counter = 0;
    run_threads(4, count_under_spin);
    CHECK_EQUAL(counter, 4 * ROUNDS);
}

// A bounded buffer of one: every item is seen once, nobody sleeps through a wake.
static struct waitq full, empty;
static unsigned long slot, sum;

static bool put(unsigned long v)
{
    unsigned long nothing = 0;
    return __atomic_compare_exchange_n(&slot, &nothing, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static bool get(unsigned long *ret)
{
    return (*ret = __atomic_exchange_n(&slot, 0, __ATOMIC_SEQ_CST)) != 0;
}

static bool is_empty(void)
{
    return __atomic_load_n(&slot, __ATOMIC_SEQ_CST) == 0;
}

static void produce_or_consume(unsigned index)
{
    for (unsigned i = 1; i <= ROUNDS / 10; i++) {
        unsigned long v = 0;
        if (index & 1) {
            while (!put(i))
                CHECK_EQUAL(wait_event(&empty, is_empty(), UINT64_MAX), 0);
            waitq_wake(&full, 1);
        } else {
            while (!get(&v))
                CHECK_EQUAL(wait_event(&full, !is_empty(), UINT64_MAX), 0);
            __atomic_fetch_add(&sum, v, __ATOMIC_SEQ_CST);
            waitq_wake(&empty, 1);
        }
    }
}

static void test_waitq(void)
{
    const unsigned long n = ROUNDS / 10;
    run_threads(4, produce_or_consume);
    CHECK_EQUAL(sum, 2 * (n * (n + 1) / 2));
}

static struct waitq again;
static struct waiter stubborn;
static unsigned wakings;

// Between the wake of the flag and that of the host thread, as if that thread had looked meanwhile and waited again.
static void wait_again(void)
{
    stubborn = (struct waiter){0};
    if (++wakings < 10)
        waitq_add(&again, &stubborn);
}

static void test_wake_of_all(void)
{
    waitq_add(&again, &stubborn);
    thread_of(0)->sleeping = 1;
    on_host_wake = wait_again;
    CHECK_EQUAL(waitq_wake(&again, UINT32_MAX), 1); // not who came since
    CHECK_EQUAL(wakings, 1);
    on_host_wake = NULL;
    thread_of(0)->sleeping = 0;
    waitq_remove(&stubborn);
}

static void test_timeout(void)
{
    struct waitq nobody = {0};
    uint64_t start = clock_monotonic_ns();
    CHECK_EQUAL(wait_event(&nobody, false, start + 20 * MS), -ETIMEDOUT);
    CHECK(clock_monotonic_ns() - start >= 20 * MS);
    CHECK_EQUAL(wait_event(&nobody, false, 0), -ETIMEDOUT);
    CHECK(nobody.first == NULL);
}

static uint32_t sleeping_now;

static void sleep_or_interrupt(unsigned index)
{
    struct waitq nobody = {0};
    if (index == 1) {
        __atomic_store_n(&sleeping_now, 1, __ATOMIC_SEQ_CST);
        CHECK_EQUAL(wait_event(&nobody, false, UINT64_MAX), -EINTR);
        interrupt_taken(thread_of(1));
    } else {
        while (!__atomic_load_n(&sleeping_now, __ATOMIC_SEQ_CST))
            ;
        interrupt_thread(thread_of(1));
    }
}

static void test_interrupt(void)
{
    for (unsigned i = 0; i < 200; i++) {
        sleeping_now = 0;
        run_threads(2, sleep_or_interrupt);
    }
}

// A stray interrupt flag without a signal does not end a wait.
static void test_stray_interrupt(void)
{
    struct waitq nobody = {0};
    thread_of(0)->block->interrupt_pending = 1;
    CHECK_EQUAL(wait_event(&nobody, false, clock_monotonic_ns() + 5 * MS), -ETIMEDOUT);
}

static uint64_t word(unsigned i)
{
    return (uint64_t)&program_words()[i];
}

static struct futex_key key(uint64_t address)
{
    return (struct futex_key){0, address};
}

static uint64_t lock_word;

// The classic three-state lock of programs on top of our futex.
static void futex_lock(void)
{
    uint32_t *w = (uint32_t *)lock_word, c = 0;
    if (__atomic_compare_exchange_n(w, &c, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    while (__atomic_exchange_n(w, 2, __ATOMIC_SEQ_CST)) {
        long r = futex_wait(key(lock_word), lock_word, 2, UINT64_MAX, FUTEX_ANY);
        CHECK(r == 0 || r == -EAGAIN);
    }
}

static void futex_unlock(void)
{
    if (__atomic_exchange_n((uint32_t *)lock_word, 0, __ATOMIC_SEQ_CST) == 2)
        CHECK(futex_wake(key(lock_word), 1, FUTEX_ANY) <= 1);
}

static void count_under_futex(unsigned index)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        futex_lock();
        counter++;
        futex_unlock();
    }
}

static void test_futex_lock(void)
{
    counter = 0;
    lock_word = word(0);
    run_threads(5, count_under_futex);
    CHECK_EQUAL(counter, 5 * ROUNDS);
}

static void test_futex_errors(void)
{
    uint64_t w = word(0);
    CHECK_EQUAL(futex_wait(key(w + 1), w + 1, 0, UINT64_MAX, FUTEX_ANY), -EINVAL);
    CHECK_EQUAL(futex_wake(key(w + 2), 1, FUTEX_ANY), -EINVAL);
    CHECK_EQUAL(futex_wait(key(w), w, 1, UINT64_MAX, FUTEX_ANY), -EAGAIN);
    CHECK_EQUAL(futex_wait(key(w), w, 0, clock_monotonic_ns() + MS, FUTEX_ANY), -ETIMEDOUT);
    uint32_t outside = 0; // above the enclave
    CHECK_EQUAL(futex_wait(key(0), (uint64_t)&outside, 0, UINT64_MAX, FUTEX_ANY), -EFAULT);
    CHECK_EQUAL(futex_wait(key(0), 0, 0, UINT64_MAX, FUTEX_ANY), -EFAULT);
    CHECK_EQUAL(futex_wake(key(w), 10, FUTEX_ANY), 0);
    const uint32_t other = 7;
    CHECK_EQUAL(futex_requeue(key(w), w, key(w + 4), 1, 1, &other), -EAGAIN);
}

static uint64_t from_word, to_word;
static uint32_t ready, released;

static void wait_or_requeue(unsigned index)
{
    if (index <= 20) {
        __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
        CHECK_EQUAL(futex_wait(key(from_word), from_word, 0, UINT64_MAX, index & 1 ? 1 : 2), 0);
        __atomic_fetch_add(&released, 1, __ATOMIC_SEQ_CST);
        return;
    }
    while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < 20)
        ;
    long woken = 0; // a waiter counts as ready a moment before it waits
    while (woken < 3)
        woken += futex_wake(key(from_word), (uint32_t)(3 - woken), 2);
    while (woken < 20) {
        const uint32_t zero = 0;
        long n = futex_requeue(key(from_word), from_word, key(to_word), 1, 1000, &zero);
        CHECK(n >= 0);
        woken += n > 0; // one of them woken, the others moved
        woken += futex_wake(key(to_word), 1000, FUTEX_ANY);
    }
}

static void test_requeue(void)
{
    from_word = word(0);
    to_word = word(1);
    run_threads(21, wait_or_requeue);
    CHECK_EQUAL(released, 20);
}

static uint32_t op_code(uint32_t op, int argument, uint32_t cmp, int compare_with)
{
    return op << 28 | cmp << 24 | ((uint32_t)argument & 0xfff) << 12 | ((uint32_t)compare_with & 0xfff);
}

static void test_wake_op(void)
{
    uint64_t a = word(0), b = word(1);
    *(uint32_t *)b = 5;
    CHECK_EQUAL(futex_wake_op(key(a), key(b), b, 1, 1, op_code(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)), 0);
    CHECK_EQUAL(*(uint32_t *)b, 8);
    CHECK_EQUAL(futex_wake_op(key(a), key(b), b, 1, 1, op_code(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 4, FUTEX_OP_CMP_GT, 0)), 0);
    CHECK_EQUAL(*(uint32_t *)b, 24);
    CHECK_EQUAL(futex_wake_op(key(a), key(b), b, 1, 1, op_code(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_LT, 0)), 0);
    CHECK_EQUAL(*(uint32_t *)b, 16);
    CHECK_EQUAL(futex_wake_op(key(a), key(b), b, 1, 1, op_code(FUTEX_OP_SET, -1, FUTEX_OP_CMP_LT, 0)), 0);
    CHECK_EQUAL(*(int32_t *)b, -1);
    CHECK_EQUAL(futex_wake_op(key(a), key(b), b, 1, 1, 7u << 28), -ENOSYS);
}

int main(void)
{
    become_thread(0);
    test_locks();
    test_waitq();
    test_wake_of_all();
    test_timeout();
    test_interrupt();
    test_stray_interrupt();
    test_futex_lock();
    test_futex_errors();
    test_requeue();
    test_wake_op();
    puts("ok");
    return 0;
}
