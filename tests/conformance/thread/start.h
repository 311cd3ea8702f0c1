// SPDX-License-Identifier: MIT
//
// What programs with locks share.
#pragma once

#include <pthread.h>
#include <time.h>

#include "conform.h"

static inline struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    ts.tv_nsec += ms * 1000000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;
    return ts;
}

static inline pthread_t start(void *(*f)(void *), void *arg)
{
    pthread_t t;
    NEED(!pthread_create(&t, NULL, f, arg));
    return t;
}
