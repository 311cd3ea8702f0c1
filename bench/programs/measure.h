// SPDX-License-Identifier: MIT
//
// Measuring one operation: the median of several rounds, so that a disturbed one does not count. One line for each:
// "<name> <ns>".
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct measurement {
    const char *name;
    void (*operation)(void);
    int count; // operations in a round
};

enum { MEASURE_ROUNDS = 9 };

static double measure_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int measure_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const struct measurement *m)
{
    double ns[MEASURE_ROUNDS];
    for (int i = 0; i < m->count / 16 + 1; i++)
        m->operation();
    for (int round = 0; round < MEASURE_ROUNDS; round++) {
        double start = measure_now();
        for (int i = 0; i < m->count; i++)
            m->operation();
        ns[round] = (measure_now() - start) / m->count;
    }
    qsort(ns, MEASURE_ROUNDS, sizeof(ns[0]), measure_ascending);
    printf("%s %.1f\n", m->name, ns[MEASURE_ROUNDS / 2]);
    fflush(stdout);
}

// Those that are named, or all when none is.
static void measure_named(const struct measurement *all, size_t count, char *const *names)
{
    for (size_t i = 0; i < count; i++) {
        int wanted = !*names;
        for (char *const *n = names; *n; n++)
            wanted |= !strcmp(*n, all[i].name);
        if (wanted)
            measure(&all[i]);
    }
}
