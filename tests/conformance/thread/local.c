// SPDX-License-Identifier: MIT
//
// Thread-local variables, keys with destructors, thread names, ids.
// needs: glibc
#include "conform.h"
#include <pthread.h>

static __thread int with_value = 5, zero;
static __thread char large[20000];
static pthread_key_t key;
static int destroyed;

static void destroy(void *value)
{
    destroyed += (int)(long)value;
}

static void *work(void *number)
{
    bool clean = with_value == 5 && zero == 0;
    for (size_t i = 0; i < sizeof(large); i++)
        clean = clean && !large[i];
    with_value = zero = (int)(long)number;
    memset(large, 1, sizeof(large));
    pthread_setspecific(key, number);
    errno = (int)(long)number;
    usleep(5000);
    clean = clean && with_value == (long)number && errno == (long)number && syscall(SYS_gettid) != getpid();
    return (void *)(long)clean;
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!pthread_key_create(&key, destroy));
    pthread_t t[5];
    for (long i = 0; i < 5; i++)
        NEED(!pthread_create(&t[i], NULL, work, (void *)(i + 1)));
    for (int i = 0; i < 5; i++) {
        void *clean;
        NEED(!pthread_join(t[i], &clean));
        IS(clean != NULL);
    }
    printf("destroyed %d, here %d %d\n", destroyed, with_value, zero);
    IS(syscall(SYS_gettid) == getpid());
    char name[32] = "";
    RETURNS(pthread_setname_np(pthread_self(), "new name"));
    RETURNS(pthread_getname_np(pthread_self(), name, sizeof(name)));
    printf("%s\n", name);
    RETURNS(pthread_setname_np(pthread_self(), "longer than fifteen"));
    return 0;
}
