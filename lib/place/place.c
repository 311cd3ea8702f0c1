// SPDX-License-Identifier: MIT
//
// New pages come from userfaultfd, with their content and without having been cleared: half of what a fault of such a page and
// a copy cost. Pages that are there are written by /proc/self/mem, which needs no access. Either way nobody touches the
// entries of the page tables before they have their final form. Changing entries in use (mprotect, mremap) is what costs: on a
// virtual machine without nested paging, 16 pages took 600 us that way and take 35 us this way.
#include "lib/place/place.h"

#include <asm/fcntl.h>
#include <asm/mman.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/ioctl.h>
#include <linux/mman.h>
#include <linux/userfaultfd.h>

static long raw(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    long r;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return r;
}

// Only faults of user mode would be handled, which is what anybody may ask for, and none is: whoever touches a page that is not
// there gets SIGBUS instead of waiting.
static int open_faults(void)
{
    struct uffdio_api api = {.api = UFFD_API, .features = UFFD_FEATURE_SIGBUS};
    int fd = (int)raw(__NR_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY, 0, 0, 0, 0, 0);
    if (fd < 0 || !raw(__NR_ioctl, (uint64_t)fd, UFFDIO_API, (uint64_t)&api, 0, 0, 0))
        return fd;
    (void)raw(__NR_close, (uint64_t)fd, 0, 0, 0, 0, 0);
    return -1;
}

void place_open(struct place *ret)
{
    ret->faults = open_faults();
    ret->memory = (int)raw(__NR_open, (uint64_t)"/proc/self/mem", O_RDWR | O_CLOEXEC, 0, 0, 0, 0);
}

void place_close(struct place *p)
{
    if (p->faults >= 0)
        (void)raw(__NR_close, (uint64_t)p->faults, 0, 0, 0, 0, 0);
    if (p->memory >= 0)
        (void)raw(__NR_close, (uint64_t)p->memory, 0, 0, 0, 0, 0);
    p->faults = p->memory = -1;
}

static long expect(int faults, uint64_t address, uint64_t length)
{
    struct uffdio_register range = {.range = {address, length}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    return raw(__NR_ioctl, (uint64_t)faults, UFFDIO_REGISTER, (uint64_t)&range, 0, 0, 0);
}

void place_expect(const struct place *p, uint64_t address, uint64_t length)
{
    if (p->faults >= 0)
        (void)expect(p->faults, address, length);
}

// How many bytes of new pages were placed, in whole pages; none if the first page is there already.
static uint64_t copy_new(int faults, uint64_t address, uint64_t content, uint64_t length)
{
    if (faults < 0)
        return 0;
    struct uffdio_copy copy = {.dst = address, .src = content, .len = length};
    long r = raw(__NR_ioctl, (uint64_t)faults, UFFDIO_COPY, (uint64_t)&copy, 0, 0, 0);
    if (r == -ENOENT && !expect(faults, address, length)) {
        copy.copy = 0;
        r = raw(__NR_ioctl, (uint64_t)faults, UFFDIO_COPY, (uint64_t)&copy, 0, 0, 0);
    }
    return !r ? length : copy.copy > 0 ? (uint64_t)copy.copy : 0;
}

static uint64_t write_over(int memory, uint64_t address, uint64_t content, uint64_t length)
{
    long n = memory < 0 ? 0 : raw(__NR_pwrite64, (uint64_t)memory, content, length, address, 0, 0);
    return n > 0 ? (uint64_t)n : 0;
}

// Linux can be told to refuse both, and /proc can be missing: filled elsewhere and moved.
static long move_content(uint64_t address, uint64_t content, uint64_t length)
{
    const uint64_t flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE;
    long p = raw(__NR_mmap, 0, length, PROT_READ | PROT_WRITE, flags, (uint64_t)-1, 0);
    if (p < 0 && p >= -4095)
        return p;
    for (uint64_t i = 0; i < length / 8; i++)
        ((volatile uint64_t *)p)[i] = ((const volatile uint64_t *)content)[i];
    long r = raw(__NR_mprotect, (uint64_t)p, length, PROT_NONE, 0, 0, 0);
    if (!r)
        r = raw(__NR_mremap, (uint64_t)p, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, address, 0);
    if (r < 0)
        (void)raw(__NR_munmap, (uint64_t)p, length, 0, 0, 0, 0);
    return r < 0 ? r : 0;
}

// How many bytes are there then. faults: -1, the pages are there already.
static uint64_t fill(int faults, int memory, uint64_t address, uint64_t content, uint64_t length)
{
    uint64_t done = 0, n = 1;
    while (n && done < length) {
        n = copy_new(faults, address + done, content + done, length - done);
        if (!n)
            n = write_over(memory, address + done, content + done, length - done);
        done += n;
    }
    return done;
}

long place_content(const struct place *p, uint64_t address, const void *content, uint64_t length)
{
    const uint64_t done = fill(p->faults, p->memory, address, (uint64_t)content, length);
    return done < length ? move_content(address + done, (uint64_t)content + done, length - done) : 0;
}

long place_over(const struct place *p, uint64_t address, const void *content, uint64_t length)
{
    const uint64_t done = fill(-1, p->memory, address, (uint64_t)content, length);
    long r = done < length ? move_content(address, (uint64_t)content, length) : 0;
    return done < length && !r ? 1 : r;
}
