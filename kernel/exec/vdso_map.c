// SPDX-License-Identifier: MIT
//
// Maps the vDSO. An enclave page has one address, so each address space has its own copy of the clock page.
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/exec/vdso.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"
#include "kernel/time/clock_page.h"
#include "kernel/time/time.h"

extern const char vdso_image[], vdso_image_end[];

static int write_clock_page(struct mm *mm, uint64_t address)
{
    struct clock_page page;
    clock_page_read(&page);
    return mm_write(mm, address, &page, sizeof(page));
}

int vdso_map(struct mm *mm, uint64_t *ret_vdso)
{
    size_t size = (size_t)(vdso_image_end - vdso_image);
    size_t pages = (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    long base = mm_find_room(mm, 0, PAGE_SIZE + pages);
    if (base < 0)
        return (int)base;
    uint64_t vdso = (uint64_t)base + PAGE_SIZE;
    long clock = mm_map(mm, (uint64_t)base, PAGE_SIZE, PROT_READ | PROT_WRITE, flags, NULL, 0);
    long text = clock < 0 ? clock : mm_map(mm, vdso, pages, PROT_READ | PROT_EXEC, flags, NULL, 0);
    int r = text < 0 ? (int)text : mm_fill_text(mm, vdso, vdso_image, size);
    if (!r)
        r = write_clock_page(mm, (uint64_t)base);
    if (r)
        return r;
    // The clock page stays writable for the kernel; a program that scribbles there only fools itself.
    mm_name_range(mm, (uint64_t)base, "[vvar]");
    mm_name_range(mm, vdso, "[vdso]");
    mm_set_vdso(mm, vdso);
    *ret_vdso = vdso;
    return 0;
}

// One writer at a time of any copy. Whatever the program did to its page, only its own time suffers.
static struct mutex refresh_lock;

static bool same_segment(const struct clock_page *a, const struct clock_page *b)
{
    return a->tsc_base == b->tsc_base && a->mono_base_ns == b->mono_base_ns && a->mult == b->mult;
}

static void refresh(uint64_t address)
{
    struct clock_page USER *to = (struct clock_page USER *)address;
    struct clock_page old, new;
    clock_page_read(&new);
    if (GET_USER(old, to) || (same_segment(&old, &new) && !(old.seq & 1)))
        return;
    uint32_t writing = old.seq | 1, done = writing + 1; // odd: readers make the system call
    if (PUT_USER(writing, &to->seq))
        return;
    new.seq = writing;
    if (!PUT_USER(new, to))
        (void)PUT_USER(done, &to->seq);
}

void vdso_refresh_space(struct mm *mm)
{
    uint64_t vdso = mm_vdso(mm);
    if (!vdso)
        return;
    mutex_lock(&refresh_lock);
    refresh(vdso - PAGE_SIZE);
    mutex_unlock(&refresh_lock);
}

void vdso_refresh(void)
{
    struct mm *mm = mm_current();
    if (mm && !current_thread()->aside) // else at its next turn
        vdso_refresh_space(mm);
}

uint64_t vdso_symbol(const char *name)
{
    struct mm *mm = mm_current();
    uint64_t vdso = mm ? mm_vdso(mm) : 0;
    const Elf64_Ehdr *e = (const Elf64_Ehdr *)vdso_image;
    const Elf64_Phdr *p = (const Elf64_Phdr *)(vdso_image + e->e_phoff);
    const Elf64_Sym *symbols = NULL;
    const char *strings = NULL;
    const uint32_t *hash = NULL;
    for (unsigned i = 0; i < e->e_phnum; i++) {
        if (p[i].p_type != PT_DYNAMIC)
            continue;
        for (const Elf64_Dyn *d = (const Elf64_Dyn *)(vdso_image + p[i].p_offset); d->d_tag != DT_NULL; d++) {
            if (d->d_tag == DT_SYMTAB)
                symbols = (const Elf64_Sym *)(vdso_image + d->d_un.d_ptr);
            if (d->d_tag == DT_STRTAB)
                strings = vdso_image + d->d_un.d_ptr;
            if (d->d_tag == DT_HASH)
                hash = (const uint32_t *)(vdso_image + d->d_un.d_ptr);
        }
    }
    for (uint32_t i = 0; vdso && symbols && strings && hash && i < hash[1]; i++)
        if (!strcmp(strings + symbols[i].st_name, name))
            return vdso + symbols[i].st_value;
    return 0;
}
