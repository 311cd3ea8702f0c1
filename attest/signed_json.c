// SPDX-License-Identifier: MIT
//
// A scanner finds where the signed bytes begin and end; jansson then parses those bytes and no others, so
// what is judged is what was signed, whatever the scanner made of the rest.
#include <string.h>
#include <time.h>

#include "attest/signed_json.h"

struct cursor {
    const char *p;
    size_t left;
};

static void skip(struct cursor *c, size_t n)
{
    c->p += n;
    c->left -= n;
}

static void skip_space(struct cursor *c)
{
    while (c->left && strchr(" \t\r\n", *c->p) && *c->p)
        skip(c, 1);
}

static bool take_char(struct cursor *c, char wanted)
{
    skip_space(c);
    if (!c->left || *c->p != wanted)
        return false;
    skip(c, 1);
    return true;
}

// A string with its quotes; the contents are not decoded.
static bool take_string(struct cursor *c, struct attest_bytes *ret_contents)
{
    skip_space(c);
    if (!c->left || *c->p != '"')
        return false;
    size_t i = 1;
    while (i < c->left && c->p[i] != '"')
        i += c->p[i] == '\\' ? 2 : 1;
    if (i >= c->left)
        return false;
    *ret_contents = (struct attest_bytes){c->p + 1, i - 1};
    skip(c, i + 1);
    return true;
}

// An object with its braces; only nesting and strings are looked at.
static bool take_object(struct cursor *c, struct attest_bytes *ret_object)
{
    struct attest_bytes ignored;
    skip_space(c);
    const char *begin = c->p;
    size_t depth = 0;
    if (!c->left || *c->p != '{')
        return false;
    do {
        if (!c->left)
            return false;
        if (*c->p == '"') {
            if (!take_string(c, &ignored))
                return false;
            continue;
        }
        depth += *c->p == '{';
        depth -= *c->p == '}';
        skip(c, 1);
    } while (depth);
    *ret_object = (struct attest_bytes){begin, (size_t)(c->p - begin)};
    return true;
}

static bool same_text(struct attest_bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && !memcmp(bytes.data, text, bytes.size);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(const char *text, size_t length, uint8_t *ret_bytes, size_t size)
{
    if (length != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

// It is not signed itself, so it has to have one form only: Intel's.
static bool is_lower_case(struct attest_bytes text)
{
    const char *p = text.data;
    for (size_t i = 0; i < text.size; i++)
        if (p[i] >= 'A' && p[i] <= 'F')
            return false;
    return true;
}

// One of the two members, in either order.
static bool take_member(struct cursor *c, const char *name, struct signed_json *json, bool *has_signature)
{
    struct attest_bytes key, value;
    if (!take_string(c, &key) || !take_char(c, ':'))
        return false;
    if (same_text(key, name))
        return !json->body.size && take_object(c, &json->body);
    if (!same_text(key, "signature") || *has_signature)
        return false;
    *has_signature = true;
    return take_string(c, &value) && is_lower_case(value) &&
           hex_decode(value.data, value.size, json->signature, sizeof(json->signature));
}

bool signed_json_parse(struct attest_bytes text, const char *name, struct signed_json *json)
{
    struct cursor c = {text.data, text.size};
    bool has_signature = false;
    memset(json, 0, sizeof(*json));
    while (c.left && !c.p[c.left - 1]) // as C strings travel
        c.left--;
    if (!take_char(&c, '{') || !take_member(&c, name, json, &has_signature) || !take_char(&c, ',') ||
        !take_member(&c, name, json, &has_signature) || !take_char(&c, '}'))
        return false;
    skip_space(&c);
    if (c.left)
        return false;
    json->value = json_loadb(json->body.data, json->body.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json->value))
        return true;
    json_decref(json->value);
    json->value = NULL;
    return false;
}

bool json_member_unsigned(const json_t *object, const char *key, uint32_t max, uint32_t *ret_value)
{
    const json_t *member = json_object_get(object, key);
    if (!json_is_integer(member) || json_integer_value(member) < 0 ||
        json_integer_value(member) > (json_int_t)max)
        return false;
    *ret_value = (uint32_t)json_integer_value(member);
    return true;
}

bool json_member_hex(const json_t *object, const char *key, uint8_t *ret_bytes, size_t size)
{
    const json_t *member = json_object_get(object, key);
    return json_is_string(member) &&
           hex_decode(json_string_value(member), json_string_length(member), ret_bytes, size);
}

static bool has_time_form(const char *text, size_t size)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    if (size != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < size; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

static int number_at(const char *p, int digits)
{
    int value = 0;
    while (digits--)
        value = value * 10 + (*p++ - '0');
    return value;
}

bool json_member_time(const json_t *object, const char *key, int64_t *ret_time)
{
    const json_t *member = json_object_get(object, key);
    const char *text = json_string_value(member);
    if (!text || !has_time_form(text, json_string_length(member)))
        return false;
    struct tm tm = {.tm_year = number_at(text, 4) - 1900,
                    .tm_mon = number_at(text + 5, 2) - 1,
                    .tm_mday = number_at(text + 8, 2),
                    .tm_hour = number_at(text + 11, 2),
                    .tm_min = number_at(text + 14, 2),
                    .tm_sec = number_at(text + 17, 2)};
    const struct tm asked = tm;
    *ret_time = timegm(&tm); // turns the 31st of April into another day: such dates are refused
    return tm.tm_mon == asked.tm_mon && tm.tm_mday == asked.tm_mday && tm.tm_hour == asked.tm_hour &&
           tm.tm_min == asked.tm_min && tm.tm_sec == asked.tm_sec;
}
