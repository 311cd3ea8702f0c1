// SPDX-License-Identifier: MIT
//
// Turns the site of a trapping system call into a jump to the kernel. Two ways:
//
// 1. Five bytes for two:
//      site:  syscall; A; B...  ->  site:  jmp stub
//      stub:  lea back(%rip), %rcx; jmp *%gs:THREAD_BLOCK_SYSCALL_ENTRY; back: A; B; jmp behind B
//    Somebody may jump to A or B (or a thread may be about to return there): the stub is placed so that the last three bytes of the
//    jump are undefined instructions each, and the trap continues at the copy (landing.c). So nothing needs to be known about the
//    function around the site. The store is one aligned word, or nobody else runs here: other threads sleep in the kernel, and
//    go on sleeping meanwhile.
//
// 2. Two bytes for two, when a hole of padding is near:
//      site:  jmp hole    hole:  jmp stub    stub:  lea site+2(%rip), %rcx; jmp *%gs:...
//
// The first way comes first, as it is mostly possible. When many jump to A or B, the second replaces it.
//
// A site where neither is possible, or that would take more than one page, stays as it is and traps every time.
//
// CPUID has two bytes, too, and is rewritten likewise. It leaves no register free, so its stub says in the thread block where to return:
//      stub:  movl $low, %gs:THREAD_BLOCK_CPUID_BACK; movl $high, %gs:...+4; jmp *%gs:THREAD_BLOCK_CPUID_ENTRY
// Who is interrupted there begins again at the site, as nothing has changed.
#include "kernel/rewrite/rewrite.h"

#include "abi/entry.h"
#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/stubs.h"
#include "kernel/mm/user.h"
#include "kernel/mm/window.h"
#include "kernel/rewrite/decode.h"
#include "kernel/rewrite/hole.h"
#include "kernel/rewrite/relocate.h"
#include "kernel/rewrite/sites.h"
#include "kernel/task/task.h"

enum { ENTRY_SIZE = 15, CPUID_ENTRY_SIZE = 32, ENTRY_LARGEST = CPUID_ENTRY_SIZE };
enum { SHORT_SITE = 2, LINE = 64, CODE_MAX = SITE_JUMP + INSTRUCTION_MAX };

// An instruction that traps, and what stands in its place.
struct kind {
    uint8_t code[SHORT_SITE];
    size_t entry_size;
    bool (*put_entry)(uint8_t *code, uint64_t stub, uint64_t back); // the first instructions of a stub: the kernel returns to `back`
};

static bool put_distance(uint8_t *at, uint64_t end, uint64_t to)
{
    int64_t d = (int64_t)(to - end);
    int32_t narrow = (int32_t)d;
    memcpy(at, &narrow, 4);
    return d == narrow;
}

static bool put_syscall_entry(uint8_t *code, uint64_t stub, uint64_t back)
{
    const uint8_t template[ENTRY_SIZE] = {0x48, 0x8d, 0x0d, 0, 0, 0, 0, 0x65, 0xff, 0x24, 0x25, THREAD_BLOCK_SYSCALL_ENTRY, 0, 0, 0};
    memcpy(code, template, ENTRY_SIZE);
    return put_distance(code + 3, stub + 7, back);
}

static bool put_cpuid_entry(uint8_t *code, uint64_t stub, uint64_t back)
{
    const uint8_t store[8] = {0x65, 0xc7, 0x04, 0x25, THREAD_BLOCK_CPUID_BACK, 0, 0, 0};
    const uint8_t jump[8] = {0x65, 0xff, 0x24, 0x25, THREAD_BLOCK_CPUID_ENTRY, 0, 0, 0};
    for (unsigned i = 0; i < 2; i++) {
        const uint32_t half = (uint32_t)(back >> 32 * i);
        memcpy(code + 12 * i, store, sizeof(store));
        code[12 * i + 4] += (uint8_t)(4 * i);
        memcpy(code + 12 * i + 8, &half, sizeof(half));
    }
    memcpy(code + 24, jump, sizeof(jump));
    return true;
}

static const struct kind syscall_kind = {{0x0f, 0x05}, ENTRY_SIZE, put_syscall_entry};
static const struct kind cpuid_kind = {{0x0f, 0xa2}, CPUID_ENTRY_SIZE, put_cpuid_entry};

static bool put_jump(uint8_t code[SITE_JUMP], uint64_t at, uint64_t to)
{
    code[0] = 0xe9;
    return put_distance(code + 1, at + SITE_JUMP, to);
}

// Bytes of code at address, fewer at the end of a mapping.
static size_t read_code(uint64_t address, uint8_t code[CODE_MAX])
{
    if (!copy_from_user(code, (const void USER *)address, CODE_MAX))
        return CODE_MAX;
    size_t to_page = PAGE_SIZE - address % PAGE_SIZE;
    return to_page < CODE_MAX && !copy_from_user(code, (const void USER *)address, to_page) ? to_page : 0;
}

static bool is_kind(const struct kind *k, const uint8_t *code)
{
    return !memcmp(code, k->code, sizeof(k->code));
}

static bool one_store(uint64_t address, unsigned size)
{
    return address / 8 == (address + size - 1) / 8;
}

// A page may become what the file has again, without its neighbour (kernel/mm/remains.h): what belongs together stands on one.
static bool on_one_page(uint64_t address, uint64_t end)
{
    return address / PAGE_SIZE == (end - 1) / PAGE_SIZE;
}

static bool build(const struct kind *k, struct site *s, const uint8_t *code, size_t size, uint8_t stub[STUB_SIZE], size_t *ret_size)
{
    uint8_t starts[SITE_DISPLACED];
    uint64_t back = s->stub + k->entry_size;
    if (!k->put_entry(stub, s->stub, back) || !put_jump(s->jump, s->address, s->stub))
        return false;
    size_t moved = relocate(code + SITE_SYSCALL, size - SITE_SYSCALL, s->address + SITE_SYSCALL, SITE_DISPLACED, back,
                            stub + k->entry_size, STUB_SIZE - k->entry_size, starts);
    for (unsigned i = 0; i < SITE_DISPLACED; i++)
        s->landing[i] = starts[i] == 0xff ? 0 : back + starts[i];
    memcpy(s->original, code, SITE_JUMP);
    *ret_size = k->entry_size + moved;
    return moved;
}

static bool displace(const struct kind *k, struct mm *mm, struct sites *sites, uint64_t address)
{
    uint8_t code[CODE_MAX], stub[STUB_SIZE];
    size_t size = read_code(address, code), stub_size;
    if (size < SITE_JUMP || !is_kind(k, code) || !on_one_page(address, address + SITE_JUMP))
        return false;
    struct site s = {.address = address, .stub = mm_stub_alloc_trapping(mm, address + SITE_JUMP)};
    if (!s.stub)
        return false;
    if (build(k, &s, code, size, stub, &stub_size) && !mm_text_write(mm, s.stub, stub, stub_size) && sites_add(sites, &s)) {
        (void)mm_text_write(mm, address, s.jump, SITE_JUMP); // on failure the site goes on trapping
        return true;
    }
    mm_stub_free(mm, s.stub);
    return sites_overlap(sites, address); // another thread was faster
}

static void jump_by_hole(const struct kind *k, struct mm *mm, uint64_t address)
{
    uint8_t code[SHORT_SITE], entry[ENTRY_LARGEST], jump[SITE_JUMP];
    if (address % LINE > LINE - SHORT_SITE || copy_from_user(code, (const void USER *)address, SHORT_SITE) || !is_kind(k, code))
        return; // across a line it would not be one store for the instruction fetch of others
    uint64_t hole = hole_find(address, mm_object_base(mm, address));
    if (!hole || !on_one_page(address, hole + SITE_JUMP) || !on_one_page(hole, address + SHORT_SITE))
        return;
    uint64_t stub = mm_stub_alloc(mm, address);
    if (!stub || !k->put_entry(entry, stub, address + SHORT_SITE) || mm_text_write(mm, stub, entry, k->entry_size) ||
        !put_jump(jump, hole, stub) || mm_text_write(mm, hole, jump, SITE_JUMP))
        return;
    const uint8_t short_jump[SHORT_SITE] = {0xeb, (uint8_t)(hole - (address + SHORT_SITE))};
    (void)mm_text_write(mm, address, short_jump, SHORT_SITE);
}

void rewrite_by_hole(struct mm *mm, const struct site *s)
{
    uint8_t now[SHORT_SITE];
    if (!turn_alone_begin(mm))
        return;
    if (!mm_text_write(mm, s->address, s->original, SITE_JUMP))
        jump_by_hole(is_kind(&cpuid_kind, s->original) ? &cpuid_kind : &syscall_kind, mm, s->address);
    if (!copy_from_user(now, (const void USER *)s->address, SHORT_SITE) && !memcmp(now, s->original, SHORT_SITE))
        (void)mm_text_write(mm, s->address, s->jump, SITE_JUMP); // there is no hole
    turn_alone_end(mm);
}

static void rewrite(const struct kind *k, struct mm *mm, struct sites *sites, uint64_t address)
{
    if (sites_overlap(sites, address))
        return;
    bool store = one_store(address, SITE_JUMP), alone = !store && turn_alone_begin(mm);
    bool done = (store || alone) && displace(k, mm, sites, address);
    if (alone)
        turn_alone_end(mm);
    if (!done)
        jump_by_hole(k, mm, address);
}

void rewrite_site(struct mm *mm, uint64_t address)
{
    struct sites *sites = mm_sites(mm);
    if (sites && sites_seen(sites, address))
        rewrite(&syscall_kind, mm, sites, address);
}

// Once it is known that there will be more starts, each is executed again, in the next.
void rewrite_cpuid(struct mm *mm, uint64_t address)
{
    struct sites *sites = mm_sites(mm);
    if (sites && (mm_starts(mm) || sites_seen(sites, address)))
        rewrite(&cpuid_kind, mm, sites, address);
}
