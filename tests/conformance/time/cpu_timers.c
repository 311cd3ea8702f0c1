// SPDX-License-Identifier: MIT
//
// Timers on processor time, of the process and of a thread; every kind of notification; deletion in the handler.
#include "conform.h"
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static volatile sig_atomic_t count, deleted;
static volatile int by_code, by_value;
static timer_t to_delete;

static void handler(int sig, siginfo_t *info, void *context)
{
    by_code = info->si_code;
    by_value = info->si_value.sival_int;
    count++;
}

static void deletes(int sig, siginfo_t *info, void *context)
{
    if (!deleted++)
        timer_delete(to_delete);
    count++;
}

static long long ns_of(clockid_t clock)
{
    struct timespec t;
    NEED(!clock_gettime(clock, &t));
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void burn_until(int wanted, clockid_t clock, long long most_ns)
{
    long long end = ns_of(clock) + most_ns;
    while (count < wanted && ns_of(clock) < end)
        ;
}

static void start(timer_t t, long value_ns, long interval_ns)
{
    const struct itimerspec v = {.it_value = {0, value_ns}, .it_interval = {0, interval_ns}};
    NEED(!timer_settime(t, 0, &v, NULL));
}

static void on_clock(const char *name, clockid_t clock)
{
    timer_t t;
    struct itimerspec left;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 17};
    printf("%s\n", name);
    count = 0;
    TRY(timer_create(clock, &e, &t));
    TRY(timer_gettime(t, &left));
    IS(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
    long long before = ns_of(clock);
    start(t, 20000000, 0);
    TRY(timer_gettime(t, &left));
    IS(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 20000000);
    burn_until(1, clock, 2000000000);
    IS(ns_of(clock) - before >= 20000000);
    IS(count == 1 && by_code == SI_TIMER && by_value == 17);
    count = 0;
    start(t, 5000000, 5000000);
    burn_until(4, clock, 2000000000);
    IS(count >= 4);
    start(t, 0, 0);
    // absolute
    count = 0;
    before = ns_of(clock) + 10000000;
    const struct itimerspec at = {.it_value = {before / 1000000000, before % 1000000000}};
    NEED(!timer_settime(t, TIMER_ABSTIME, &at, NULL));
    burn_until(1, clock, 2000000000);
    IS(count == 1 && ns_of(clock) >= before);
    TRY(timer_delete(t));
}

static volatile int stop;

static void *burns(void *unused)
{
    while (!stop)
        ;
    return NULL;
}

// While this thread sleeps another computes: only the clock of the process goes on.
static void asleep(void)
{
    timer_t of_thread, of_process;
    struct sigevent e = {.sigev_notify = SIGEV_NONE};
    struct itimerspec left;
    pthread_t t;
    NEED(!timer_create(CLOCK_THREAD_CPUTIME_ID, &e, &of_thread) && !timer_create(CLOCK_PROCESS_CPUTIME_ID, &e, &of_process));
    start(of_thread, 900000000, 0);
    start(of_process, 900000000, 0);
    NEED(!pthread_create(&t, NULL, burns, NULL));
    long long wanted = ns_of(CLOCK_PROCESS_CPUTIME_ID) + 100000000;
    while (ns_of(CLOCK_PROCESS_CPUTIME_ID) < wanted)
        usleep(10000);
    NEED(!timer_gettime(of_thread, &left));
    IS(left.it_value.tv_nsec > 850000000);
    NEED(!timer_gettime(of_process, &left));
    IS(left.it_value.tv_nsec < 850000000);
    stop = 1;
    pthread_join(t, NULL);
    NEED(!timer_delete(of_thread) && !timer_delete(of_process));
}

static sem_t notified;

static void notify(union sigval v)
{
    by_value = v.sival_int;
    sem_post(&notified);
}

static void by_thread(clockid_t clock)
{
    timer_t t;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notify, .sigev_value.sival_int = 23};
    by_value = 0;
    TRY(timer_create(clock, &e, &t));
    start(t, 5000000, 0);
    long long end = ns_of(CLOCK_MONOTONIC) + 60000000000;
    while (sem_trywait(&notified) && ns_of(CLOCK_MONOTONIC) < end)
        ;
    IS(by_value == 23);
    TRY(timer_delete(t));
}

static void in_handler(void)
{
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1};
    count = 0;
    NEED(!timer_create(CLOCK_MONOTONIC, &e, &to_delete));
    start(to_delete, 1000000, 1000000);
    while (!deleted)
        usleep(1000);
    usleep(20000);
    IS(count >= 1 && count <= 2);
    TRY(timer_delete(to_delete));
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGRTMIN, &a, NULL);
    a.sa_sigaction = deletes;
    sigaction(SIGRTMIN + 1, &a, NULL);
    NEED(!sem_init(&notified, 0, 0));
    on_clock("process", CLOCK_PROCESS_CPUTIME_ID);
    on_clock("thread", CLOCK_THREAD_CPUTIME_ID);
    clockid_t mine;
    NEED(!pthread_getcpuclockid(pthread_self(), &mine));
    on_clock("thread by number", mine);
    asleep();
    by_thread(CLOCK_MONOTONIC);
    by_thread(CLOCK_REALTIME);
    by_thread(CLOCK_PROCESS_CPUTIME_ID);
    in_handler();
    return 0;
}
