// SPDX-License-Identifier: MIT
//
// sched_setaffinity: what was set is told again, also to new threads and children, and by getcpu; threads that do not exist.
#include "conform.h"
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

static int first, count;

static const char *now(void)
{
    static char text[64];
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set))
        return errno_name(errno);
    snprintf(text, sizeof(text), "%s",
             CPU_COUNT(&set) == 1 && CPU_ISSET(first, &set) ? "the first"
             : CPU_COUNT(&set) == count                     ? "all"
                                                            : "others");
    return text;
}

static void *thread(void *unused)
{
    printf("new thread: %s\n", now());
    return NULL;
}

static void show_processor(int wanted)
{
    cpu_set_t one;
    unsigned cpu = 1000;
    CPU_ZERO(&one);
    CPU_SET(wanted, &one);
    NEED(sched_setaffinity(0, sizeof(one), &one) == 0 && syscall(SYS_getcpu, &cpu, NULL, NULL) == 0);
    printf("runs there: %s, %s\n", sched_getcpu() == wanted ? "yes" : "no", cpu == (unsigned)wanted ? "yes" : "no");
}

int main(int argc, char **argv)
{
    begin(argv);
    cpu_set_t all, one, none;
    NEED(sched_getaffinity(0, sizeof(all), &all) == 0);
    count = CPU_COUNT(&all);
    for (first = 0; !CPU_ISSET(first, &all); first++)
        ;
    CPU_ZERO(&none);
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    TRY(sched_setaffinity(0, sizeof(one), &one));
    printf("now: %s\n", now());
    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(last, &all))
        last--;
    show_processor(last);
    show_processor(first);
    pthread_t t;
    NEED(pthread_create(&t, NULL, thread, NULL) == 0);
    pthread_join(t, NULL);
    if (!fork()) {
        printf("child: %s\n", now());
        exit(0);
    }
    wait(NULL);
    TRY(sched_setaffinity(0, sizeof(none), &none));
    TRY(sched_setaffinity(0, sizeof(all), (cpu_set_t *)1));
    TRY(sched_setaffinity(-1, sizeof(all), &all));
    TRY(sched_getaffinity(-1, sizeof(all), &all));
    TRY(sched_getaffinity(0, 1, &all));
    TRY(sched_setaffinity(getpid(), sizeof(all), &all));
    printf("again: %s\n", count == 1 || !strcmp(now(), "all") ? "all" : now()); // there may be one only
    return 0;
}
