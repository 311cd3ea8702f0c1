// SPDX-License-Identifier: MIT
//
// Generated text files: a show function writes into a growing buffer when the file is opened.
#pragma once

#include <stddef.h>

struct text {
    char *data;
    size_t used, room;
    int error; // -ENOMEM
};

void text_put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_bytes(struct text *t, const void *p, size_t size);

typedef void text_show(struct text *t);
extern const struct file_ops text_ops; // node->context: a text_show
