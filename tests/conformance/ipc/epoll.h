// SPDX-License-Identifier: MIT
//
// What programs with an epoll instance share.
#pragma once

#include <sys/epoll.h>

#include "conform.h"

static int ep;

static int set(int operation, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event e = {.events = events, .data.u64 = data};
    return epoll_ctl(ep, operation, fd, &e);
}

// What is ready, in the order of the data that belongs to it (0 to 7).
static inline void show_ready(const char *what, int timeout)
{
    struct epoll_event events[8];
    int n = epoll_wait(ep, events, 8, timeout);
    uint32_t seen[8] = {0};
    for (int i = 0; i < n; i++)
        seen[events[i].data.u64 % 8] = events[i].events;
    printf("%s: %d", what, n);
    for (int i = 0; i < 8; i++)
        if (seen[i])
            printf(" %d=%x", i, seen[i]);
    printf("\n");
}
