// SPDX-License-Identifier: MIT
#include "cli/config/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// The end of the string that starts at text[at], a quotation mark: behind the closing one, or size.
static size_t string_end(const char *text, size_t size, size_t at)
{
    for (at++; at < size && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at < size ? at + 1 : size;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void blank_comments(char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        if (text[i] == '"') {
            i = string_end(text, size, i);
        } else if (text[i] == '/' && i + 1 < size && text[i + 1] == '/') {
            while (i < size && text[i] != '\n')
                text[i++] = ' ';
        } else {
            i++;
        }
    }
}

// A comma directly before a closing bracket; one comma only, and not behind an opening bracket or another comma.
static void blank_trailing_commas(char *text, size_t size)
{
    char before = 0; // last character that is no space
    for (size_t i = 0; i < size;) {
        char c = text[i];
        if (c == ',' && before && !strchr("[{,:", before)) {
            size_t next = i + 1;
            while (next < size && is_space(text[next]))
                next++;
            if (next < size && (text[next] == ']' || text[next] == '}'))
                text[i] = ' ';
        }
        if (!is_space(c))
            before = c;
        i = c == '"' ? string_end(text, size, i) : i + 1;
    }
}

// What cJSON would let through although no one can have meant it.
static const char *find_forbidden(const char *text, size_t size, size_t *ret_at)
{
    for (size_t i = 0; i < size;) {
        *ret_at = i;
        if (text[i] != '"') {
            if (!text[i])
                return "a NUL byte";
            i++;
            continue;
        }
        size_t end = string_end(text, size, i);
        for (; i < end; i++) {
            *ret_at = i;
            if ((unsigned char)text[i] < 0x20)
                return "a string that is not closed on its line";
            if (text[i] == '\\' && i + 5 < end && !memcmp(text + i, "\\u0000", 6))
                return "a NUL character in a string";
            if (text[i] == '\\')
                i++;
        }
        i = end;
    }
    return NULL;
}

static unsigned line_of(const char *text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static const char *parse(struct json *j, size_t *ret_at)
{
    const char *forbidden = find_forbidden(j->text, j->size, ret_at);
    if (forbidden)
        return forbidden;
    const char *end = NULL;
    j->root = cJSON_ParseWithLengthOpts(j->text, j->size + 1, &end, true);
    *ret_at = end ? (size_t)(end - j->text) : 0;
    if (!j->root)
        return "not valid JSON here";
    *ret_at = 0;
    return cJSON_IsObject(j->root) ? NULL : "the configuration must be one object: { ... }";
}

int json_parse(const char *text, size_t size, struct json *ret, unsigned *ret_line, const char **ret_reason)
{
    struct json j = {.text = malloc(size + 1), .size = size};
    if (!j.text)
        return -ENOMEM;
    memcpy(j.text, text, size);
    j.text[size] = 0;
    blank_comments(j.text, size);
    blank_trailing_commas(j.text, size);
    size_t at;
    const char *reason = parse(&j, &at);
    if (!reason) {
        *ret = j;
        return 0;
    }
    *ret_line = line_of(j.text, at < size ? at : size);
    *ret_reason = reason;
    json_free(&j);
    return -EINVAL;
}

void json_free(struct json *j)
{
    cJSON_Delete(j->root);
    free(j->text);
    *j = (struct json){0};
}

static size_t skip_space(const struct json *j, size_t at)
{
    while (at < j->size && is_space(j->text[at]))
        at++;
    return at;
}

// Behind the value that starts at `at`. The text is known to be valid.
static size_t skip_value(const struct json *j, size_t at)
{
    unsigned depth = 0;
    while (at < j->size) {
        char c = j->text[at];
        if (c == '"') {
            at = string_end(j->text, j->size, at);
            if (!depth)
                return at;
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && depth && !--depth)
            return at + 1;
        else if (!depth && (c == ',' || c == '}' || c == ']' || is_space(c)))
            return at;
        at++;
    }
    return at;
}

// The place of the index-th member of the container that opens at `at`.
static size_t find_member(const struct json *j, size_t at, bool object, int index)
{
    at = skip_space(j, at + 1);
    while (index-- > 0) {
        if (object)
            at = skip_space(j, skip_space(j, string_end(j->text, j->size, at)) + 1);
        at = skip_space(j, skip_value(j, at));
        at = skip_space(j, at + 1); // the comma
    }
    return at;
}

unsigned json_line(const struct json *j, int index, int element)
{
    const char *open = strchr(j->text, '{');
    if (!open)
        return 1;
    size_t at = find_member(j, (size_t)(open - j->text), true, index);
    if (element >= 0) {
        at = skip_space(j, skip_space(j, string_end(j->text, j->size, at)) + 1);
        if (at < j->size && j->text[at] == '[')
            at = find_member(j, at, false, element);
    }
    return line_of(j->text, at < j->size ? at : j->size);
}
