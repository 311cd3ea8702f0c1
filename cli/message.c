// SPDX-License-Identifier: MIT
//
// Messages for people: one line each.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

// Messages quote names of files, keys and options, which may hold anything: a message stays one line, and a terminal gets no
// control characters.
int complain(const char *format, ...)
{
    char text[8192]; // two paths and the words around them
    va_list arguments;
    fflush(stdout);
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    fprintf(stderr, "myst: %s\n", text);
    return 1;
}

// Levenshtein distance with the case of letters ignored; rows of one small table.
static unsigned distance(const char *a, const char *b)
{
    enum { LIMIT = 48 };
    size_t n = strlen(a), m = strlen(b);
    if (n >= LIMIT || m >= LIMIT)
        return LIMIT;
    unsigned row[LIMIT];
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned above = row[j];
            unsigned cost = diagonal + ((a[i - 1] | 0x20) != (b[j - 1] | 0x20));
            row[j] = above + 1 < cost ? above + 1 : cost;
            if (row[j - 1] + 1 < row[j])
                row[j] = row[j - 1] + 1;
            diagonal = above;
        }
    }
    return row[m];
}

const char *nearest(const char *word, const void *names, size_t count, size_t stride)
{
    const char *best = NULL;
    unsigned best_distance = (unsigned)strlen(word) / 2 + 1; // half of the word wrong: no longer a slip
    for (size_t i = 0; i < count; i++) {
        const char *name = *(const char *const *)((const char *)names + i * stride);
        unsigned d = distance(word, name);
        if (d < best_distance) {
            best = name;
            best_distance = d;
        }
    }
    return best;
}

int size_parse(const char *text, uint64_t *ret_size)
{
    const uint64_t page = 4096;
    if (text[0] < '0' || text[0] > '9')
        return -EINVAL;
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno)
        return -ERANGE;
    unsigned shift = 0;
    switch (*end | 0x20) {
    case 'k':
        shift = 10;
        break;
    case 'm':
        shift = 20;
        break;
    case 'g':
        shift = 30;
        break;
    default:
        if (*end)
            return -EINVAL;
    }
    if (shift && end[1])
        return -EINVAL;
    if (value > (UINT64_MAX - page) >> shift)
        return -ERANGE;
    *ret_size = ((value << shift) + page - 1) & ~(page - 1);
    return 0;
}
