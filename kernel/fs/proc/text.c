// SPDX-License-Identifier: MIT
#include "kernel/fs/proc/text.h"

#include <linux/errno.h>
#include <stdarg.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/vfs/open_file.h"

void text_bytes(struct text *t, const void *p, size_t size)
{
    if (t->used + size + 1 > t->room && !t->error) {
        size_t room = (t->used + size + 1) * 2;
        char *larger = krealloc(t->data, room);
        if (!larger) {
            t->error = -ENOMEM;
            return;
        }
        t->data = larger;
        t->room = room;
    }
    if (t->error)
        return;
    memcpy(t->data + t->used, p, size);
    t->used += size;
}

void text_put(struct text *t, const char *format, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    text_bytes(t, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

int text_of(struct file *f, text_show *show, uint64_t number)
{
    struct text *t = kzalloc(sizeof(*t));
    f->context = t;
    if (!t)
        return -ENOMEM;
    if (show)
        show(t);
    else
        text_put(t, "%lu\n", number);
    return t->error;
}

static int text_open(struct file *f)
{
    return text_of(f, f->context, 0);
}

// The text as it is now, for who reads from the start again; t->lock is held.
static int renew(struct file *f, struct text *t)
{
    struct file again = {.ops = f->ops, .node = f->node, .context = f->node->context};
    int r = f->ops->open(&again);
    struct text *now = again.context;
    if (!r) {
        kfree(t->data);
        t->data = now->data;
        t->used = now->used;
        t->room = now->room;
    } else if (now) {
        kfree(now->data);
    }
    kfree(now);
    return r;
}

static long text_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct text *t = f->context;
    mutex_lock(&t->lock);
    int r = !offset && t->begun ? renew(f, t) : 0;
    size_t rest = offset < t->used ? t->used - offset : 0;
    size = size < rest ? size : rest;
    t->begun = true;
    if (!r)
        memcpy(to, t->data + offset, size);
    mutex_unlock(&t->lock);
    return r ? r : (long)size;
}

static long text_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    return (long)size; // settings that are not ours to change (oom_score_adj and the like)
}

static void text_release(struct file *f)
{
    struct text *t = f->context;
    if (t)
        kfree(t->data);
    kfree(t);
}

const struct file_ops text_ops = {.open = text_open, .read = text_read, .write = text_write, .release = text_release};
