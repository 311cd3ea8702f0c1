// SPDX-License-Identifier: MIT
//
// JSON as configuration files are written: with // comments and trailing commas, and with line numbers for messages.
//
// The parser is cJSON. It knows neither, so a small pass before it blanks out both without moving a byte, and another finds the place
// of a member again.
#pragma once

#include <cjson/cJSON.h>
#include <stddef.h>

struct json {
    char *text; // blanked copy, NUL-terminated
    size_t size;
    cJSON *root;
};

// Parses. 0; -EINVAL with *ret_line and *ret_reason (static text); -ENOMEM.
int json_parse(const char *text, size_t size, struct json *ret, unsigned *ret_line, const char **ret_reason);
void json_free(struct json *j);

// The line of the index-th member of the top-level object, and of the element-th value of that member's list (-1: of the member itself).
unsigned json_line(const struct json *j, int index, int element);
