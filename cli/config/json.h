// SPDX-License-Identifier: MIT
//
// JSON as configuration files are written: with // comments and trailing commas, and with line numbers for messages.
//
// The parser is jansson. It knows neither, so a small pass before it blanks out both without moving a byte, and another finds the place
// of a member again.
#pragma once

#include <jansson.h>
#include <stddef.h>

struct document {
    char *text; // blanked copy, NUL-terminated
    size_t size;
    json_t *root; // an object; its members are in the order of the text
};

struct document_error {
    unsigned line;
    char reason[JSON_ERROR_TEXT_LENGTH];
};

// Parses. 0; -EINVAL with *ret_error; -ENOMEM.
int document_parse(const char *text, size_t size, struct document *ret, struct document_error *ret_error);
void document_free(struct document *d);

// The line of the index-th member of the top-level object, and of the element-th value of that member's list (-1: of the member itself).
unsigned document_line(const struct document *d, int index, int element);
