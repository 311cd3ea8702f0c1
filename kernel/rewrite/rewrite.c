// SPDX-License-Identifier: MIT
//
// Turns a trapping system call site into a jump to the kernel.
//
//   site:  syscall            ->   site:  jmp hole        2 bytes for 2 bytes: whoever jumps to the site, or returns behind it,
//   hole:  padding                 hole:  jmp stub        finds what was there; one store, so other threads may be running here
//   stub:  (near the mapping)      stub:  lea site+2(%rip), %rcx; jmp *%gs:THREAD_BLOCK_SYSCALL_ENTRY
//
// A site without a provable hole in reach stays as it is and traps every time.
#include "kernel/rewrite/rewrite.h"

#include "abi/entry.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/rewrite/hole.h"

enum { STUB_SIZE = 15, HOLE_SIZE = 5, SITE_SIZE = 2, LINE = 64 };

static bool rel32(uint64_t from_end, uint64_t to, int32_t *ret)
{
    int64_t d = (int64_t)(to - from_end);
    *ret = (int32_t)d;
    return d == *ret;
}

static bool write_stub(struct mm *mm, uint64_t stub, uint64_t site)
{
    uint8_t code[STUB_SIZE] = {0x48, 0x8d, 0x0d, 0, 0, 0, 0, 0x65, 0xff, 0x24, 0x25, THREAD_BLOCK_SYSCALL_ENTRY, 0, 0, 0};
    int32_t back;
    if (!rel32(stub + 7, site + SITE_SIZE, &back))
        return false;
    memcpy(code + 3, &back, 4);
    return !mm_text_write(mm, stub, code, sizeof(code));
}

static bool write_jump(struct mm *mm, uint64_t at, uint64_t to)
{
    uint8_t code[HOLE_SIZE] = {0xe9};
    int32_t distance;
    if (!rel32(at + HOLE_SIZE, to, &distance))
        return false;
    memcpy(code + 1, &distance, 4);
    return !mm_text_write(mm, at, code, sizeof(code));
}

static bool may_rewrite(uint64_t site)
{
    uint8_t code[SITE_SIZE];
    if (site % LINE > LINE - SITE_SIZE) // would not be one store for the instruction fetch of others
        return false;
    return !copy_from_user(code, (const void USER *)site, sizeof(code)) && code[0] == 0x0f && code[1] == 0x05;
}

void rewrite_site(struct mm *mm, uint64_t site)
{
    if (!may_rewrite(site))
        return;
    uint64_t hole = hole_find(site, mm_object_base(mm, site));
    uint64_t stub = hole ? mm_stub_alloc(mm, site, STUB_SIZE) : 0;
    if (!stub || !write_stub(mm, stub, site) || !write_jump(mm, hole, stub))
        return;
    uint8_t jump[SITE_SIZE] = {0xeb, (uint8_t)(hole - (site + SITE_SIZE))};
    (void)mm_text_write(mm, site, jump, sizeof(jump)); // on failure the site goes on trapping
}
