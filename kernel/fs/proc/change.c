// SPDX-License-Identifier: MIT
//
// What can be written to in /proc/PID. Text for one of these is short and comes in one piece.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/oom.h>

#include "kernel/fs/proc/show.h"
#include "kernel/lib/klib.h"
#include "kernel/task/capability.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"

enum { CORE_FILTER_BITS = 0x1ff, DIGITS_MOST = 24 };

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// A number in C's notation with nothing but space around it.
static int parse(const char *s, size_t size, int64_t *ret)
{
    uint64_t value = 0;
    while (size && is_space(s[size - 1]))
        size--;
    for (; size && is_space(*s); s++)
        size--;
    bool negative = size && *s == '-';
    size_t at = size && (*s == '-' || *s == '+');
    uint64_t base = at < size && s[at] == '0' ? 8 : 10;
    if (base == 8 && at + 1 < size && (s[at + 1] | 32) == 'x') {
        base = 16;
        at += 2;
    }
    if (at == size || size > DIGITS_MOST)
        return -EINVAL;
    for (; at < size; at++) {
        uint64_t digit = (uint64_t)digit_of(s[at]);
        if (digit >= base || __builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
            return -EINVAL;
    }
    if (value > INT64_MAX)
        return -EINVAL;
    *ret = negative ? -(int64_t)value : (int64_t)value;
    return 0;
}

// comm names the thread.
long change_comm(const struct subject *s, const char *from, size_t size)
{
    struct thread *t = s->thread;
    size_t n = size < sizeof(t->name) ? size : sizeof(t->name) - 1;
    if (s->process != current_process())
        return -EINVAL;
    if (t) {
        memset(t->name, 0, sizeof(t->name));
        memcpy(t->name, from, n);
        if (n && t->name[n - 1] == '\n')
            t->name[n - 1] = 0;
    }
    return (long)size;
}

static long set_oom(struct process *p, int64_t value)
{
    if (value < p->oom_least && !capable(CAP_SYS_RESOURCE))
        return -EACCES;
    p->oom_score_adjustment = (int)value;
    if (capable(CAP_SYS_RESOURCE))
        p->oom_least = (int)value;
    return 0;
}

long change_oom_score_adj(const struct subject *s, const char *from, size_t size)
{
    int64_t value;
    if (parse(from, size, &value) || value < OOM_SCORE_ADJ_MIN || value > OOM_SCORE_ADJ_MAX)
        return -EINVAL;
    long r = set_oom(s->process, value);
    return r ? r : (long)size;
}

// The older scale, from -17 to 15.
long change_oom_adj(const struct subject *s, const char *from, size_t size)
{
    int64_t value;
    if (parse(from, size, &value) || ((value < OOM_ADJUST_MIN || value > OOM_ADJUST_MAX) && value != OOM_DISABLE))
        return -EINVAL;
    long r = set_oom(s->process, value == OOM_ADJUST_MAX ? OOM_SCORE_ADJ_MAX : value * OOM_SCORE_ADJ_MAX / -OOM_DISABLE);
    return r ? r : (long)size;
}

long change_coredump_filter(const struct subject *s, const char *from, size_t size)
{
    int64_t value;
    if (parse(from, size, &value) || value < 0 || value > UINT32_MAX)
        return -EINVAL;
    s->process->core_filter = (uint32_t)value & CORE_FILTER_BITS;
    return (long)size;
}

// 0: the usual. For others it takes CAP_SYS_NICE.
long change_timerslack(const struct subject *s, const char *from, size_t size)
{
    int64_t value;
    if (s->thread != current_thread() && !capable(CAP_SYS_NICE))
        return -EPERM;
    if (parse(from, size, &value) || value < 0)
        return -EINVAL;
    if (s->thread)
        s->thread->timer_slack_ns = (uint64_t)value;
    return (long)size;
}
