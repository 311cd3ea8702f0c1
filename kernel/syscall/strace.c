// SPDX-License-Identifier: MIT
//
// Trace lines, made from the argument kinds of table.def: "[tid] name(args) = result".
#include <stdbool.h>
#include <stddef.h>

#include <linux/fcntl.h>

#include "kernel/entry/regs.h"
#include "kernel/lib/klib.h"
#include "kernel/signal/names.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/syscall/errno_names.h"
#include "kernel/syscall/kinds.h"
#include "kernel/task/task.h"
#include "kernel/trace/log.h"

#define LINE_SIZE 400u
#define STRING_SHOWN 80u

static const struct row {
    uint16_t nr;
    uint8_t count;
    uint8_t kinds[6];
    const char *label;
} rows[] = {
#define SYS0(nr, n) {nr, 0, {0}, #n},
#define SYS1(nr, n, k1, a1) {nr, 1, {KIND_##k1}, #n},
#define SYS2(nr, n, k1, a1, k2, a2) {nr, 2, {KIND_##k1, KIND_##k2}, #n},
#define SYS3(nr, n, k1, a1, k2, a2, k3, a3) {nr, 3, {KIND_##k1, KIND_##k2, KIND_##k3}, #n},
#define SYS4(nr, n, k1, a1, k2, a2, k3, a3, k4, a4) {nr, 4, {KIND_##k1, KIND_##k2, KIND_##k3, KIND_##k4}, #n},
#define SYS5(nr, n, k1, a1, k2, a2, k3, a3, k4, a4, k5, a5)                                                  \
    {nr, 5, {KIND_##k1, KIND_##k2, KIND_##k3, KIND_##k4, KIND_##k5}, #n},
#define SYS6(nr, n, k1, a1, k2, a2, k3, a3, k4, a4, k5, a5, k6, a6)                                          \
    {nr, 6, {KIND_##k1, KIND_##k2, KIND_##k3, KIND_##k4, KIND_##k5, KIND_##k6}, #n},
#define ABSENT(nr, n, reason) {nr, 6, {KIND_ULONGX, KIND_ULONGX, KIND_ULONGX, KIND_ULONGX, KIND_ULONGX, KIND_ULONGX}, #n},
#include "kernel/syscall/table.def"
#include "kernel/syscall/undef.h"
};

struct line {
    size_t length;
    char text[LINE_SIZE];
};

static void append(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(struct line *l, const char *format, ...)
{
    size_t room = sizeof(l->text) - l->length;
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(l->text + l->length, room, format, ap);
    va_end(ap);
    l->length += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

static void append_string(struct line *l, uint64_t address)
{
    char text[STRING_SHOWN + 1] = {0};
    if (!address) {
        append(l, "NULL");
        return;
    }
    long n = strncpy_from_user(text, (const char USER *)address, STRING_SHOWN);
    if (n == -14) { // EFAULT
        append(l, "0x%lx", (unsigned long)address);
        return;
    }
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c == '\x7f')
            *c = '.';
    append(l, "\"%s\"%s", text, n < 0 ? "..." : "");
}

static void append_pointer(struct line *l, uint64_t value)
{
    if (value)
        append(l, "0x%lx", (unsigned long)value);
    else
        append(l, "NULL");
}

static void append_argument(struct line *l, enum arg_kind kind, uint64_t value)
{
    switch (kind) {
    case KIND_INT:
    case KIND_FD:
    case KIND_PID:
    case KIND_CLOCK:
        append(l, "%d", (int)value);
        break;
    case KIND_DIRFD:
        if ((int)value == AT_FDCWD)
            append(l, "AT_FDCWD");
        else
            append(l, "%d", (int)value);
        break;
    case KIND_SIG:
        append(l, "%s", value ? signal_name((int)value) : "0");
        break;
    case KIND_UINT:
        append(l, "%u", (unsigned)value);
        break;
    case KIND_LONG:
    case KIND_OFFT:
        append(l, "%ld", (long)value);
        break;
    case KIND_ULONG:
    case KIND_SIZE:
        append(l, "%lu", (unsigned long)value);
        break;
    case KIND_FLAGS:
        append(l, "0x%x", (unsigned)value);
        break;
    case KIND_MODE:
        append(l, "0%u%u%u%u", (unsigned)value >> 9 & 7, (unsigned)value >> 6 & 7, (unsigned)value >> 3 & 7,
               (unsigned)value & 7);
        break;
    case KIND_USTR:
        append_string(l, value);
        break;
    case KIND_ULONGX:
        append(l, "0x%lx", (unsigned long)value);
        break;
    case KIND_UPTR:
    case KIND_UOUT:
    case KIND_ADDR:
        append_pointer(l, value);
        break;
    }
}

static const struct row *find_row(uint32_t nr)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].nr == nr)
            return &rows[i];
    return NULL;
}

static void append_call(struct line *l, const struct regs *r)
{
    const uint64_t values[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
    const struct row *row = find_row((uint32_t)r->orig_rax);
    append(l, "[%d] ", current_thread()->tid);
    if (!row) {
        append(l, "syscall_%u(...)", (unsigned)r->orig_rax);
        return;
    }
    append(l, "%s(", row->label);
    for (unsigned i = 0; i < row->count; i++) {
        if (i)
            append(l, ", ");
        append_argument(l, (enum arg_kind)row->kinds[i], values[i]);
    }
    append(l, ")");
}

static void append_result(struct line *l, long result)
{
    const char *error = result < 0 && result >= -4095 ? errno_name((int)-result) : NULL;
    if (error)
        append(l, " = -1 %s", error);
    else if (result > INT32_MAX || result < -4095)
        append(l, " = 0x%lx", (unsigned long)result);
    else
        append(l, " = %ld", result);
}

static void finish(struct line *l)
{
    if (l->length > sizeof(l->text) - 2)
        l->length = sizeof(l->text) - 2;
    l->text[l->length++] = '\n';
    log_raw(l->text, l->length);
}

void strace_call(const struct regs *regs, long result)
{
    struct line l = {0};
    append_call(&l, regs);
    append_result(&l, result);
    finish(&l);
}

void strace_no_return(const struct regs *regs)
{
    struct line l = {0};
    append_call(&l, regs);
    finish(&l);
}
