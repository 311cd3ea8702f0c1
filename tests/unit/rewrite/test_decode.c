// SPDX-License-Identifier: MIT
//
// The length decoder and code relocation against a full decoder, over the executable sections of the files that are named.
// What decode.c knows must have the length, the kind and the displacement that Zydis finds; what relocate.c writes must be the same
// instructions with the same targets.
#include <Zydis/Zydis.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/rewrite/decode.h"
#include "kernel/rewrite/relocate.h"

enum { SHOWN = 20, SPAN_MOST = 5, MOVED_ROOM = 128, CALL_SIZE = 18, EXHAUSTIVE_SIZE = 1 << 19 };

static ZydisDecoder decoder;
static uint64_t compared, known, moved, failures;

static void complain(const char *what, const uint8_t *code, size_t size)
{
    if (failures++ >= SHOWN)
        return;
    printf("FAILED: %s:", what);
    for (size_t i = 0; i < size && i < INSTRUCTION_MAX; i++)
        printf(" %02x", code[i]);
    printf("\n");
}

static bool full_decode(const uint8_t *code, size_t size, ZydisDecodedInstruction *ret, ZydisDecodedOperand *operands)
{
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, size, ret, operands));
}

// Offset of a RIP-relative displacement in an instruction, 0: none.
static unsigned rip_displacement(const ZydisDecodedInstruction *z)
{
    bool relative = (z->attributes & ZYDIS_ATTRIB_HAS_MODRM) && z->raw.modrm.mod == 0 && z->raw.modrm.rm == 5;
    return relative ? z->raw.disp.offset : 0;
}

static bool leaves(const ZydisDecodedInstruction *z)
{
    switch (z->meta.category) {
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_COND_BR:
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSRET:
    case ZYDIS_CATEGORY_INTERRUPT:
        return true;
    default:
        return false;
    }
}

static bool kind_is_right(const struct instruction *i, const ZydisDecodedInstruction *z)
{
    switch (i->kind) {
    case INSTRUCTION_BRANCH:
        return z->meta.category == ZYDIS_CATEGORY_COND_BR && z->raw.imm[0].is_relative && z->raw.imm[0].value.s == i->distance &&
               (z->opcode & 15) == i->condition;
    case INSTRUCTION_JUMP:
        return z->meta.category == ZYDIS_CATEGORY_UNCOND_BR && z->raw.imm[0].is_relative && z->raw.imm[0].value.s == i->distance;
    case INSTRUCTION_CALL:
        return z->meta.category == ZYDIS_CATEGORY_CALL && z->raw.imm[0].is_relative && z->raw.imm[0].value.s == i->distance;
    case INSTRUCTION_END:
        return z->meta.category == ZYDIS_CATEGORY_RET ||
               (z->meta.category == ZYDIS_CATEGORY_UNCOND_BR && !z->raw.imm[0].is_relative);
    case INSTRUCTION_PLAIN:
        return !leaves(z) && !z->raw.imm[0].is_relative;
    }
    return false;
}

// What Zydis refuses cannot be executed; a decoder of lengths need not know that.
static void compare_decoded(const uint8_t *code, size_t size)
{
    struct instruction i;
    ZydisDecodedInstruction z;
    compared++;
    if (instruction_decode(code, size, &i))
        return;
    if (i.length > size || i.length > INSTRUCTION_MAX)
        return complain("longer than what is there", code, size);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, code, size, &z)))
        return;
    known++;
    if (i.length != z.length)
        complain("length", code, z.length);
    else if (i.kind == INSTRUCTION_PLAIN && i.displacement != rip_displacement(&z))
        complain("displacement", code, z.length);
    else if (i.kind == INSTRUCTION_END && i.displacement != rip_displacement(&z))
        complain("displacement of a jump", code, z.length);
    else if (!kind_is_right(&i, &z))
        complain("kind", code, z.length);
}

static bool same_operand(const ZydisDecodedInstruction *a, const ZydisDecodedOperand *x, uint64_t x_at, const ZydisDecodedInstruction *b,
                         const ZydisDecodedOperand *y, uint64_t y_at)
{
    ZyanU64 from, to;
    if (x->type != y->type || x->size != y->size)
        return false;
    switch (x->type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
        return x->reg.value == y->reg.value;
    case ZYDIS_OPERAND_TYPE_MEMORY:
        if (x->mem.base != y->mem.base || x->mem.index != y->mem.index || x->mem.scale != y->mem.scale || x->mem.segment != y->mem.segment)
            return false;
        if (x->mem.base != ZYDIS_REGISTER_RIP && x->mem.base != ZYDIS_REGISTER_EIP)
            return x->mem.disp.value == y->mem.disp.value;
        return ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(a, x, x_at, &from)) && ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(b, y, y_at, &to)) &&
               from == to;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        if (!x->imm.is_relative)
            return x->imm.value.u == y->imm.value.u;
        return y->imm.is_relative && ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(a, x, x_at, &from)) &&
               ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(b, y, y_at, &to)) && from == to;
    default:
        return true;
    }
}

static bool same_instruction(const uint8_t *a, size_t a_size, uint64_t a_at, const uint8_t *b, size_t b_size, uint64_t b_at)
{
    ZydisDecodedInstruction za, zb;
    ZydisDecodedOperand x[ZYDIS_MAX_OPERAND_COUNT], y[ZYDIS_MAX_OPERAND_COUNT];
    if (!full_decode(a, a_size, &za, x) || !full_decode(b, b_size, &zb, y))
        return false;
    bool branch = za.meta.category == ZYDIS_CATEGORY_COND_BR || za.meta.category == ZYDIS_CATEGORY_UNCOND_BR;
    bool same = za.mnemonic == zb.mnemonic && za.operand_count == zb.operand_count && (branch || za.attributes == zb.attributes);
    for (unsigned i = 0; same && i < za.operand_count; i++)
        same = (branch && x[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && x[i].size != y[i].size)
                   ? x[i].imm.is_relative && (uint64_t)x[i].imm.value.s + a_at + za.length == (uint64_t)y[i].imm.value.s + b_at + zb.length
                   : same_operand(&za, &x[i], a_at, &zb, &y[i], b_at);
    return same;
}

// push $low; movl $high, 4(%rsp); jmp: what a call to `target` does that stands before `back`.
static bool is_call(const uint8_t *copy, size_t size, uint64_t at, uint64_t target, uint64_t back)
{
    uint32_t low, high;
    int32_t distance;
    if (size != CALL_SIZE || copy[0] != 0x68 || memcmp(copy + 5, "\xc7\x44\x24\x04", 4) || copy[13] != 0xe9)
        return false;
    memcpy(&low, copy + 1, 4);
    memcpy(&high, copy + 9, 4);
    memcpy(&distance, copy + 14, 4);
    return ((uint64_t)high << 32 | low) == back && at + CALL_SIZE + (uint64_t)(int64_t)distance == target;
}

// Moves what starts at `code` and follows both copies instruction by instruction.
static void compare_moved(const uint8_t *code, size_t size, uint64_t from, uint64_t to)
{
    uint8_t copy[MOVED_ROOM], starts[SPAN_MOST];
    size_t length = relocate(code, size, from, SPAN_MOST, to, copy, sizeof(copy), starts);
    if (!length)
        return;
    size_t at = 0, there = 0;
    while (at < SPAN_MOST && there < length) {
        struct instruction i;
        ZydisDecodedInstruction z;
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, code + at, size - at, &z)))
            return; // nothing that could be executed
        bool known_start = !instruction_decode(code + at, size - at, &i) && starts[at] == there;
        if (known_start && i.kind == INSTRUCTION_CALL) {
            uint64_t back = from + at + i.length;
            if (!is_call(copy + there, length - there, to + there, back + (uint64_t)(int64_t)i.distance, back))
                complain("moved call", code + at, size - at);
            moved++;
            return;
        }
        if (!known_start ||
            !same_instruction(code + at, size - at, from + at, copy + there, length - there, to + there))
            return complain("moved", code + at, size - at);
        moved++;
        at += i.length;
        if (i.kind == INSTRUCTION_END || i.kind == INSTRUCTION_JUMP)
            return;
        there += i.kind == INSTRUCTION_BRANCH ? 6 : i.length;
    }
    int32_t distance;
    if (length != there + 5 || copy[there] != 0xe9)
        return complain("no jump back", code, size);
    memcpy(&distance, copy + there + 1, 4);
    if (to + length + (uint64_t)(int64_t)distance != from + at)
        complain("jump back", code, size);
}

// Where instructions really start, as far as a linear sweep tells; for what is small, everywhere.
static void compare_section(const uint8_t *code, size_t size, uint64_t address)
{
    for (size_t at = 0; at < size;) {
        ZydisDecodedInstruction z;
        size_t left = size - at;
        compare_decoded(code + at, left);
        compare_moved(code + at, left, address + at, address + at / 2 - 0x10000000);
        at += ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, code + at, left, &z)) ? z.length : 1;
    }
    for (size_t at = 0; at < size && size <= EXHAUSTIVE_SIZE; at++)
        compare_decoded(code + at, size - at);
    for (size_t left = 0; left < INSTRUCTION_MAX && left < size; left++) // cut off
        compare_decoded(code + size - left, left);
}

static bool compare_sections(const uint8_t *file, size_t size)
{
    const Elf64_Ehdr *e = (const void *)file;
    if (size < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_machine != EM_X86_64 || e->e_ident[EI_CLASS] != ELFCLASS64 ||
        e->e_shoff > size || e->e_shoff % 8 || (size - e->e_shoff) / sizeof(Elf64_Shdr) < e->e_shnum)
        return false;
    const Elf64_Shdr *s = (const void *)(file + e->e_shoff);
    for (unsigned i = 0; i < e->e_shnum; i++)
        if (s[i].sh_type == SHT_PROGBITS && (s[i].sh_flags & SHF_EXECINSTR) && s[i].sh_offset <= size &&
            s[i].sh_size <= size - s[i].sh_offset)
            compare_section(file + s[i].sh_offset, s[i].sh_size, s[i].sh_addr + 0x100000000);
    return true;
}

static bool compare_file(const char *path)
{
    struct stat st;
    bool done = false;
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return false;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0) {
        uint8_t *file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED) {
            done = compare_sections(file, (size_t)st.st_size);
            munmap(file, (size_t)st.st_size);
        }
    }
    close(fd);
    return done;
}

// Every opcode of one and two bytes, with prefixes, and every ModRM: more than programs of this machine happen to use.
static void compare_generated(void)
{
    static const uint8_t prefixes[][3] = {{0},    {0x66}, {0x48}, {0x66, 0x48}, {0xf2},      {0xf3},
                                          {0xf0}, {0x64}, {0x41}, {0x66, 0x44}, {0x48, 0x66}};
    static const uint8_t lengths[] = {0, 1, 1, 2, 1, 1, 1, 1, 1, 2, 2};
    for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++)
        for (unsigned extended = 0; extended < 2; extended++)
            for (unsigned op = 0; op < 256; op++)
                for (unsigned modrm = 0; modrm < 256; modrm++)
                    for (unsigned sib = 0x25; sib < 0x100; sib += 0x60) {
                        uint8_t code[24] = {0};
                        size_t n = lengths[p];
                        memcpy(code, prefixes[p], n);
                        if (extended)
                            code[n++] = 0x0f;
                        code[n] = (uint8_t)op, code[n + 1] = (uint8_t)modrm, code[n + 2] = (uint8_t)sib;
                        memset(code + n + 3, 0x11, sizeof(code) - n - 3);
                        compare_decoded(code, sizeof(code));
                    }
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
        return 1;
    compare_generated();
    for (int i = 1; i < argc; i++)
        files += compare_file(argv[i]);
    printf("%u files, %lu places, %lu known instructions, %lu moved, %lu failures\n", files, compared, known, moved, failures);
    return failures || !known || (argc > 1 && (!files || !moved));
}
