// SPDX-License-Identifier: MIT
#include "cli/config/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

static unsigned line_of(const char *text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static int refuse(struct document_error *ret, unsigned line, const char *reason)
{
    ret->line = line;
    snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
    return -EINVAL;
}

static int parse(struct document *d, struct document_error *ret_error)
{
    json_error_t e;
    const char *nul = memchr(d->text, 0, d->size); // jansson would read over it
    if (nul)
        return refuse(ret_error, line_of(d->text, (size_t)(nul - d->text)), "a NUL byte");
    d->root = json_loadb(d->text, d->size, JSON_REJECT_DUPLICATES, &e);
    if (!d->root) {
        enum json_error_code code = json_error_code(&e);
        if (code == json_error_out_of_memory)
            return -ENOMEM;
        return refuse(ret_error, e.line > 0 ? (unsigned)e.line : 1,
                      code == json_error_null_character ? "a NUL character in a string" : e.text);
    }
    if (json_is_object(d->root))
        return 0;
    return refuse(ret_error, 1, "the configuration must be one object: { ... }");
}

int document_parse(const char *text, size_t size, struct document *ret, struct document_error *ret_error)
{
    struct document d = {.text = malloc(size + 1), .size = size};
    if (!d.text)
        return -ENOMEM;
    memcpy(d.text, text, size);
    d.text[size] = 0;
    blank_comments(d.text, size);
    blank_trailing_commas(d.text, size);
    int r = parse(&d, ret_error);
    if (r)
        document_free(&d);
    else
        *ret = d;
    return r;
}

void document_free(struct document *d)
{
    json_decref(d->root);
    free(d->text);
    *d = (struct document){0};
}

static size_t skip_space(const struct document *d, size_t at)
{
    while (at < d->size && is_space(d->text[at]))
        at++;
    return at;
}

// Behind the value that starts at `at`. The text is known to be valid.
static size_t skip_value(const struct document *d, size_t at)
{
    unsigned depth = 0;
    while (at < d->size) {
        char c = d->text[at];
        if (c == '"') {
            at = string_end(d->text, d->size, at);
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
static size_t find_member(const struct document *d, size_t at, bool object, int index)
{
    at = skip_space(d, at + 1);
    while (index-- > 0) {
        if (object)
            at = skip_space(d, skip_space(d, string_end(d->text, d->size, at)) + 1);
        at = skip_space(d, skip_value(d, at));
        at = skip_space(d, at + 1); // the comma
    }
    return at;
}

unsigned document_line(const struct document *d, int index, int element)
{
    const char *open = strchr(d->text, '{');
    if (!open)
        return 1;
    size_t at = find_member(d, (size_t)(open - d->text), true, index);
    if (element >= 0) {
        at = skip_space(d, skip_space(d, string_end(d->text, d->size, at)) + 1);
        if (at < d->size && d->text[at] == '[')
            at = find_member(d, at, false, element);
    }
    return line_of(d->text, at < d->size ? at : d->size);
}
