// SPDX-License-Identifier: MIT
//
// Two hundred threads at once, and two thousand one after the other.
#include "conform.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
static int here;
static long sum;

static void *member(void *number)
{
    pthread_mutex_lock(&lock);
    sum += (long)number;
    if (++here == 200)
        pthread_cond_broadcast(&all_here);
    while (here < 200)
        pthread_cond_wait(&all_here, &lock);
    pthread_mutex_unlock(&lock);
    return (void *)((long)number * 2);
}

static void *empty(void *p)
{
    return p;
}

int main(int argc, char **argv)
{
    begin(argv);
    pthread_t t[200];
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (long i = 0; i < 200; i++)
        NEED(!pthread_create(&t[i], &attr, member, (void *)i));
    long results = 0;
    for (int i = 0; i < 200; i++) {
        void *result;
        NEED(!pthread_join(t[i], &result));
        results += (long)result;
    }
    printf("sum %ld, results %ld\n", sum, results);
    long same = 0;
    for (long i = 0; i < 2000; i++) {
        void *result;
        NEED(!pthread_create(&t[0], &attr, empty, (void *)i) && !pthread_join(t[0], &result));
        same += (long)result == i;
    }
    printf("%ld\n", same);
    return 0;
}
