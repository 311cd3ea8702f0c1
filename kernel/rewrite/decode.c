// SPDX-License-Identifier: MIT
//
// Intel SDM vol. 2, appendix A. What is not in the tables (VEX and EVEX, far transfers, indirect calls, string instructions with a REP that
// matters, ...) is unknown.
#include "kernel/rewrite/decode.h"

#include <stdbool.h>

struct cursor {
    const uint8_t *code;
    size_t size, at;
    bool operand16, wide; // 66 prefix, REX.W
};

enum { NONE = 0, MODRM = 1, IMM8 = 2, IMM32 = 4, IMM16 = 8, UNKNOWN = 128 };

static int one_byte(uint8_t op, const struct cursor *c)
{
    if (op < 0x40) {
        static const uint8_t low[8] = {MODRM, MODRM, MODRM, MODRM, IMM8, IMM32, UNKNOWN, UNKNOWN};
        return low[op & 7];
    }
    switch (op) {
    case 0x50 ... 0x5f:
    case 0x90 ... 0x99:
    case 0xc9:
        return NONE;
    case 0x68:
    case 0xa9:
        return IMM32;
    case 0x6a:
    case 0xa8:
    case 0xb0 ... 0xb7:
        return IMM8;
    case 0x69:
    case 0x81:
    case 0xc7:
        return MODRM | IMM32;
    case 0x6b:
    case 0x80:
    case 0x83:
    case 0xc0:
    case 0xc1:
    case 0xc6:
        return MODRM | IMM8;
    case 0x63:
    case 0x84 ... 0x8b:
    case 0x8d:
    case 0xd0 ... 0xd3:
        return MODRM;
    case 0xb8 ... 0xbf:
        return c->wide ? UNKNOWN : IMM32;
    case 0xc2:
        return IMM16;
    case 0xc3:
        return NONE;
    default:
        return UNKNOWN;
    }
}

static int two_byte(uint8_t op)
{
    switch (op) {
    case 0x10 ... 0x17:
    case 0x18 ... 0x1f: // hint space
    case 0x28 ... 0x2f:
    case 0x40 ... 0x4f:
    case 0x51 ... 0x6f:
    case 0x74 ... 0x76:
    case 0x7e:
    case 0x7f:
    case 0x90 ... 0x9f:
    case 0xa3:
    case 0xab:
    case 0xaf:
    case 0xb0:
    case 0xb1:
    case 0xb3:
    case 0xb6:
    case 0xb7:
    case 0xbb:
    case 0xbe:
    case 0xbf:
    case 0xc0:
    case 0xc1:
    case 0xd4:
    case 0xd6:
    case 0xdb:
    case 0xeb:
    case 0xef:
    case 0xfa ... 0xfe:
        return MODRM;
    case 0x70:
    case 0xa4:
    case 0xac:
    case 0xba:
    case 0xc6:
        return MODRM | IMM8;
    default:
        return UNKNOWN;
    }
}

static bool take(struct cursor *c, uint8_t *ret)
{
    if (c->at >= c->size)
        return false;
    *ret = c->code[c->at++];
    return true;
}

static bool is_prefix(uint8_t b)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0xf0, 0xf2, 0xf3};
    bool found = false;
    for (unsigned i = 0; i < sizeof(prefixes); i++)
        found |= b == prefixes[i];
    return found;
}

// Prefixes that do not change what moving takes. REX must be the last.
static bool take_prefixes(struct cursor *c, uint8_t *ret_opcode)
{
    uint8_t b;
    do {
        if (!take(c, &b))
            return false;
        c->operand16 |= b == 0x66;
    } while (is_prefix(b));
    if ((b & 0xf0) == 0x40) {
        c->wide = b & 8;
        if (!take(c, &b))
            return false;
    }
    *ret_opcode = b;
    return c->at <= 5;
}

static bool take_modrm(struct cursor *c, uint8_t *ret_modrm, struct instruction *i)
{
    uint8_t m, sib = 0;
    if (!take(c, &m))
        return false;
    unsigned mod = m >> 6, rm = m & 7;
    if (mod != 3 && rm == 4 && !take(c, &sib))
        return false;
    if (mod == 0 && rm == 5)
        i->displacement = (unsigned)c->at;
    c->at += mod == 1 ? 1 : mod == 2 || (mod == 0 && (rm == 5 || (rm == 4 && (sib & 7) == 5))) ? 4 : 0;
    *ret_modrm = m;
    return true;
}

static int relative(struct cursor *c, struct instruction *i, enum instruction_kind kind, unsigned size)
{
    if (c->size - c->at < size || c->at != (kind == INSTRUCTION_BRANCH && size == 4 ? 2 : 1))
        return -1; // with a prefix it may mean something else
    uint32_t value = 0;
    for (unsigned n = 0; n < size; n++)
        value |= (uint32_t)c->code[c->at + n] << 8 * n;
    i->kind = kind;
    i->distance = size == 1 ? (int8_t)value : (int32_t)value;
    i->length = (unsigned)c->at + size;
    return 0;
}

// Group opcodes whose ModRM says more. form is amended; false: unknown.
static bool groups(uint8_t op, uint8_t modrm, int *form, struct instruction *i)
{
    unsigned reg = modrm >> 3 & 7;
    if (op == 0xf6 || op == 0xf7) {
        if (reg < 2)
            *form |= op == 0xf6 ? IMM8 : IMM32;
        return true;
    }
    if (op == 0xfe)
        return reg < 2;
    if (reg == 4)
        i->kind = INSTRUCTION_END;
    return reg != 2 && reg != 3 && reg != 5 && reg != 7; // calls and far transfers
}

static int finish(struct cursor *c, struct instruction *i, int form)
{
    c->at += form & IMM8 ? 1 : 0;
    c->at += form & IMM16 ? 2 : 0;
    c->at += form & IMM32 ? (c->operand16 && !c->wide ? 2 : 4) : 0;
    i->length = (unsigned)c->at;
    return c->at <= c->size && c->at <= INSTRUCTION_MAX ? 0 : -1;
}

int instruction_decode(const uint8_t *code, size_t size, struct instruction *ret)
{
    struct cursor c = {.code = code, .size = size};
    struct instruction i = {.kind = INSTRUCTION_PLAIN};
    uint8_t op, modrm = 0;
    int r = -1;
    if (!take_prefixes(&c, &op))
        return -1;
    bool extended = op == 0x0f;
    if (extended && !take(&c, &op))
        return -1;
    if (!extended && op >= 0x70 && op <= 0x7f) {
        i.condition = op & 15;
        r = relative(&c, &i, INSTRUCTION_BRANCH, 1);
    } else if (extended && op >= 0x80 && op <= 0x8f) {
        i.condition = op & 15;
        r = relative(&c, &i, INSTRUCTION_BRANCH, 4);
    } else if (!extended && (op == 0xeb || op == 0xe9)) {
        r = relative(&c, &i, INSTRUCTION_JUMP, op == 0xeb ? 1 : 4);
    } else if (!extended && op == 0xe8) {
        r = relative(&c, &i, INSTRUCTION_CALL, 4);
    } else {
        bool group = !extended && (op == 0xf6 || op == 0xf7 || op == 0xfe || op == 0xff);
        int form = group ? MODRM : extended ? two_byte(op) : one_byte(op, &c);
        if (form & UNKNOWN || ((form & MODRM) && !take_modrm(&c, &modrm, &i)) || (group && !groups(op, modrm, &form, &i)))
            return -1;
        if (!extended && (op == 0xc6 || op == 0xc7) && (modrm & 0x38))
            return -1; // XABORT, XBEGIN
        if (!extended && (op == 0xc2 || op == 0xc3))
            i.kind = INSTRUCTION_END;
        r = finish(&c, &i, form);
    }
    if (!r)
        *ret = i;
    return r;
}
