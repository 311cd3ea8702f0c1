// SPDX-License-Identifier: MIT
//
// C string functions for the kernel image. Copies use `rep movsb`: current processors run it at full cache
// bandwidth, and it needs no vector registers; short copies take word moves, where its start-up would show.
#include "kernel/lib/klib.h"

#include <stdint.h>

static inline void copy_forward(void *to, const void *from, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (n >= 128) {
        copy_forward(to, from, n);
        return to;
    }
    while (n >= 8) {
        uint64_t v;
        __builtin_memcpy(&v, f, 8);
        __builtin_memcpy(t, &v, 8);
        t += 8, f += 8, n -= 8;
    }
    for (; n; n--) {
        *t++ = *f++;
        __asm__ volatile("" ::: "memory"); // keeps the compiler from turning the loop into a call of memcpy
    }
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((uintptr_t)t - (uintptr_t)f >= n) // no overlap, or the target lies below
        return memcpy(to, from, n);
    for (; n >= sizeof(uint64_t); n -= sizeof(uint64_t)) {
        uint64_t word;
        __builtin_memcpy(&word, f + n - sizeof(word), sizeof(word));
        __builtin_memcpy(t + n - sizeof(word), &word, sizeof(word));
        __asm__ volatile("" ::: "memory"); // else it is seen to be what it is, memmove
    }
    while (n--) {
        t[n] = f[n];
        __asm__ volatile("" ::: "memory");
    }
    return to;
}

void *memset(void *p, int c, size_t n)
{
    void *t = p;
    __asm__ volatile("rep stosb" : "+D"(t), "+c"(n) : "a"(c) : "memory");
    return p;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *p, int c, size_t n)
{
    const unsigned char *s = p;
    for (; n; n--, s++)
        if (*s == (unsigned char)c)
            return (void *)(uintptr_t)s;
    return NULL;
}

size_t strlen(const char *s)
{
    const char *e = s;
    while (*e) {
        e++;
        __asm__ volatile("" ::: "memory");
    }
    return (size_t)(e - s);
}

size_t strnlen(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i])
        i++;
    return i;
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++)
        ;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n && *a && *a == *b; a++, b++, n--)
        ;
    return n ? (unsigned char)*a - (unsigned char)*b : 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s;
        if (!*s)
            return NULL;
    }
}

char *strrchr(const char *s, int c)
{
    const char *found = NULL;
    for (;; s++) {
        if (*s == (char)c)
            found = s;
        if (!*s)
            return (char *)(uintptr_t)found;
    }
}
