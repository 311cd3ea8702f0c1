// SPDX-License-Identifier: MIT
//
// setitimer, getitimer, alarm: in a sleep, in a loop that computes, periods, inheritance.
#include "conform.h"
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile sig_atomic_t count;
static int told = -1; // where a handler tells that it ran

static void handler(int sig)
{
    count++;
    if (told >= 0)
        (void)!write(told, "x", 1);
}

static struct itimerval timer_value(long value_us, long interval_us)
{
    return (struct itimerval){.it_value = {value_us / 1000000, value_us % 1000000},
                              .it_interval = {interval_us / 1000000, interval_us % 1000000}};
}

static long elapsed_ms(const struct timespec *since)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void errors(void)
{
    struct itimerval v = timer_value(0, 0), old;
    TRY(setitimer(77, &v, NULL));
    TRY(getitimer(77, &old));
    TRY(syscall(SYS_getitimer, ITIMER_REAL, (void *)8));
    TRY(syscall(SYS_setitimer, ITIMER_REAL, (void *)8, NULL));
    v.it_value.tv_usec = 1000000;
    TRY(setitimer(ITIMER_REAL, &v, NULL));
    v.it_value.tv_usec = -1;
    TRY(setitimer(ITIMER_REAL, &v, NULL));
    const int which[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    v = timer_value(0, 5000000); // stopped, with an interval
    for (int i = 0; i < 3; i++) {
        TRY(setitimer(which[i], &v, NULL));
        TRY(getitimer(which[i], &old));
        printf("%ld s\n", old.it_interval.tv_sec);
        setitimer(which[i], &(struct itimerval){0}, NULL);
    }
}

static void in_a_sleep(void)
{
    struct itimerval v = timer_value(30000, 0), old;
    struct timespec start;
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, &before); // else it might come before the sleep
    clock_gettime(CLOCK_MONOTONIC, &start);
    count = 0;
    TRY(setitimer(ITIMER_REAL, &v, NULL));
    TRY(sigsuspend(&before));
    sigprocmask(SIG_SETMASK, &before, NULL);
    IS(count == 1);
    IS(elapsed_ms(&start) >= 30);
    TRY(getitimer(ITIMER_REAL, &old));
    IS(!old.it_value.tv_sec && !old.it_value.tv_usec && !old.it_interval.tv_usec);
}

static void while_computing(void)
{
    struct itimerval v = timer_value(5000, 5000);
    count = 0;
    TRY(setitimer(ITIMER_REAL, &v, NULL));
    while (count < 5)
        __asm__ volatile("pause");
    IS(count >= 5);
    v = timer_value(0, 0);
    struct itimerval old;
    TRY(setitimer(ITIMER_REAL, &v, &old));
    IS(old.it_interval.tv_usec == 5000);
    IS(old.it_value.tv_sec == 0 && old.it_value.tv_usec <= 5000);
}

static void restarted(void)
{
    int p[2], alarms[2];
    char c = 0;
    NEED(!pipe(p) && !pipe(alarms));
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &a, NULL);
    if (!fork()) {
        NEED(read(alarms[0], &c, 1) == 1);
        usleep(20000);
        _exit(write(p[1], "x", 1) != 1);
    }
    struct itimerval v = timer_value(20000, 0);
    count = 0;
    told = alarms[1];
    TRY(setitimer(ITIMER_REAL, &v, NULL));
    TRY(read(p[0], &c, 1));
    IS(c == 'x' && count == 1);
    told = -1;
    wait(NULL);
    a.sa_flags = 0;
    sigaction(SIGALRM, &a, NULL);
    v = timer_value(20000, 20000); // again, should it come before the call
    TRY(setitimer(ITIMER_REAL, &v, NULL));
    TRY(read(p[0], &c, 1));
    v = timer_value(0, 0);
    TRY(setitimer(ITIMER_REAL, &v, NULL));
}

static void alarms(void)
{
    struct itimerval old;
    TRY(alarm(100));
    unsigned left = alarm(50);
    IS(left >= 90 && left <= 100);
    getitimer(ITIMER_REAL, &old);
    IS(old.it_value.tv_sec >= 40 && old.it_value.tv_sec <= 50);
    // Not for the child.
    pid_t child = fork();
    if (!child) {
        getitimer(ITIMER_REAL, &old);
        _exit(old.it_value.tv_sec ? 1 : 0);
    }
    int status = -1;
    NEED(waitpid(child, &status, 0) == child);
    IS(status == 0);
    TRY(alarm(0));
    TRY(alarm(0));
}

static void fatal(void)
{
    pid_t child = fork();
    if (!child) {
        signal(SIGALRM, SIG_DFL);
        struct itimerval v = timer_value(10000, 0);
        setitimer(ITIMER_REAL, &v, NULL);
        for (;;)
            __asm__ volatile("pause");
    }
    int status = 0;
    NEED(waitpid(child, &status, 0) == child);
    IS(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

static void on_processor_time(void)
{
    struct itimerval v = timer_value(20000, 10000);
    signal(SIGPROF, handler);
    count = 0;
    TRY(setitimer(ITIMER_PROF, &v, NULL));
    while (count < 3)
        __asm__ volatile("pause");
    v = timer_value(0, 0);
    TRY(setitimer(ITIMER_PROF, &v, NULL));
    signal(SIGVTALRM, handler);
    count = 0;
    v = timer_value(20000, 0);
    TRY(setitimer(ITIMER_VIRTUAL, &v, NULL));
    while (count < 1)
        __asm__ volatile("pause");
    IS(count == 1);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction a = {.sa_handler = handler};
    sigaction(SIGALRM, &a, NULL);
    errors();
    in_a_sleep();
    while_computing();
    restarted();
    alarms();
    fatal();
    on_processor_time();
    return 0;
}
