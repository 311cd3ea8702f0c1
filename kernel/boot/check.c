// SPDX-License-Identifier: MIT
//
// How the kernel stops: one line on stderr, exit status 134. See kernel/lib/check.h.
#include "kernel/lib/check.h"

#include <stdarg.h>

#include "abi/target.h"
#include "kernel/lib/klib.h"

static _Noreturn void stop(const char *prefix, const char *format, va_list ap)
{
    char line[256];
    int n = snprintf(line, sizeof(line), "myst: %s", prefix);
    n += vsnprintf(line + n, sizeof(line) - (size_t)n, format, ap);
    target_abort(line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void kernel_stop(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    stop("", format, ap);
}

static _Noreturn void stop_with(const char *prefix, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    stop(prefix, format, ap);
}

void host_lied(const char *what)
{
    stop_with("the host lied: ", "%s", what);
}

void assert_failed(const char *condition, const char *file, int line)
{
    stop_with("kernel bug: ", "%s:%d: %s", file, line, condition);
}

// gcc's stack protector.
_Noreturn void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
    stop_with("kernel bug: ", "%s", "stack overwritten");
}
