// SPDX-License-Identifier: MIT
//
// timer_create and its family, by system call: signals, values, threads, overruns, absolute times, deletion.
// link: -pthread
#include "conform.h"
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

#ifndef SIGEV_THREAD_ID
#define SIGEV_THREAD_ID 4
#endif

static volatile sig_atomic_t count;
static siginfo_t seen;
static volatile pid_t seen_by;

static void handler(int sig, siginfo_t *info, void *context)
{
    seen = *info;
    seen_by = (pid_t)syscall(SYS_gettid);
    count++;
}

struct event { // struct sigevent, with the thread's number
    union sigval value;
    int signo, notify;
    pid_t tid;
    char rest[64];
};

static int create(int clock, struct event *e, int *id)
{
    return (int)syscall(SYS_timer_create, clock, e, id);
}

static int set(int id, int flags, long value_us, long interval_us, struct itimerspec *old)
{
    const struct itimerspec v = {.it_value = {value_us / 1000000, value_us % 1000000 * 1000},
                                 .it_interval = {interval_us / 1000000, interval_us % 1000000 * 1000}};
    return (int)syscall(SYS_timer_settime, id, flags, &v, old);
}

static void errors(void)
{
    int id = -1;
    struct event e = {.signo = SIGRTMIN};
    struct itimerspec v;
    TRY(create(77, &e, &id));
    e.signo = 99;
    TRY(create(CLOCK_MONOTONIC, &e, &id));
    e = (struct event){.signo = SIGRTMIN, .notify = 77};
    TRY(create(CLOCK_MONOTONIC, &e, &id));
    e = (struct event){.signo = SIGRTMIN, .notify = SIGEV_THREAD_ID, .tid = 1};
    TRY(create(CLOCK_MONOTONIC, &e, &id));
    e = (struct event){.signo = SIGRTMIN};
    TRY(create(CLOCK_MONOTONIC, &e, (int *)8));
    TRY(create(CLOCK_MONOTONIC, (struct event *)8, &id));
    TRY(set(12345, 0, 1000, 0, NULL));
    TRY(syscall(SYS_timer_gettime, 12345, &v));
    TRY(syscall(SYS_timer_getoverrun, 12345));
    TRY(syscall(SYS_timer_delete, 12345));
    TRY(create(CLOCK_MONOTONIC, &e, &id));
    TRY(syscall(SYS_timer_settime, id, 0, NULL, NULL));
    const struct itimerspec bad = {.it_value = {0, 1000000000}};
    TRY(syscall(SYS_timer_settime, id, 0, &bad, NULL));
    TRY(syscall(SYS_timer_delete, id));
    TRY(syscall(SYS_timer_delete, id));
}

static void once(int clock)
{
    int id;
    struct event e = {.signo = SIGRTMIN + 1, .value.sival_int = 4711};
    struct itimerspec left;
    count = 0;
    NEED(!create(clock, &e, &id));
    TRY(set(id, 0, 100000000, 0, NULL));
    TRY(syscall(SYS_timer_gettime, id, &left));
    IS(left.it_value.tv_sec >= 50 && left.it_value.tv_sec <= 100);
    TRY(set(id, 0, 20000, 0, NULL));
    while (count < 1)
        usleep(1000);
    IS(seen.si_signo == SIGRTMIN + 1 && seen.si_code == SI_TIMER && seen.si_value.sival_int == 4711);
    IS(seen.si_timerid == id && seen.si_overrun == 0);
    TRY(syscall(SYS_timer_gettime, id, &left));
    IS(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
    // Absolute, in the past: at once.
    const struct itimerspec past = {.it_value = {1, 0}};
    count = 0;
    TRY(syscall(SYS_timer_settime, id, TIMER_ABSTIME, &past, NULL));
    while (count < 1)
        usleep(1000);
    // Absolute, soon.
    struct timespec now;
    clock_gettime(clock, &now);
    const struct itimerspec soon = {.it_value = {now.tv_sec + (now.tv_nsec + 20000000) / 1000000000,
                                                 (now.tv_nsec + 20000000) % 1000000000}};
    count = 0;
    TRY(syscall(SYS_timer_settime, id, TIMER_ABSTIME, &soon, NULL));
    while (count < 1)
        usleep(1000);
    clock_gettime(clock, &now);
    IS(now.tv_sec > soon.it_value.tv_sec ||
       (now.tv_sec == soon.it_value.tv_sec && now.tv_nsec >= soon.it_value.tv_nsec));
    TRY(syscall(SYS_timer_delete, id));
}

static void overruns(void)
{
    int id;
    sigset_t block;
    struct event e = {.signo = SIGRTMIN + 1};
    sigemptyset(&block);
    sigaddset(&block, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    NEED(!create(CLOCK_MONOTONIC, &e, &id));
    TRY(set(id, 0, 5000, 5000, NULL));
    usleep(60000);
    siginfo_t info;
    const struct timespec now = {0, 0};
    IS(sigtimedwait(&block, &info, &now) == SIGRTMIN + 1);
    IS(info.si_overrun >= 8 && info.si_overrun == syscall(SYS_timer_getoverrun, id));
    // Only one at a time is queued.
    IS(sigtimedwait(&block, &info, &(struct timespec){1, 0}) == SIGRTMIN + 1);
    TRY(set(id, 0, 0, 0, NULL));
    (void)sigtimedwait(&block, &info, &now);
    TRY(sigtimedwait(&block, &info, &now));
    TRY(syscall(SYS_timer_delete, id));
    sigprocmask(SIG_UNBLOCK, &block, NULL);
}

static volatile int stop;
static volatile pid_t worker_tid;

static void *worker(void *argument)
{
    worker_tid = (pid_t)syscall(SYS_gettid);
    while (!stop) // computes: the timer has to interrupt it
        __asm__ volatile("pause");
    return NULL;
}

static void to_a_thread(void)
{
    pthread_t t;
    int id;
    NEED(!pthread_create(&t, NULL, worker, NULL));
    while (!worker_tid)
        usleep(1000);
    struct event e = {.signo = SIGRTMIN + 1, .notify = SIGEV_THREAD_ID, .tid = worker_tid};
    count = 0;
    seen_by = 0;
    NEED(!create(CLOCK_MONOTONIC, &e, &id));
    TRY(set(id, 0, 2000, 2000, NULL));
    while (count < 4)
        usleep(1000);
    IS(seen_by == worker_tid);
    TRY(syscall(SYS_timer_delete, id));
    stop = 1;
    pthread_join(t, NULL);
}

static void silent(void)
{
    int id;
    struct event e = {.notify = SIGEV_NONE};
    struct itimerspec left;
    NEED(!create(CLOCK_MONOTONIC, &e, &id));
    TRY(set(id, 0, 10000, 0, NULL));
    usleep(20000);
    TRY(syscall(SYS_timer_gettime, id, &left));
    IS(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
    TRY(set(id, 0, 10000, 1000000, NULL));
    usleep(20000);
    TRY(syscall(SYS_timer_gettime, id, &left));
    IS(left.it_interval.tv_sec == 1 && left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0);
    TRY(syscall(SYS_timer_delete, id));
}

static void not_inherited(void)
{
    int id;
    struct event e = {.signo = SIGRTMIN + 1};
    NEED(!create(CLOCK_MONOTONIC, &e, &id));
    pid_t child = fork();
    if (!child)
        _exit(syscall(SYS_timer_delete, id) == -1 && errno == EINVAL ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
    TRY(syscall(SYS_timer_delete, id));
}

static void without_event(void)
{
    int id;
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGALRM, &a, NULL);
    count = 0;
    NEED(!create(CLOCK_MONOTONIC, NULL, &id));
    TRY(set(id, 0, 1000, 0, NULL));
    while (count < 1)
        usleep(1000);
    IS(seen.si_signo == SIGALRM && seen.si_value.sival_int == id);
    TRY(syscall(SYS_timer_delete, id));
}

static volatile int notified;

static void notify(union sigval v)
{
    notified = v.sival_int;
}

static void by_library(void)
{
    timer_t id;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notify, .sigev_value.sival_int = 3};
    const struct itimerspec v = {.it_value = {0, 1000000}};
    TRY(timer_create(CLOCK_REALTIME, &e, &id));
    TRY(timer_settime(id, 0, &v, NULL));
    while (!notified)
        usleep(1000);
    IS(notified == 3);
    TRY(timer_delete(id));
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN + 1, &a, NULL);
    errors();
    once(CLOCK_MONOTONIC);
    once(CLOCK_REALTIME);
    overruns();
    to_a_thread();
    silent();
    not_inherited();
    without_event();
    by_library();
    return 0;
}
