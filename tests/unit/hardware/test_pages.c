// SPDX-License-Identifier: MIT
//
// Arguments of the driver's ioctls, and what becomes of its answers. A recorder stands where the driver would.
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/device/hardware/hardware.h"
#include "tests/unit/hardware/check.h"

enum { BASE = 0x40000000, SIZE = 0x1000000, PAGE = 4096, CALLS = 512 };

static struct call {
    unsigned long request;
    uint64_t offset, length, value;
    uint64_t secinfo_flags;
    uint8_t first_byte;
} calls[CALLS];
static unsigned call_count;

// What the driver does next time: bytes it gets done (0: all), and the error it then gives.
static struct script {
    uint64_t count;
    int error;
} script[8];

static void reset(struct script first, struct script second)
{
    memset(script, 0, sizeof(script));
    memset(calls, 0, sizeof(calls));
    call_count = 0;
    script[0] = first;
    script[1] = second;
}

static int driver(int fd, unsigned long request, void *argument)
{
    struct call *c = &calls[call_count];
    CHECK(fd == 77 && call_count < CALLS);
    struct script s = call_count < 8 ? script[call_count] : (struct script){0};
    call_count++;
    c->request = request;
    uint64_t *count = NULL;
    if (request == SGX_IOC_ENCLAVE_PROVISION) {
        errno = s.error;
        return s.error ? -1 : 0;
    }
    c->offset = ((uint64_t *)argument)[0];
    c->length = ((uint64_t *)argument)[1];
    if (request == SGX_IOC_ENCLAVE_ADD_PAGES) {
        struct sgx_enclave_add_pages *a = argument;
        const struct sgx_secinfo *info = (const void *)a->secinfo;
        CHECK(a->src % PAGE == 0 && a->secinfo % 64 == 0 && a->count == 0);
        *c = (struct call){request, a->offset, a->length, a->flags, info->flags, *(const uint8_t *)a->src};
        count = (uint64_t *)&a->count;
    } else if (request == SGX_IOC_ENCLAVE_REMOVE_PAGES) {
        count = (uint64_t *)&((struct sgx_enclave_remove_pages *)argument)->count;
    } else { // the two have the same shape
        struct sgx_enclave_modify_types *a = argument;
        CHECK(!a->result && !a->count);
        c->value = a->page_type;
        count = (uint64_t *)&a->count;
    }
    *count = s.count ? s.count == 1 ? 0 : s.count : s.error ? 0 : c->length;
    errno = s.error;
    return s.error ? -1 : 0;
}

static struct enclave e = {
    .fd = 77, .base = BASE, .size = SIZE, .start = BASE, .driver = driver, .lock = PTHREAD_MUTEX_INITIALIZER};

static void test_numbers(void) // as the kernel's documentation has them
{
    CHECK(SGX_IOC_ENCLAVE_CREATE == 0x4008a400 && SGX_IOC_ENCLAVE_ADD_PAGES == 0xc030a401);
    CHECK(SGX_IOC_ENCLAVE_INIT == 0x4008a402 && SGX_IOC_ENCLAVE_PROVISION == 0x4008a403);
    CHECK(SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS == 0xc028a405 && SGX_IOC_ENCLAVE_MODIFY_TYPES == 0xc028a406);
    CHECK(SGX_IOC_ENCLAVE_REMOVE_PAGES == 0xc018a407);
}

static void test_add(void)
{
    static uint8_t pages[3 * PAGE + 1] __attribute__((aligned(PAGE)));
    memset(pages, 0x5a, sizeof(pages));
    reset((struct script){0}, (struct script){0});
    CHECK(!hardware_add_pages(&e, BASE + PAGE, pages, 3, 0x203, true));
    CHECK(call_count == 1 && calls[0].offset == PAGE && calls[0].length == 3 * PAGE && calls[0].value == 1);
    CHECK(calls[0].secinfo_flags == 0x203 && calls[0].first_byte == 0x5a);
    reset((struct script){PAGE, 0}, (struct script){0, EINTR}); // a signal: the rest follows
    CHECK(!hardware_add_pages(&e, BASE, pages + 1, 3, 0x100, false));
    CHECK(call_count == 3 && calls[1].offset == PAGE && calls[2].offset == PAGE && calls[2].length == 2 * PAGE);
    CHECK(calls[2].value == 0 && calls[2].secinfo_flags == 0x100 && calls[2].first_byte == 0x5a);
    reset((struct script){0}, (struct script){0});
    CHECK(!hardware_add_pages(&e, BASE, NULL, 130, 0x203, true)); // zero pages, 64 at a time
    CHECK(call_count == 3 && calls[2].offset == 128 * PAGE && calls[2].length == 2 * PAGE && !calls[2].first_byte);
    reset((struct script){0, EBUSY}, (struct script){0});
    CHECK(hardware_add_pages(&e, BASE, pages, 1, 0x203, true) == -EBUSY && call_count == 1);
    reset((struct script){2 * PAGE, 0}, (struct script){0}); // a driver that did more than asked
    CHECK(hardware_add_pages(&e, BASE, pages, 1, 0x203, true) == -EIO);
    reset((struct script){1, 0}, (struct script){0}); // success without progress
    CHECK(hardware_add_pages(&e, BASE, pages, 1, 0x203, true) == -EIO);
}

static void test_ranges(void)
{
    reset((struct script){0}, (struct script){0});
    CHECK(hardware_add_pages(&e, BASE, NULL, 0, 0x203, true) == -EINVAL);
    CHECK(hardware_add_pages(&e, BASE - PAGE, NULL, 1, 0x203, true) == -EINVAL);
    CHECK(hardware_add_pages(&e, BASE + 1, NULL, 1, 0x203, true) == -EINVAL);
    CHECK(hardware_add_pages(&e, BASE + SIZE - PAGE, NULL, 2, 0x203, true) == -EINVAL);
    CHECK(hardware_add_pages(&e, BASE, NULL, SIZE_MAX / PAGE + 2, 0x203, true) == -EINVAL);
    CHECK(hardware_modify_type(&e, BASE + PAGE, (size_t)-PAGE, 4) == -EINVAL);
    CHECK(hardware_modify_type(&e, BASE, PAGE, 2) == -EINVAL);
    CHECK(hardware_remove(&e, BASE + SIZE, PAGE) == -EINVAL);
    CHECK(hardware_map(&e, 0, PAGE, PROT_READ) == -EINVAL);
    CHECK(call_count == 0);
}

static void test_change(void)
{
    reset((struct script){0}, (struct script){0});
    CHECK(!hardware_restrict_permissions(&e, BASE + PAGE, PAGE, PROT_EXEC));
    CHECK(call_count == 1 && calls[0].request == SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS && calls[0].value == 5);
    CHECK(!hardware_restrict_permissions(&e, BASE, PAGE, PROT_NONE) && calls[1].value == 0);
    reset((struct script){PAGE, EAGAIN}, (struct script){0, EAGAIN}); // one page done, then one is being reclaimed
    CHECK(!hardware_modify_type(&e, BASE, 3 * PAGE, 4));
    CHECK(call_count == 3 && calls[1].offset == PAGE && calls[2].offset == PAGE && calls[2].length == 2 * PAGE);
    CHECK(calls[0].value == 4);
    reset((struct script){PAGE, EFAULT}, (struct script){0});
    CHECK(hardware_modify_type(&e, BASE, 2 * PAGE, 1) == -EFAULT && call_count == 1);
    reset((struct script){3 * PAGE, EAGAIN}, (struct script){0});
    CHECK(hardware_modify_type(&e, BASE, 2 * PAGE, 1) == -EIO);
}

static void test_remove(void)
{
    volatile uint8_t *page = mmap((void *)(uintptr_t)(BASE + PAGE), PAGE, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    int fd[2];
    CHECK(!pipe(fd) && (uintptr_t)page == BASE + PAGE);
    *page = 1;
    reset((struct script){0}, (struct script){0});
    CHECK(!hardware_remove(&e, BASE + PAGE, PAGE) && calls[0].request == SGX_IOC_ENCLAVE_REMOVE_PAGES);
    CHECK(write(fd[1], (void *)page, 1) < 0 && errno == EFAULT); // without access now
    CHECK(!hardware_map(&e, BASE + PAGE, PAGE, PROT_READ) && write(fd[1], (void *)page, 1) == 1);
    close(fd[0]);
    close(fd[1]);
    munmap((void *)page, PAGE);
    struct enclave low = e; // an enclave from 0 on starts where Linux maps
    low.base = 0;
    low.size = 0x100000;
    low.start = 0x10000;
    CHECK(hardware_map(&low, 0x1000, PAGE, PROT_READ) == -EPERM);
}

static void test_secs(void)
{
    static struct sgx_secs secs;
    char reason[256];
    struct enclave_parameters p = {.base = 0, .size = 1ull << 39, .ssa_frame_pages = 4, .misc_select = 1,
                                   .attributes = SGX_ATTRIBUTE_MODE64BIT, .xfrm = 0xe7};
    CHECK(!hardware_secs(&p, &secs, reason, sizeof(reason)));
    CHECK(secs.size == 1ull << 39 && !secs.base && secs.ssa_frame_size == 4 && secs.miscselect == 1);
    CHECK(secs.attributes.flags == 4 && secs.attributes.xfrm == 0xe7);
    struct enclave_parameters bad = p;
    bad.size = 3 << 20;
    CHECK(hardware_secs(&bad, &secs, reason, sizeof(reason)) == -EINVAL && strstr(reason, "power of two"));
    bad = p;
    bad.base = 0x1000;
    CHECK(hardware_secs(&bad, &secs, reason, sizeof(reason)) == -EINVAL && strstr(reason, "base"));
    bad = p;
    bad.xfrm = 4;
    CHECK(hardware_secs(&bad, &secs, reason, sizeof(reason)) == -EINVAL);
    bad = p;
    bad.attributes |= SGX_ATTRIBUTE_INIT;
    CHECK(hardware_secs(&bad, &secs, reason, sizeof(reason)) == -EINVAL);
}

static void test_provisioning(void)
{
    static const char *const none[] = {"/nonexistent/sgx_provision", NULL}, *const some[] = {"/dev/null", NULL};
    char reason[256] = "";
    CHECK(hardware_allow_provisioning(&e, none, reason, sizeof(reason)) == -ENODEV);
    CHECK(strstr(reason, "provisioning key"));
    reset((struct script){0, EINVAL}, (struct script){0});
    CHECK(hardware_allow_provisioning(&e, some, reason, sizeof(reason)) == -EINVAL && strstr(reason, "refuses"));
    reset((struct script){0}, (struct script){0});
    CHECK(!hardware_allow_provisioning(&e, some, reason, sizeof(reason)));
    CHECK(calls[0].request == SGX_IOC_ENCLAVE_PROVISION);
}

void test_pages(void)
{
    test_numbers();
    test_add();
    test_ranges();
    test_change();
    test_remove();
    test_secs();
    test_provisioning();
}
