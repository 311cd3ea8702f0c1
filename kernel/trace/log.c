// SPDX-License-Identifier: MIT
//
// The kernel's only voice. Used where something must be said to the person at the terminal: a fatal signal, a corrupt
// block, trace lines. Nothing here takes a lock, since it also speaks while things are going down.
#include "kernel/trace/log.h"

#include <stdarg.h>

#include <linux/errno.h>

#include "kernel/boot/hostcall.h"
#include "kernel/lib/klib.h"

#define HOST_STDERR 2

void log_raw(const char *text, size_t size)
{
    while (size) {
        long n = host_write_fd(HOST_STDERR, text, size);
        if (n == -EINTR)
            continue;
        if (n <= 0) // there is nobody to tell
            return;
        text += n;
        size -= (size_t)n;
    }
}

void log_line(const char *format, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof(line) - 1, format, ap);
    va_end(ap);
    size_t length = n > 0 ? (size_t)n : 0;
    if (length > sizeof(line) - 2)
        length = sizeof(line) - 2;
    line[length++] = '\n';
    log_raw(line, length);
}
