// SPDX-License-Identifier: MIT
//
// Address spaces: creation, mmap, munmap, mprotect, brk. Faults are in commit.c.
#include "kernel/mm/mm.h"

#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/mm/address_limit.h"
#include "kernel/mm/exchange.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/hidden.h"
#include "kernel/mm/lock.h"
#include "kernel/mm/mirror.h"
#include "kernel/mm/object.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/remains.h"
#include "kernel/mm/space.h"
#include "kernel/mm/spare.h"
#include "kernel/mm/start.h"
#include "kernel/mm/stubs.h"
#include "kernel/mm/window.h"
#include "kernel/rewrite/sites.h"
#include "kernel/vfs/node.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/seal.h"

#define EAGER_STACK_SIZE 0x4000ul
#define LINUX_USER_END 0x7ffffffff000ul // where addresses of programs end on Linux
#define EAGER_SIZE 0x20000ul // small anonymous mappings are committed at once: cheaper than the fault that would follow

static struct mm *space_new(void)
{
    struct mm *mm = kzalloc(sizeof(*mm));
    if (mm)
        mm->references = 1;
    return mm;
}

static void join(struct mm *mm, struct window *w)
{
    mm->low = w->low;
    mm->high = w->high;
    window_join(w, mm);
}

void rewritten_put(struct rewritten *rw)
{
    if (__atomic_sub_fetch(&rw->references, 1, __ATOMIC_ACQ_REL))
        return;
    stubs_end(rw);
    sites_free(rw->sites);
    kfree(rw);
}

bool mm_is_large(const struct mm *mm)
{
    return window_is_large(mm->window);
}

int mm_new(uint64_t fixed_end, struct file *program, struct mm **ret_mm)
{
    const struct mm *now = mm_current();
    struct mm *mm = space_new();
    struct rewritten *rw = mm ? kzalloc(sizeof(*rw)) : NULL;
    struct window *w = rw ? window_choose(fixed_end, program) : NULL;
    bool same = w && now && now->window == w; // the current thread cannot be active in two spaces that take turns
    if (!w || same) {
        kfree(rw);
        kfree(mm);
        if (same)
            window_unchoose(w);
        return same ? -EEXIST : -ENOMEM;
    }
    rw->references = 1;
    mm->rewritten = rw;
    mm->program = file_get(program);
    join(mm, w);
    turn_enter(mm);
    struct remains *dormant = window_take_dormant(w, program);
    if (dormant ? remains_return(mm, dormant) : remains_adopt(mm, w->remains))
        kfree(rw);
    *ret_mm = mm;
    return 0;
}

struct mm *space_new_like(struct mm *mm)
{
    struct mm *child = space_new();
    if (!child)
        return NULL;
    window_join_beside(mm, child);
    child->low = mm->low;
    child->high = mm->high;
    child->rewritten = mm->rewritten;
    child->program = file_get(mm->program);
    child->start = mm->start;
    if (child->start)
        __atomic_add_fetch(&child->start->references, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&mm->rewritten->references, 1, __ATOMIC_RELAXED);
    return child;
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
    window_part(mm->window, mm);
    remains_release(mm->dormant);
    program_start_put(mm->start);
    if (mm->staging)
        kpages_free(mm->staging, STAGING_PAGES);
    rewritten_put(mm->rewritten);
    file_put(mm->program);
    vma_set_free(&mm->set);
    kfree(mm);
}

void mm_quit(struct mm *mm)
{
    if (__atomic_load_n(&mm->references, __ATOMIC_ACQUIRE) == 1)
        turn_leave_and_part(mm);
    else
        turn_leave(mm);
    mm_put(mm);
}

struct sites *mm_sites(struct mm *mm)
{
    struct sites **place = &mm->rewritten->sites;
    struct sites *s = __atomic_load_n(place, __ATOMIC_ACQUIRE), *none = NULL;
    if (s)
        return s;
    s = sites_new();
    if (!s || __atomic_compare_exchange_n(place, &none, s, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return s;
    sites_free(s);
    return none;
}

uint32_t mm_starts(const struct mm *mm)
{
    return mm->rewritten->starts;
}

struct futex_key mm_futex_key(struct mm *mm, uint64_t address)
{
    struct futex_key key = {(uint64_t)mm, address};
    mutex_lock(&mm->lock);
    const struct vma *v = vma_at(&mm->set, address);
    if (v && vma_shared(v))
        key = (struct futex_key){v->file->node->ino << 1 | 1, v->offset + (address - v->start)};
    mutex_unlock(&mm->lock);
    return key;
}

uint32_t mm_membarriers(const struct mm *mm)
{
    return __atomic_load_n(&mm->membarriers, __ATOMIC_ACQUIRE);
}

void mm_membarriers_add(struct mm *mm, uint32_t commands)
{
    __atomic_or_fetch(&mm->membarriers, commands, __ATOMIC_SEQ_CST);
}

uint64_t mm_low(const struct mm *mm)
{
    return mm->low;
}

uint64_t mm_span(const struct mm *mm)
{
    return mm->high - mm->low;
}

int space_unmap(struct mm *mm, uint64_t start, uint64_t end)
{
    int r = exchange_unshare(mm, start, end);
    if (!r)
        r = vma_cut(&mm->set, start, end);
    if (r)
        return r;
    mirror_drop(mm, start, end);
    struct vma *v;
    while (!r && (v = vma_find(&mm->set, start)) && v->start < end) {
        struct vma gone = *v;
        if (vma_shared(v) && file_is_last(v->file))
            object_recall_always(v, v->start, v->end, /* last= */ true);
        else if (vma_shared(v))
            r = object_recall(v, v->start, v->end);
        else
            space_release_pages(gone.start, gone.end);
        if (r)
            break;
        vma_erase(&mm->set, v);
        file_put_mapped(gone.file);
    }
    return r;
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

long mm_find_room(struct mm *mm, uint64_t hint, size_t length)
{
    mutex_lock(&mm->lock);
    long at = place(mm, hint, length, MAP_PRIVATE);
    mutex_unlock(&mm->lock);
    return at;
}

static int check_map(size_t length, int flags, const struct file *file, uint64_t offset)
{
    int type = flags & MAP_TYPE;
    if (type == MAP_SHARED_VALIDATE && !file) // a file system has to say what it understands
        return -EINVAL;
    if (!length || (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE))
        return -EINVAL;
    if (length > USER_END)
        return -ENOMEM;
    if (type == MAP_SHARED_VALIDATE && flags & MAP_SYNC)
        return -EOPNOTSUPP;
    if (flags & MAP_HUGETLB) // there are none, and no files of them
        return file ? -EINVAL : -ENOMEM;
    if (file && (offset > INT64_MAX || length > INT64_MAX - offset))
        return -EOVERFLOW;
    return !file && !(flags & MAP_ANONYMOUS) ? -EBADF : 0;
}

// What a mapping takes its content from, with a reference: shared anonymous memory is a file without a name.
static int source(size_t length, int flags, struct file *file, struct file **ret)
{
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    *ret = file ? file_get(file) : NULL;
    int r = shared && !file ? memory_file_new(length, "/dev/zero", ret) : 0;
    if (!r && shared)
        r = object_attach((*ret)->node);
    return r;
}

// A stack is used from its end, and many are given back with most of it untouched.
static uint64_t eager_start(const struct vma *v, int flags)
{
    const bool end_only = (flags & (MAP_STACK | MAP_POPULATE)) == MAP_STACK && v->end - v->start > EAGER_STACK_SIZE;
    return end_only ? v->end - EAGER_STACK_SIZE : v->start;
}

long mm_map(struct mm *mm, uint64_t address, size_t length, int prot, int flags, struct file *file, uint64_t offset)
{
    int r = check_map(length, flags, file, offset);
    if (r || offset % PAGE_SIZE)
        return r ? r : -EINVAL;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    prot &= PROT_READ | PROT_WRITE | PROT_EXEC;
    if ((flags & MAP_LOCKED) && !lock_is_permitted())
        return -EPERM;
    flags |= flags & MAP_LOCKED ? MAP_POPULATE : 0;
    bool anonymous = !file;
    r = source(length, flags, file, &file);
    if (r) {
        file_put(file);
        return r;
    }
    mutex_lock(&mm->lock);
    flags |= mm->lock_later | (mm->populate_later && !(flags & MAP_NORESERVE) ? MAP_POPULATE : 0);
    struct vma v = {.prot = prot,
                    .flags = flags & (MAP_TYPE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK | MAP_NORESERVE | MAP_LOCKED),
                    .written = prot & PROT_WRITE,
                    .file = file,
                    .offset = offset};
    long at = space_may_map(mm, length, &v, address, flags & MAP_FIXED ? address + length : address) ? vma_reserve(&mm->set, 4) : -ENOMEM;
    if (!at && (flags & MAP_LOCKED) && !space_may_lock(mm, length))
        at = -EAGAIN;
    if (!at)
        at = place(mm, address, length, flags);
    if (at > 0 && !vma_reserve(&mm->set, 1)) {
        v.start = (uint64_t)at;
        v.end = v.start + length;
        struct vma *in = vma_insert(&mm->set, &v);
        remains_meet(mm, &v, v.start, v.end);
        file = NULL; // the mapping's
        bool eager = (flags & MAP_POPULATE && prot) || (anonymous && prot && length <= EAGER_SIZE && !(flags & MAP_NORESERVE));
        if (eager)
            (void)space_commit(mm, in, eager_start(&v, flags), v.end); // what is missing comes with its fault
        vma_join(&mm->set, v.start, v.end);
    } else if (at > 0) {
        at = -ENOMEM;
    }
    mutex_unlock(&mm->lock);
    file_put(file);
    return at;
}

int mm_unmap(struct mm *mm, uint64_t address, size_t length)
{
    if (address % PAGE_SIZE || !length || length > LINUX_USER_END || address > LINUX_USER_END - length)
        return -EINVAL;
    length = (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    uint64_t end = address + length;
    address = address > mm->low ? address : mm->low; // nothing of the space is elsewhere
    end = end < mm->high ? end : mm->high;
    if (address >= end)
        return 0;
    length = end - address;
    mutex_lock(&mm->lock);
    int r = space_may_part(mm, address, address + length) ? 0 : -ENOMEM;
    if (!r) {
        remains_meet(mm, NULL, address, address + length);
        r = space_unmap(mm, address, address + length);
    }
    mutex_unlock(&mm->lock);
    return r;
}

// A part of the file that was mapped whole at address, at or behind start.
static struct vma *part_of_whole(struct mm *mm, uint64_t address, uint64_t start, bool (*wanted)(const struct file *f))
{
    struct vma *v = vma_find(&mm->set, start);
    while (v && v < mm->set.vmas + mm->set.count && !(wanted(v->file) && v->start - address == v->offset))
        v++;
    return v && v < mm->set.vmas + mm->set.count ? v : NULL;
}

int mm_unmap_whole(struct mm *mm, uint64_t address, bool (*wanted)(const struct file *f))
{
    mutex_lock(&mm->lock);
    const struct vma *v = part_of_whole(mm, address, address, wanted);
    const struct file *whole = v ? v->file : NULL;
    int r = whole ? 0 : -EINVAL;
    while (!r && v && v->file == whole) {
        uint64_t end = v->end;
        remains_meet(mm, NULL, v->start, end);
        r = space_unmap(mm, v->start, end);
        v = part_of_whole(mm, address, end, wanted);
    }
    mutex_unlock(&mm->lock);
    return r;
}

int space_protect_pages(uint64_t start, uint64_t end, int prot)
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

// A part of one mapping. What becomes writable is no longer the same for all; memory that is shared on purpose stays so, and
// its pages come anew with the access that they may have now.
static int protect_part(struct mm *mm, uint64_t start, uint64_t end, int prot)
{
    struct vma *v = vma_at(&mm->set, start);
    bool shared = vma_shared(v);
    if (shared && (prot & PROT_WRITE) && !(file_writable(v->file) && seal_allows_mapping(v->file)))
        return -EACCES;
    int r = shared ? object_recall(v, start, end) : prot & PROT_WRITE ? exchange_unshare(mm, start, end) : 0;
    if (!r)
        r = vma_cut(&mm->set, start, end);
    if (r)
        return r;
    v = vma_at(&mm->set, start);
    v->prot = prot;
    v->written |= prot & PROT_WRITE;
    mirror_drop(mm, start, end);
    remains_meet(mm, NULL, start, end);
    return shared ? 0 : space_protect_pages(start, end, prot);
}

// As on Linux, what stands before a hole is changed.
static int protect_locked(struct mm *mm, uint64_t start, uint64_t end, int prot)
{
    int r = 0;
    for (uint64_t at = start, stop; !r && at < end; at = stop) {
        const struct vma *v = vma_at(&mm->set, at);
        if (!v) {
            r = -ENOMEM;
            break;
        }
        stop = v->end < end ? v->end : end;
        bool parts = v->prot != prot && (at > v->start || stop < v->end);
        r = parts && mm->set.count >= MAPPINGS_MOST ? -ENOMEM : protect_part(mm, at, stop, prot);
    }
    vma_join(&mm->set, start, end);
    return r;
}

// PROT_GROWSDOWN: all of what grows downwards, from its lowest page on.
static int whole_stack(const struct mm *mm, int prot, uint64_t *address)
{
    const struct vma *v = vma_at(&mm->set, *address);
    if (!v || prot & PROT_GROWSUP || !(v->flags & MAP_GROWSDOWN))
        return v || (prot & (PROT_GROWSDOWN | PROT_GROWSUP)) == (PROT_GROWSDOWN | PROT_GROWSUP) ? -EINVAL : -ENOMEM;
    *address = v->start;
    return 0;
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
    uint64_t end = address + length;
    mutex_lock(&mm->lock);
    int r = prot & (PROT_GROWSDOWN | PROT_GROWSUP) ? whole_stack(mm, prot, &address) : 0;
    if (!r)
        r = protect_locked(mm, address, end, prot & (PROT_READ | PROT_WRITE | PROT_EXEC));
    mutex_unlock(&mm->lock);
    return r;
}

void mm_loaded(struct mm *mm, bool interpreter)
{
    mutex_lock(&mm->lock);
    if (!interpreter || !window_has_one(mm->window))
        spare_release(mm->window);
    hidden_close(mm->window);
    mutex_unlock(&mm->lock);
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
        const struct vma v = {.start = old,
                              .end = new,
                              .prot = PROT_READ | PROT_WRITE,
                              .flags = MAP_PRIVATE | MAP_ANONYMOUS | mm->lock_later,
                              .name = "[heap]"};
        if (!is_free(mm, old, new - old) || (mm->lock_later && !space_may_lock(mm, new - old)) || !space_may_map(mm, new - old, &v, 0, 0))
            return (long)mm->brk_end;
        remains_meet(mm, &v, old, new);
        vma_insert(&mm->set, &v);
        if (mm->populate_later)
            (void)space_populate(mm, old, new);
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
    for (size_t i = 0; i < mm->set.count; i++) {
        const struct vma *v = &mm->set.vmas[i];
        struct vma whole = *v;
        // Which parts others have is nothing that a program could see.
        for (; i + 1 < mm->set.count && v->together != v[1].together && vma_continues(&whole, v + 1); i++, v++)
            whole.end = v[1].end;
        each(&whole, context);
    }
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
