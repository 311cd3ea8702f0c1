// SPDX-License-Identifier: MIT
//
// snprintf for the kernel: the conversions listed in klib.h, nothing else.
#include <stdbool.h>
#include <stdint.h>

#include "kernel/lib/klib.h"

struct output {
    char *to;
    size_t size, used; // used counts what would have been written
};

struct conversion {
    bool zero, left;
    int width, precision; // precision -1: none
    int longs;            // number of l, or 2 for z
};

static void put(struct output *o, char c)
{
    if (o->used + 1 < o->size)
        o->to[o->used] = c;
    o->used++;
}

static void put_padded(struct output *o, const struct conversion *c, const char *s, size_t n, bool number)
{
    size_t pad = c->width > 0 && (size_t)c->width > n ? (size_t)c->width - n : 0;
    if (number && c->zero && n && *s == '-') {
        put(o, '-');
        s++, n--;
    }
    for (size_t i = 0; !c->left && i < pad; i++)
        put(o, number && c->zero ? '0' : ' ');
    for (size_t i = 0; i < n; i++)
        put(o, s[i]);
    for (size_t i = 0; c->left && i < pad; i++)
        put(o, ' ');
}

static void put_number(struct output *o, const struct conversion *c, uint64_t v, unsigned base, bool negative, bool upper)
{
    char digits[32], *p = digits + sizeof(digits);
    do {
        unsigned d = (unsigned)(v % base);
        *--p = (char)(d < 10 ? '0' + d : (upper ? 'A' : 'a') + d - 10);
        v /= base;
    } while (v);
    if (negative)
        *--p = '-';
    put_padded(o, c, p, (size_t)(digits + sizeof(digits) - p), true);
}

static const char *parse_conversion(const char *f, struct conversion *c, va_list *ap)
{
    *c = (struct conversion){.precision = -1};
    for (; *f == '0' || *f == '-'; f++)
        *(*f == '0' ? &c->zero : &c->left) = true;
    if (*f == '*') {
        c->width = va_arg(*ap, int);
        f++;
    }
    for (; *f >= '0' && *f <= '9'; f++)
        c->width = c->width * 10 + (*f - '0');
    if (*f == '.') {
        f++;
        c->precision = 0;
        if (*f == '*') {
            c->precision = va_arg(*ap, int);
            f++;
        }
        for (; *f >= '0' && *f <= '9'; f++)
            c->precision = c->precision * 10 + (*f - '0');
    }
    for (; *f == 'l' || *f == 'z'; f++)
        c->longs += *f == 'z' ? 2 : 1;
    return f;
}

static void convert(struct output *o, const struct conversion *c, char kind, va_list *ap)
{
    if (kind == 'd' || kind == 'i') {
        int64_t v = c->longs ? va_arg(*ap, long) : va_arg(*ap, int);
        put_number(o, c, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, v < 0, false);
    } else if (kind == 'u' || kind == 'x' || kind == 'X' || kind == 'o') {
        uint64_t v = c->longs ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned);
        put_number(o, c, v, kind == 'u' ? 10 : kind == 'o' ? 8 : 16, false, kind == 'X');
    } else if (kind == 'p') {
        put(o, '0');
        put(o, 'x');
        put_number(o, c, (uintptr_t)va_arg(*ap, void *), 16, false, false);
    } else if (kind == 's') {
        const char *s = va_arg(*ap, const char *);
        s = s ? s : "(null)";
        put_padded(o, c, s, c->precision >= 0 ? strnlen(s, (size_t)c->precision) : strlen(s), false);
    } else if (kind == 'c') {
        char ch = (char)va_arg(*ap, int);
        put_padded(o, c, &ch, 1, false);
    } else {
        put(o, kind);
    }
}

int vsnprintf(char *to, size_t size, const char *f, va_list args)
{
    struct output o = {to, size, 0};
    va_list ap;
    va_copy(ap, args);
    while (*f) {
        if (*f != '%') {
            put(&o, *f++);
            continue;
        }
        struct conversion c;
        f = parse_conversion(f + 1, &c, &ap);
        if (!*f)
            break;
        convert(&o, &c, *f++, &ap);
    }
    va_end(ap);
    if (size)
        to[o.used < size ? o.used : size - 1] = 0;
    return (int)o.used;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(to, size, format, ap);
    va_end(ap);
    return n;
}
