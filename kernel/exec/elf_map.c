// SPDX-License-Identifier: MIT
//
// Mapping the segments of a checked ELF file.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/exec/elf.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"

// Position-independent files go here in the program's own window; helpers' windows are small and take their start.
// In the large window (kernel/mm/window.c): room for brk above, and half of the window for reservations.
#define DYNAMIC_OFFSET 0x1000000000ul

static int prot_of(uint32_t flags)
{
    return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}

static int map_segment(struct mm *mm, struct file *file, const Elf64_Phdr *p, uint64_t bias)
{
    uint64_t start = (p->p_vaddr + bias) & ~(PAGE_SIZE - 1);
    uint64_t file_end = p->p_vaddr + bias + p->p_filesz, memory_end = p->p_vaddr + bias + p->p_memsz;
    uint64_t file_pages_end = (file_end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    uint64_t end = (memory_end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    int prot = prot_of(p->p_flags), flags = MAP_PRIVATE | MAP_FIXED;
    if (p->p_filesz) {
        long r = mm_map(mm, start, file_pages_end - start, prot, flags, file, p->p_offset & ~(PAGE_SIZE - 1));
        if (r < 0)
            return (int)r;
    } else {
        file_pages_end = start;
    }
    if (end > file_pages_end) {
        long r = mm_map(mm, file_pages_end, end - file_pages_end, prot, flags | MAP_ANONYMOUS, NULL, 0);
        if (r < 0)
            return (int)r;
    }
    // .bss shares a page with .data. To the end of the page, as Linux does: ld.so allocates its first objects there.
    if (p->p_memsz > p->p_filesz && file_end < file_pages_end && (prot & PROT_WRITE))
        return mm_clear(mm, file_end, file_pages_end - file_end);
    return 0;
}

static long choose_bias(struct mm *mm, const struct elf_image *image, bool program)
{
    uint64_t size = image->high - image->low;
    if (image->type == ET_EXEC) // its addresses, or not at all
        return image->low >= mm_low(mm) ? 0 : -ENOMEM;
    uint64_t hint = 0;
    if (!image->low && program)
        hint = mm_is_large(mm) ? DYNAMIC_OFFSET : mm_low(mm);
    long base = mm_find_room(mm, hint, size); // for the whole span: the segments keep their distances
    return base < 0 ? base : base - (long)image->low;
}

int elf_map(struct mm *mm, struct file *file, const struct elf_image *image, bool program, uint64_t *ret_bias)
{
    long bias = choose_bias(mm, image, program);
    if (bias < 0)
        return (int)bias;
    for (unsigned i = 0; i < image->header_count; i++) {
        const Elf64_Phdr *p = &image->headers[i];
        if (p->p_type != PT_LOAD || !p->p_memsz)
            continue;
        int r = map_segment(mm, file, p, (uint64_t)bias);
        if (r)
            return r;
    }
    *ret_bias = (uint64_t)bias;
    return 0;
}
