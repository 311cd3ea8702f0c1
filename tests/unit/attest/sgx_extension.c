// SPDX-License-Identifier: MIT
#include "tests/unit/attest/sgx_extension.h"

#include <string.h>

#include "attest/der.h"
#include "tests/unit/check.h"

const uint8_t extension_fmspc[6] = {0x00, 0x80, 0x6f, 0x05, 0x00, 0x00};

struct blob {
    uint8_t bytes[1024];
    size_t size;
};

static void append(struct blob *to, const void *data, size_t size)
{
    CHECK(size <= sizeof(to->bytes) - to->size);
    memcpy(to->bytes + to->size, data, size);
    to->size += size;
}

static void element(struct blob *to, enum der_tag tag, const void *data, size_t size)
{
    const uint8_t short_head[] = {(uint8_t)tag, (uint8_t)size},
                  long_head[] = {(uint8_t)tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size},
                  middle_head[] = {(uint8_t)tag, 0x81, (uint8_t)size};
    if (size < 0x80)
        append(to, short_head, sizeof(short_head));
    else if (size < 0x100)
        append(to, middle_head, sizeof(middle_head));
    else
        append(to, long_head, sizeof(long_head));
    append(to, data, size);
}

// A pair of 1.2.840.113741.1.13.1.first[.second] and a value.
static void pair(struct blob *to, uint8_t first, uint8_t second, enum der_tag tag, const void *data, size_t size)
{
    const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, first, second};
    struct blob both = {.size = 0};
    element(&both, DER_OID, oid, sizeof(oid) - !second);
    element(&both, tag, data, size);
    element(to, DER_SEQUENCE, both.bytes, both.size);
}

static void number(struct blob *to, uint8_t first, uint8_t second, unsigned value)
{
    const uint8_t bytes[] = {0, (uint8_t)(value >> 8), (uint8_t)value};
    const size_t skip = value > 0x7fff ? 0 : value > 0x7f ? 1 : 2; // a leading bit would be a sign
    pair(to, first, second, DER_INTEGER, bytes + skip, sizeof(bytes) - skip);
}

static void tcb(struct blob *to, const struct extension_shape *s)
{
    struct blob list = {.size = 0};
    for (int k = 1; k <= 18; k++) {
        const int i = s->tcb_backwards ? 19 - k : k;
        if (i == 18)
            pair(&list, 2, 18, DER_OCTET_STRING, s->component, sizeof(s->component));
        else
            number(&list, 2, (uint8_t)i, i == 17 ? s->pcesvn : s->component[i - 1]);
    }
    pair(to, 2, 0, DER_SEQUENCE, list.bytes, list.size);
}

static void configuration(struct blob *to, const struct extension_shape *s)
{
    const uint8_t no = 0;
    struct blob list = {.size = 0};
    pair(&list, 7, 3, DER_BOOLEAN, &no, 1);
    pair(&list, 7, 1, DER_BOOLEAN, &s->boolean_true, 1);
    pair(to, 7, 0, DER_SEQUENCE, list.bytes, list.size);
}

static void item(struct blob *to, char name, const struct extension_shape *s)
{
    static const uint8_t ppid[16] = {0x11, 0x22}, pceid[2], instance[16] = {0x66, 0x77}, type = 2;
    switch (name) {
    case '1':
        return pair(to, 1, 0, DER_OCTET_STRING, ppid, sizeof(ppid));
    case '2':
        return tcb(to, s);
    case '3':
        return pair(to, 3, 0, DER_OCTET_STRING, pceid, sizeof(pceid));
    case '4':
        return pair(to, 4, 0, DER_OCTET_STRING, extension_fmspc, sizeof(extension_fmspc));
    case '5':
        return pair(to, 5, 0, DER_ENUMERATED, &type, 1);
    case '6':
        return pair(to, 6, 0, DER_OCTET_STRING, instance, sizeof(instance));
    case '7':
        return configuration(to, s);
    default: // what nobody knows yet
        return number(to, 100, 0, 1);
    }
}

ASN1_OCTET_STRING *extension_make(const struct extension_shape *s)
{
    struct blob list = {.size = 0}, whole = {.size = 0};
    ASN1_OCTET_STRING *ret = ASN1_OCTET_STRING_new();
    for (const char *p = s->order; *p; p++)
        item(&list, *p, s);
    element(&whole, DER_SEQUENCE, list.bytes, list.size);
    CHECK(ret && ASN1_OCTET_STRING_set(ret, whole.bytes, (int)whole.size) == 1);
    return ret;
}
