// SPDX-License-Identifier: MIT
//
// The C library symbols that nettle's archive refers to beyond klib.h. None of the printing ones is reached: they serve debug
// output that an environment variable would switch on, and there is no environment here.
#include <stddef.h>

#include "kernel/lib/check.h"

char *getenv(const char *name);
char *secure_getenv(const char *name);
size_t fwrite(const void *p, size_t size, size_t count, void *stream);
int __fprintf_chk(void *stream, int flag, const char *format, ...);
_Noreturn void __assert_fail(const char *condition, const char *file, unsigned line, const char *function);
_Noreturn void abort(void);
extern void *stderr;

void *stderr;

char *getenv(const char *name)
{
    return NULL;
}

char *secure_getenv(const char *name)
{
    return NULL;
}

size_t fwrite(const void *p, size_t size, size_t count, void *stream)
{
    return count;
}

int __fprintf_chk(void *stream, int flag, const char *format, ...)
{
    return 0;
}

void __assert_fail(const char *condition, const char *file, unsigned line, const char *function)
{
    assert_failed(condition, file, (int)line);
}

void abort(void)
{
    kernel_stop("the cryptographic library gave up");
}
