// SPDX-License-Identifier: MIT
//
// Address spaces: creation, mmap, munmap, mprotect, brk. Faults are in commit.c.
#include "kernel/mm/mm.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/space.h"
#include "kernel/mm/stubs.h"
#include "kernel/rewrite/sites.h"
#include "kernel/vfs/file.h"

// The program's space has all of the range but a strip at its top, which is cut into windows for helper processes.
enum { HELPER_WINDOWS = 16 };
#define HELPER_WINDOW_SIZE 0x40000000ul
#define HELPER_BASE (USER_END - HELPER_WINDOWS * HELPER_WINDOW_SIZE)
#define EAGER_SIZE 0x20000ul // small anonymous mappings are committed at once: cheaper than the fault that would follow

static struct spin slots_lock;
static uint32_t slots_used; // guarded by slots_lock

static int take_slot(void)
{
    spin_lock(&slots_lock);
    int slot = -1;
    for (int i = 0; i <= HELPER_WINDOWS && slot < 0; i++)
        if (!(slots_used & (1u << i)))
            slot = i;
    if (slot >= 0)
        slots_used |= 1u << slot;
    spin_unlock(&slots_lock);
    return slot;
}

int mm_new(struct mm **ret_mm)
{
    struct mm *mm = kzalloc(sizeof(*mm));
    int slot = mm ? take_slot() : -1;
    if (slot < 0) {
        kfree(mm);
        return -ENOMEM;
    }
    mm->references = 1;
    mm->slot = (uint32_t)slot;
    mm->low = slot ? HELPER_BASE + (uint64_t)(slot - 1) * HELPER_WINDOW_SIZE : USER_BASE;
    mm->high = slot ? mm->low + HELPER_WINDOW_SIZE : HELPER_BASE;
    *ret_mm = mm;
    return 0;
}

struct mm *mm_get(struct mm *mm)
{
    __atomic_add_fetch(&mm->references, 1, __ATOMIC_RELAXED);
    return mm;
}

void mm_put(struct mm *mm)
{
    if (!mm || __atomic_sub_fetch(&mm->references, 1, __ATOMIC_ACQ_REL))
        return;
    mutex_lock(&mm->lock);
    (void)space_unmap(mm, mm->low, mm->high); // whole mappings: nothing to split, cannot fail
    mutex_unlock(&mm->lock);
    spin_lock(&slots_lock);
    slots_used &= ~(1u << mm->slot);
    spin_unlock(&slots_lock);
    if (mm->staging)
        kpages_free(mm->staging, STAGING_PAGES);
    mm_stubs_end(mm);
    sites_free(mm->sites);
    kfree(mm->set.vmas);
    kfree(mm);
}

struct sites *mm_sites(struct mm *mm)
{
    struct sites *s = __atomic_load_n(&mm->sites, __ATOMIC_ACQUIRE), *none = NULL;
    if (s)
        return s;
    s = sites_new();
    if (!s || __atomic_compare_exchange_n(&mm->sites, &none, s, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return s;
    sites_free(s);
    return none;
}

uint64_t mm_low(const struct mm *mm)
{
    return mm->low;
}

int space_unmap(struct mm *mm, uint64_t start, uint64_t end)
{
    int r = vma_reserve(&mm->set, 2);
    if (r)
        return r;
    vma_split(&mm->set, start);
    vma_split(&mm->set, end);
    struct vma *v;
    while ((v = vma_find(&mm->set, start)) && v->start < end) {
        struct vma gone = *v;
        if (gone.file && (gone.flags & MAP_SHARED))
            (void)space_write_back(v, gone.start, gone.end); // munmap has no way to report it
        vma_erase(&mm->set, v);
        space_release_pages(gone.start, gone.end);
        file_put(gone.file);
    }
    return 0;
}

static bool in_window(const struct mm *mm, uint64_t address, uint64_t length)
{
    return address >= mm->low && length <= mm->high - mm->low && address <= mm->high - length;
}

static bool is_free(const struct mm *mm, uint64_t address, uint64_t length)
{
    const struct vma *v = vma_find(&mm->set, address);
    return !v || v->start >= address + length;
}

// Where a mapping goes, or -errno. With MAP_FIXED the range is emptied.
static long place(struct mm *mm, uint64_t address, uint64_t length, int flags)
{
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (address % PAGE_SIZE)
            return -EINVAL;
        if (!in_window(mm, address, length))
            return address < mm->low ? -EPERM : -ENOMEM;
        if ((flags & MAP_FIXED_NOREPLACE) && !is_free(mm, address, length))
            return -EEXIST;
        int r = flags & MAP_FIXED ? space_unmap(mm, address, address + length) : 0;
        return r ? r : (long)address;
    }
    address = (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (address && in_window(mm, address, length) && is_free(mm, address, length))
        return (long)address;
    uint64_t align = length >= 0x200000 ? 0x200000 : PAGE_SIZE; // large ones may get huge pages from the host
    uint64_t gap = vma_find_gap(&mm->set, mm->low, mm->high, length + align - PAGE_SIZE);
    return gap ? (long)((gap + align - PAGE_SIZE) & ~(align - 1)) : -ENOMEM;
}

static int check_map(size_t length, int flags, const struct file *file)
{
    int type = flags & MAP_TYPE;
    if (!length || (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE))
        return -EINVAL;
    if (length > USER_END)
        return -ENOMEM;
    return !file && !(flags & MAP_ANONYMOUS) ? -EBADF : 0;
}

long mm_map(struct mm *mm, uint64_t address, size_t length, int prot, int flags, struct file *file, uint64_t offset)
{
    int r = check_map(length, flags, file);
    if (r || offset % PAGE_SIZE)
        return r ? r : -EINVAL;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    prot &= PROT_READ | PROT_WRITE | PROT_EXEC;
    mutex_lock(&mm->lock);
    long at = vma_reserve(&mm->set, 4);
    if (!at)
        at = place(mm, address, length, flags);
    if (at > 0 && !vma_reserve(&mm->set, 1)) {
        struct vma v = {.start = (uint64_t)at,
                        .end = (uint64_t)at + length,
                        .prot = prot,
                        .flags = flags & (MAP_TYPE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK | MAP_NORESERVE),
                        .file = file ? file_get(file) : NULL,
                        .offset = offset};
        struct vma *in = vma_insert(&mm->set, &v);
        bool eager = flags & MAP_POPULATE || (!file && prot && length <= EAGER_SIZE && !(flags & MAP_NORESERVE));
        if (eager)
            (void)space_commit(mm, in, v.start, v.end); // what is missing comes with its fault
    } else if (at > 0) {
        at = -ENOMEM;
    }
    mutex_unlock(&mm->lock);
    return at;
}

int mm_unmap(struct mm *mm, uint64_t address, size_t length)
{
    if (address % PAGE_SIZE || !length || length > USER_END)
        return -EINVAL;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (!in_window(mm, address, length))
        return -EINVAL;
    mutex_lock(&mm->lock);
    int r = space_unmap(mm, address, address + length);
    mutex_unlock(&mm->lock);
    return r;
}

// Brings the committed pages of a range to the new access.
static int protect_pages(uint64_t start, uint64_t end, int prot)
{
    while (start < end) {
        uint64_t stop = pages_run(start, end);
        uint8_t state = pages_state(start);
        int old = state & ~PAGE_COMMITTED;
        if ((state & PAGE_COMMITTED) && old != prot) {
            int r = target_memory_protect(start, stop - start, old, prot);
            if (r)
                return r;
            pages_set(start, stop, (uint8_t)(PAGE_COMMITTED | prot));
        }
        start = stop;
    }
    return 0;
}

static int protect_locked(struct mm *mm, uint64_t start, uint64_t end, int prot)
{
    uint64_t at = start;
    for (struct vma *v = vma_find(&mm->set, start); at < end; at = v->end, v = vma_find(&mm->set, at))
        if (!v || v->start > at)
            return -ENOMEM; // a hole
    int r = vma_reserve(&mm->set, 2);
    if (r)
        return r;
    vma_split(&mm->set, start);
    vma_split(&mm->set, end);
    for (struct vma *v = vma_find(&mm->set, start); v && v->start < end; v = vma_find(&mm->set, v->end))
        v->prot = prot;
    return protect_pages(start, end, prot);
}

int mm_protect(struct mm *mm, uint64_t address, size_t length, int prot)
{
    if (address % PAGE_SIZE || length > USER_END)
        return address % PAGE_SIZE ? -EINVAL : -ENOMEM;
    if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP))
        return -EINVAL;
    if (!length)
        return 0;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (!in_window(mm, address, length))
        return -ENOMEM;
    mutex_lock(&mm->lock);
    int r = protect_locked(mm, address, address + length, prot & (PROT_READ | PROT_WRITE | PROT_EXEC));
    mutex_unlock(&mm->lock);
    return r;
}

void mm_set_brk(struct mm *mm, uint64_t start)
{
    mm->brk_start = mm->brk_end = (start + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static long brk_locked(struct mm *mm, uint64_t address)
{
    uint64_t old = (mm->brk_end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    uint64_t new = (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (address < mm->brk_start || new > mm->high || vma_reserve(&mm->set, 2))
        return (long)mm->brk_end;
    if (new > old) {
        if (!is_free(mm, old, new - old))
            return (long)mm->brk_end;
        const struct vma v = {.start = old,
                              .end = new,
                              .prot = PROT_READ | PROT_WRITE,
                              .flags = MAP_PRIVATE | MAP_ANONYMOUS,
                              .name = "[heap]"};
        vma_insert(&mm->set, &v);
    } else if (new < old) {
        (void)space_unmap(mm, new, old); // room was reserved
    }
    mm->brk_end = address;
    return (long)address;
}

long mm_brk(struct mm *mm, uint64_t address)
{
    mutex_lock(&mm->lock);
    long r = brk_locked(mm, address);
    mutex_unlock(&mm->lock);
    return r;
}

void mm_for_each_vma(struct mm *mm, void (*each)(const struct vma *v, void *context), void *context)
{
    mutex_lock(&mm->lock);
    for (size_t i = 0; i < mm->set.count; i++)
        each(&mm->set.vmas[i], context);
    mutex_unlock(&mm->lock);
}

void mm_name_range(struct mm *mm, uint64_t address, const char *name)
{
    mutex_lock(&mm->lock);
    struct vma *v = vma_at(&mm->set, address);
    if (v)
        v->name = name;
    mutex_unlock(&mm->lock);
}

void mm_set_vdso(struct mm *mm, uint64_t vdso)
{
    mm->vdso = vdso;
}

uint64_t mm_vdso(const struct mm *mm)
{
    return mm->vdso;
}
