// SPDX-License-Identifier: MIT
#include "attest/der.h"

// The length that stands at p[1]; its own size in *ret_size. False when it is not minimal or larger than
// 2^24.
static bool length_at(const uint8_t *p, size_t left, size_t *ret_length, size_t *ret_size)
{
    if (left < 2)
        return false;
    const size_t octets = p[1] & 0x80 ? p[1] & 0x7fu : 0;
    if ((p[1] & 0x80) && (octets < 1 || octets > 3 || left < 2 + octets))
        return false;
    size_t length = octets ? 0 : p[1];
    for (size_t i = 0; i < octets; i++)
        length = length << 8 | p[2 + i];
    if (octets && (length < 0x80 || length >> (8 * (octets - 1)) == 0))
        return false;
    *ret_length = length;
    *ret_size = 1 + octets;
    return true;
}

bool der_take(struct attest_bytes *input, enum der_tag tag, struct attest_bytes *ret_content)
{
    const uint8_t *p = input->data;
    size_t length, length_size;
    if (!length_at(p, input->size, &length, &length_size) || p[0] != tag)
        return false;
    const size_t head = 1 + length_size;
    if (length > input->size - head)
        return false;
    *ret_content = (struct attest_bytes){p + head, length};
    *input = (struct attest_bytes){p + head + length, input->size - head - length};
    return true;
}

bool der_take_unsigned(struct attest_bytes *input, uint32_t max, uint32_t *ret_value)
{
    struct attest_bytes content;
    if (!der_take(input, DER_INTEGER, &content) || content.size < 1 || content.size > 4)
        return false;
    const uint8_t *p = content.data;
    if ((p[0] & 0x80) || (content.size > 1 && p[0] == 0 && !(p[1] & 0x80)))
        return false;
    uint32_t value = 0;
    for (size_t i = 0; i < content.size; i++)
        value = value << 8 | p[i];
    *ret_value = value;
    return value <= max;
}
