// SPDX-License-Identifier: MIT
#include "kernel/rewrite/relocate.h"

#include <stdbool.h>

#include "kernel/lib/klib.h"
#include "kernel/rewrite/decode.h"

struct output {
    uint8_t *bytes;
    size_t used, room;
    uint64_t address; // of bytes[0]
};

static bool put(struct output *o, const void *bytes, size_t size)
{
    if (size > o->room - o->used)
        return false;
    memcpy(o->bytes + o->used, bytes, size);
    o->used += size;
    return true;
}

// `opcode` followed by the distance to an absolute target.
static bool put_jump(struct output *o, const uint8_t *opcode, size_t opcode_size, uint64_t target)
{
    int64_t distance = (int64_t)(target - (o->address + o->used + opcode_size + 4));
    int32_t narrow = (int32_t)distance;
    return distance == narrow && put(o, opcode, opcode_size) && put(o, &narrow, 4);
}

// What a call does, as it stood before it: who looks for callers finds its own place, and the callee returns there.
static bool put_call(struct output *o, uint64_t target, uint64_t back)
{
    const uint8_t push[1] = {0x68}, store_high[4] = {0xc7, 0x44, 0x24, 0x04}, jump[1] = {0xe9}; // push $low; movl $high, 4(%rsp); jmp
    const uint32_t low = (uint32_t)back, high = (uint32_t)(back >> 32);
    return put(o, push, sizeof(push)) && put(o, &low, 4) && put(o, store_high, sizeof(store_high)) && put(o, &high, 4) &&
           put_jump(o, jump, sizeof(jump), target);
}

static bool put_instruction(struct output *o, const struct instruction *i, const uint8_t *code, uint64_t from)
{
    uint64_t end = from + i->length;
    const uint8_t branch[2] = {0x0f, (uint8_t)(0x80 | i->condition)}, jump[1] = {0xe9};
    switch (i->kind) {
    case INSTRUCTION_BRANCH:
        return put_jump(o, branch, sizeof(branch), end + (uint64_t)(int64_t)i->distance);
    case INSTRUCTION_JUMP:
        return put_jump(o, jump, sizeof(jump), end + (uint64_t)(int64_t)i->distance);
    case INSTRUCTION_CALL:
        return put_call(o, end + (uint64_t)(int64_t)i->distance, end);
    case INSTRUCTION_PLAIN:
    case INSTRUCTION_END:
        break;
    }
    size_t start = o->used;
    if (!put(o, code, i->length))
        return false;
    if (!i->displacement)
        return true;
    int32_t old;
    memcpy(&old, code + i->displacement, 4);
    int64_t moved = (int64_t)old + (int64_t)(from - (o->address + start));
    int32_t narrow = (int32_t)moved;
    memcpy(o->bytes + start + i->displacement, &narrow, 4);
    return moved == narrow;
}

size_t relocate(const uint8_t *code, size_t size, uint64_t from, size_t span, uint64_t to, uint8_t *ret, size_t room,
                uint8_t starts[])
{
    struct output o = {.bytes = ret, .room = room, .address = to};
    size_t at = 0;
    bool ended = false;
    memset(starts, 0xff, span);
    while (at < span && !ended) {
        struct instruction i;
        if (instruction_decode(code + at, size - at, &i) || (i.kind == INSTRUCTION_CALL && at + i.length < span))
            return 0; // a callee would return to what is not there any more
        starts[at] = (uint8_t)o.used;
        if (!put_instruction(&o, &i, code + at, from + at))
            return 0;
        ended = i.kind != INSTRUCTION_PLAIN && i.kind != INSTRUCTION_BRANCH;
        at += i.length;
    }
    const uint8_t jump[1] = {0xe9};
    if (!ended && !put_jump(&o, jump, sizeof(jump), from + at))
        return 0;
    return o.used;
}
