// SPDX-License-Identifier: MIT
//
// System calls on memory: argument checks; the work is in kernel/mm.
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "kernel/boot/config.h"
#include "kernel/mm/advice.h"
#include "kernel/mm/lock.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/resident.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/open_file.h"

long sys_mmap(uint64_t address, size_t length, int prot, int flags, int fd, long offset)
{
    struct file *f = NULL;
    if (!(flags & MAP_ANONYMOUS)) {
        f = fd_get_io(fd);
        if (!f)
            return -EBADF;
        int r = file_may_map(f, prot, flags);
        if (r) {
            file_put(f);
            return r;
        }
    }
    if (f)
        file_accessed(f);
    long r = file_is_zero_device(f) ? mm_map(mm_current(), address, length, prot, flags | MAP_ANONYMOUS, NULL, 0)
                                    : mm_map(mm_current(), address, length, prot, flags, f, (uint64_t)offset);
    file_put(f);
    return r;
}

long sys_mprotect(uint64_t address, size_t length, int prot)
{
    return mm_protect(mm_current(), address, length, prot);
}

long sys_munmap(uint64_t address, size_t length)
{
    return mm_unmap(mm_current(), address, length);
}

long sys_brk(uint64_t address)
{
    bool refused = config_get()->flags & CONFIG_NO_BRK; // the break stays, which is how brk fails
    return mm_brk(mm_current(), refused ? 0 : address);
}

long sys_mremap(uint64_t old, size_t old_size, size_t new_size, int flags, uint64_t new_address)
{
    return mm_remap(mm_current(), old, old_size, new_size, flags, new_address);
}

long sys_remap_file_pages(uint64_t start, size_t size, int prot, unsigned long page, int flags)
{
    start &= ~(PAGE_SIZE - 1);
    size &= ~(PAGE_SIZE - 1);
    if (prot || start + size <= start || page + size / PAGE_SIZE < page || page + size / PAGE_SIZE > INT64_MAX / PAGE_SIZE)
        return -EINVAL;
    return mm_remap_pages(mm_current(), start, size, page * PAGE_SIZE);
}

long sys_madvise(uint64_t address, size_t length, int advice)
{
    return mm_advise(mm_current(), address, length, advice);
}

long sys_msync(uint64_t address, size_t length, int flags)
{
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || ((flags & MS_ASYNC) && (flags & MS_SYNC)))
        return -EINVAL;
    return mm_sync(mm_current(), address, length, flags);
}

long sys_mincore(uint64_t address, size_t length, void USER *vector)
{
    enum { PIECE = 256 };
    if (address % PAGE_SIZE || length > USER_END || address > USER_END - length)
        return address % PAGE_SIZE ? -EINVAL : -ENOMEM;
    const size_t count = (length + PAGE_SIZE - 1) / PAGE_SIZE;
    for (size_t i = 0; i < count; i += PIECE) {
        uint8_t there[PIECE];
        size_t n = count - i < PIECE ? count - i : PIECE, known = mm_resident(mm_current(), address + i * PAGE_SIZE, n, there);
        if (copy_to_user((char USER *)vector + i, there, known))
            return -EFAULT;
        if (known < n)
            return -ENOMEM;
    }
    return 0;
}

long sys_mlock(uint64_t address, size_t length)
{
    return mm_lock(mm_current(), address, length, 0);
}

long sys_mlock2(uint64_t address, size_t length, int flags)
{
    return flags & ~MLOCK_ONFAULT ? -EINVAL : mm_lock(mm_current(), address, length, flags);
}

long sys_munlock(uint64_t address, size_t length)
{
    return mm_unlock(mm_current(), address, length);
}

long sys_mlockall(int flags)
{
    if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
        return -EINVAL;
    return mm_lock_all(mm_current(), flags);
}

long sys_munlockall(void)
{
    return mm_lock_all(mm_current(), 0);
}
