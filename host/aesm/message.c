// SPDX-License-Identifier: MIT
#include "host/aesm/message.h"

#include <errno.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5, VARINT_MAX = 10 };

static void put_raw(struct aesm_writer *w, const void *data, size_t size)
{
    if (w->overflow || size > w->size - w->used) {
        w->overflow = true;
        return;
    }
    memcpy(w->data + w->used, data, size);
    w->used += size;
}

static void put_varint(struct aesm_writer *w, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    size_t n = 0;
    do {
        bytes[n] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
        n++;
    } while (value);
    put_raw(w, bytes, n);
}

void aesm_put_number(struct aesm_writer *w, uint32_t field, uint64_t value)
{
    put_varint(w, (uint64_t)field << 3 | WIRE_VARINT);
    put_varint(w, value);
}

void aesm_put_bytes(struct aesm_writer *w, uint32_t field, const void *data, size_t size)
{
    put_varint(w, (uint64_t)field << 3 | WIRE_BYTES);
    put_varint(w, size);
    put_raw(w, data, size);
}

static int get_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_MAX && *at < end; i++) {
        uint8_t byte = *(*at)++;
        if (i == VARINT_MAX - 1 && byte > 1) // more than 64 bits
            return -EBADMSG;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            *ret = value;
            return 0;
        }
    }
    return -EBADMSG;
}

static int get_bytes(const uint8_t **at, const uint8_t *end, uint64_t size, struct aesm_field *ret)
{
    if (size > (uint64_t)(end - *at))
        return -EBADMSG;
    ret->is_bytes = true;
    ret->data = *at;
    ret->size = (size_t)size;
    *at += size;
    return 1;
}

int aesm_next(const uint8_t **at, const uint8_t *end, struct aesm_field *ret)
{
    uint64_t key, size;
    if (*at == end)
        return 0;
    if (get_varint(at, end, &key) || key >> 3 == 0 || key >> 3 > 0x1fffffff)
        return -EBADMSG;
    *ret = (struct aesm_field){.number = (uint32_t)(key >> 3)};
    switch (key & 7) {
    case WIRE_VARINT:
        return get_varint(at, end, &ret->value) ? -EBADMSG : 1;
    case WIRE_BYTES:
        return get_varint(at, end, &size) ? -EBADMSG : get_bytes(at, end, size, ret);
    case WIRE_FIXED64: // not in any message we know; skipped as protobuf demands
        return get_bytes(at, end, 8, ret);
    case WIRE_FIXED32:
        return get_bytes(at, end, 4, ret);
    default:
        return -EBADMSG;
    }
}

int aesm_find(const uint8_t *data, size_t size, uint32_t number, struct aesm_field *ret)
{
    const uint8_t *at = data, *end = data + size;
    struct aesm_field field;
    bool found = false;
    int r;
    while ((r = aesm_next(&at, end, &field)) == 1)
        if (field.number == number) {
            *ret = field;
            found = true;
        }
    return r ? r : found ? 0 : -ENOENT;
}
