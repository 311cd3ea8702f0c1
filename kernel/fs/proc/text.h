// SPDX-License-Identifier: MIT
//
// Generated text files: a show function writes into a growing buffer when the file is opened, and
// again when it is read from its start once more: what changes can be watched through one descriptor.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sync/sync.h"

struct text {
    char *data;
    size_t used, room;
    int error; // -ENOMEM
    struct mutex lock; // readers', of the rest
    bool begun;        // somebody has read
};

void text_put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_bytes(struct text *t, const void *p, size_t size);

typedef void text_show(struct text *t);
extern const struct file_ops text_ops; // node->context: a text_show
struct file;
// For an open operation: the text of show, or of a number.
int text_of(struct file *f, text_show *show, uint64_t number);
