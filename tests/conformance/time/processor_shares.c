// SPDX-License-Identifier: MIT
//
// Whose processor time it is: each thread's, each process's, that of children once they were waited for.
#include "conform.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#define BURNT 60000000ll // ns
#define LITTLE (BURNT / 2)

static long long ns_of(clockid_t clock)
{
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void burn(void)
{
    long long until = ns_of(CLOCK_THREAD_CPUTIME_ID) + BURNT;
    while (ns_of(CLOCK_THREAD_CPUTIME_ID) < until)
        ;
}

static long long used_ns(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000000ll + (u->ru_utime.tv_usec + u->ru_stime.tv_usec) * 1000ll;
}

static long long usage_ns(int who)
{
    struct rusage u;
    NEED(!getrusage(who, &u));
    return used_ns(&u);
}

static pthread_barrier_t burnt, seen;

static void *thread(void *unused)
{
    burn();
    IS(usage_ns(RUSAGE_THREAD) >= BURNT - 1000000);
    pthread_barrier_wait(&burnt);
    pthread_barrier_wait(&seen);
    return NULL;
}

static void threads(void)
{
    pthread_t t;
    clockid_t clock;
    long long process = ns_of(CLOCK_PROCESS_CPUTIME_ID), own = ns_of(CLOCK_THREAD_CPUTIME_ID);
    pthread_barrier_init(&burnt, NULL, 2);
    pthread_barrier_init(&seen, NULL, 2);
    NEED(!pthread_create(&t, NULL, thread, NULL));
    pthread_barrier_wait(&burnt);
    RETURNS(pthread_getcpuclockid(t, &clock));
    IS(ns_of(clock) >= BURNT);
    IS(ns_of(CLOCK_PROCESS_CPUTIME_ID) - process >= BURNT);
    IS(ns_of(CLOCK_THREAD_CPUTIME_ID) - own < LITTLE);
    pthread_barrier_wait(&seen);
    pthread_join(t, NULL);
    IS(ns_of(CLOCK_PROCESS_CPUTIME_ID) - process >= BURNT);
    // Another thread begins from nothing, whatever ran before where it runs.
    NEED(!pthread_create(&t, NULL, thread, NULL));
    NEED(!pthread_getcpuclockid(t, &clock));
    IS(ns_of(clock) < LITTLE);
    pthread_barrier_wait(&burnt);
    pthread_barrier_wait(&seen);
    pthread_join(t, NULL);
    struct timespec now;
    TRY(clock_gettime(-6, &now)); // the thread's own, as clock_getcpuclockid makes them: number 0
    TRY(clock_gettime(~1 * 8 + 3, &now));
    TRY(clock_gettime(~0x7ffffff * 8 + 2, &now)); // nobody's
}

static void child_works(int grandchildren)
{
    IS(ns_of(CLOCK_PROCESS_CPUTIME_ID) < LITTLE);
    IS(ns_of(CLOCK_THREAD_CPUTIME_ID) < LITTLE);
    IS(usage_ns(RUSAGE_CHILDREN) == 0);
    pid_t pid = grandchildren ? fork() : -1;
    if (!pid) {
        child_works(0);
        _exit(0);
    }
    burn();
    if (grandchildren)
        waitpid(pid, NULL, 0);
    fflush(stdout);
}

static void children(void)
{
    int go[2];
    char c;
    clockid_t clock;
    struct rusage u;
    struct tms t;
    long long process = ns_of(CLOCK_PROCESS_CPUTIME_ID);
    NEED(!pipe(go));
    pid_t pid = fork();
    if (!pid) {
        child_works(1);
        NEED(write(go[1], "x", 1) == 1);
        pause();
    }
    NEED(read(go[0], &c, 1) == 1);
    RETURNS(clock_getcpuclockid(pid, &clock));
    IS(ns_of(clock) >= BURNT && ns_of(clock) < 2 * BURNT);
    IS(ns_of(CLOCK_PROCESS_CPUTIME_ID) - process < LITTLE);
    IS(usage_ns(RUSAGE_CHILDREN) == 0);
    kill(pid, SIGKILL);
    NEED(wait4(pid, NULL, 0, &u) == pid);
    IS(used_ns(&u) >= 2 * BURNT - 2000000);
    IS(usage_ns(RUSAGE_CHILDREN) >= 2 * BURNT - 2000000);
    OK(times(&t));
    IS(t.tms_cutime + t.tms_cstime >= 2 * BURNT / 10000000 - 2);
    IS(ns_of(CLOCK_PROCESS_CPUTIME_ID) - process < LITTLE);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
    alarms++;
}

// Somebody else's work does not let a process's timers fire.
static void timers(void)
{
    signal(SIGPROF, on_alarm);
    const struct itimerval at = {.it_value = {.tv_usec = LITTLE / 1000}};
    TRY(setitimer(ITIMER_PROF, &at, NULL));
    pid_t pid = fork();
    if (!pid) {
        burn();
        _exit(0);
    }
    while (waitpid(pid, NULL, 0) != pid)
        ;
    IS(alarms == 0);
    for (int i = 0; i < 100 && !alarms; i++) // what is counted by ticks may take a while
        burn();
    IS(alarms == 1);
}

int main(int argc, char **argv)
{
    begin(argv);
    threads();
    children();
    timers();
    return 0;
}
