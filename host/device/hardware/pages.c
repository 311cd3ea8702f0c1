// SPDX-License-Identifier: MIT
//
// Pages: before EINIT they are added, after it the SGX2 operations change them (kernel documentation x86/sgx.rst). All
// stop at the first page that fails and say how far they came.
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "host/device/hardware/hardware.h"

enum { BOUNCE_PAGES = 64, RECLAIM_TRIES = 100000 };

static int check_range(const struct enclave *e, uint64_t address, size_t length)
{
    uint64_t offset = address - e->base;
    if (((address | length) & (SGX_PAGE_SIZE - 1)) || length == 0 || address < e->base || offset >= e->size ||
        length > e->size - offset)
        return -EINVAL;
    return 0;
}

int hardware_ioctl(struct enclave *e, unsigned long request, void *argument)
{
    int r;
    pthread_mutex_lock(&e->lock);
    do
        r = e->driver(e->fd, request, argument) < 0 ? -errno : 0;
    while (r == -EINTR);
    pthread_mutex_unlock(&e->lock);
    return r;
}

// Adds length bytes from an aligned buffer. A signal can end the ioctl early without an error.
static int add(struct enclave *e, uint64_t offset, const void *src, size_t length, uint64_t secinfo_flags, bool measure)
{
    const struct sgx_secinfo secinfo = {.flags = secinfo_flags};
    for (size_t done = 0; done < length;) {
        struct sgx_enclave_add_pages a = {.src = (uint64_t)src + done,
                                          .offset = offset + done,
                                          .length = length - done,
                                          .secinfo = (uint64_t)&secinfo,
                                          .flags = measure ? SGX_PAGE_MEASURE : 0};
        int r = hardware_ioctl(e, SGX_IOC_ENCLAVE_ADD_PAGES, &a);
        if (r)
            return r;
        if (a.count == 0 || a.count > length - done || a.count % SGX_PAGE_SIZE)
            return -EIO;
        done += a.count;
    }
    return 0;
}

// Through memory of ours that is aligned and, unlike a file mapping, always allowed to become executable.
static int add_bounced(struct enclave *e, uint64_t offset, const uint8_t *src, size_t length, uint64_t secinfo_flags,
                       bool measure)
{
    const size_t most = BOUNCE_PAGES * SGX_PAGE_SIZE;
    uint8_t *bounce = mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bounce == MAP_FAILED)
        return -errno;
    int r = 0;
    for (size_t done = 0; done < length && !r;) {
        size_t part = length - done < most ? length - done : most;
        if (src)
            memcpy(bounce, src + done, part);
        r = add(e, offset + done, bounce, part, secinfo_flags, measure);
        done += part;
    }
    munmap(bounce, most);
    return r;
}

int hardware_add_pages(struct enclave *e, uint64_t address, const void *src, size_t count, uint64_t secinfo_flags,
                       bool measure)
{
    if (count > e->size / SGX_PAGE_SIZE)
        return -EINVAL;
    const size_t length = count * SGX_PAGE_SIZE;
    int r = check_range(e, address, length);
    if (r)
        return r;
    if (src && ((uintptr_t)src & (SGX_PAGE_SIZE - 1)) == 0)
        return add(e, address - e->base, src, length, secinfo_flags, measure);
    return add_bounced(e, address - e->base, src, length, secinfo_flags, measure);
}

// The whole range was mapped without access when the enclave was created. With access, a page that is missing is added
// (EAUG) by the driver when the enclave touches it, in EACCEPT or otherwise; so this is all that augmenting needs.
int hardware_map(struct enclave *e, uint64_t address, size_t length, int prot)
{
    int r = check_range(e, address, length);
    if (!r && address < e->start)
        r = -EPERM;
    if (!r && mprotect((void *)address, length, prot) < 0)
        r = -errno;
    return r;
}

// One step of an SGX2 operation: how many bytes from offset on were done.
typedef int (*step)(struct enclave *e, uint64_t offset, uint64_t length, uint64_t value, uint64_t *ret_count);

static int restrict_step(struct enclave *e, uint64_t offset, uint64_t length, uint64_t value, uint64_t *ret_count)
{
    struct sgx_enclave_restrict_permissions a = {.offset = offset, .length = length, .permissions = value};
    int r = hardware_ioctl(e, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &a);
    *ret_count = a.count;
    return r;
}

static int modify_step(struct enclave *e, uint64_t offset, uint64_t length, uint64_t value, uint64_t *ret_count)
{
    struct sgx_enclave_modify_types a = {.offset = offset, .length = length, .page_type = value};
    int r = hardware_ioctl(e, SGX_IOC_ENCLAVE_MODIFY_TYPES, &a);
    *ret_count = a.count;
    return r;
}

static int remove_step(struct enclave *e, uint64_t offset, uint64_t length, uint64_t value, uint64_t *ret_count)
{
    struct sgx_enclave_remove_pages a = {.offset = offset, .length = length};
    int r = hardware_ioctl(e, SGX_IOC_ENCLAVE_REMOVE_PAGES, &a);
    *ret_count = a.count;
    return r;
}

static bool passes(int error) // the page is being written out or read in
{
    return error == -EAGAIN || error == -EBUSY;
}

static int for_range(struct enclave *e, step one, uint64_t address, size_t length, uint64_t value)
{
    unsigned tries = 0;
    int r = check_range(e, address, length);
    for (uint64_t done = 0; !r && done < length;) {
        uint64_t count = 0;
        r = one(e, address - e->base + done, length - done, value, &count);
        if (count > length - done || count % SGX_PAGE_SIZE || (!r && !count))
            return -EIO;
        done += count;
        tries = count ? 0 : tries + 1;
        if (passes(r) && tries < RECLAIM_TRIES) {
            r = 0;
            sched_yield();
        }
    }
    return r;
}

// PROT_* are the bits of SECINFO; the EPCM has no page that is not readable.
int hardware_restrict_permissions(struct enclave *e, uint64_t address, size_t length, int prot)
{
    _Static_assert(PROT_READ == SGX_SECINFO_R && PROT_WRITE == SGX_SECINFO_W && PROT_EXEC == SGX_SECINFO_X, "bits");
    uint64_t permissions = (uint64_t)prot & SGX_SECINFO_RWX;
    if (permissions)
        permissions |= SGX_SECINFO_R;
    return for_range(e, restrict_step, address, length, permissions);
}

int hardware_modify_type(struct enclave *e, uint64_t address, size_t length, unsigned type)
{
    if (type != SGX_PT_TCS && type != SGX_PT_TRIM)
        return -EINVAL;
    return for_range(e, modify_step, address, length, type);
}

// Afterwards without access: a stray touch shall fault instead of adding a page.
int hardware_remove(struct enclave *e, uint64_t address, size_t length)
{
    int r = for_range(e, remove_step, address, length, 0);
    return r ? r : hardware_map(e, address, length, PROT_NONE);
}
