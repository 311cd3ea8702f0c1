// SPDX-License-Identifier: MIT
//
// The device over the Linux SGX driver: probing, creating, initialising.
#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "host/device/hardware/hardware.h"
#include "host/device/hardware/vdso.h"

enum { CPUID_SGX = 0x12, LOWEST_MAPPING = 0x10000 };

static int call_ioctl(int fd, unsigned long request, void *argument)
{
    return ioctl(fd, request, argument);
}

static vdso_sgx_enter_enclave_t find_enter(void)
{
    const void *image = (const void *)getauxval(AT_SYSINFO_EHDR);
    return (vdso_sgx_enter_enclave_t)vdso_symbol(image, "__vdso_sgx_enter_enclave");
}

// Some distributions mount /dev so that nothing in it may be mapped as code, enclaves included.
static int check_executable(int fd, char *reason, size_t reason_size)
{
    struct statvfs st;
    if (fstatvfs(fd, &st) < 0 || !(st.f_flag & ST_NOEXEC))
        return 0;
    snprintf(reason, reason_size, "/dev is mounted noexec, enclaves cannot have code: mount -o remount,exec /dev");
    return -EACCES;
}

static int probe(char *reason, size_t reason_size)
{
    int fd = hardware_open(hardware_enclave_nodes, reason, reason_size);
    if (fd < 0)
        return fd;
    int r = check_executable(fd, reason, reason_size);
    close(fd);
    if (r)
        return r;
    if (find_enter())
        return 0;
    snprintf(reason, reason_size, "Linux offers no __vdso_sgx_enter_enclave; it must be 5.11 or newer, with vdso=1");
    return -ENOSYS;
}

int hardware_secs(const struct enclave_parameters *p, struct sgx_secs *ret, char *reason, size_t reason_size)
{
    const char *wrong = NULL;
    if (p->size < 2 * SGX_PAGE_SIZE || (p->size & (p->size - 1)))
        wrong = "the enclave's size is not a power of two";
    else if (p->base % p->size)
        wrong = "the enclave's base is not a multiple of its size";
    else if ((p->xfrm & SGX_XFRM_LEGACY) != SGX_XFRM_LEGACY || p->ssa_frame_pages == 0)
        wrong = "x87 and SSE state and a page of SSA are mandatory";
    else if (p->attributes & SGX_ATTRIBUTE_INIT)
        wrong = "the attribute INIT is the processor's";
    if (wrong) {
        snprintf(reason, reason_size, "%s", wrong);
        return -EINVAL;
    }
    *ret = (struct sgx_secs){.size = p->size,
                             .base = p->base,
                             .ssa_frame_size = p->ssa_frame_pages,
                             .miscselect = p->misc_select,
                             .attributes = {p->attributes, p->xfrm}};
    return 0;
}

// What ECREATE would refuse without saying why.
static void explain_create(const struct enclave_parameters *p, int error, char *reason, size_t reason_size)
{
    uint32_t a = 0, b = 0, c = 0, d = 0;
    __cpuid_count(CPUID_SGX, 0, a, b, c, d);
    unsigned bits = d >> 8 & 0xff;
    uint32_t misc = b;
    __cpuid_count(CPUID_SGX, 1, a, b, c, d);
    uint64_t attributes = (uint64_t)b << 32 | a, xfrm = (uint64_t)d << 32 | c;
    if (bits < 64 && p->size > (uint64_t)1 << bits)
        snprintf(reason, reason_size, "the processor allows enclaves of 2^%u bytes, not of 0x%llx", bits,
                 (unsigned long long)p->size);
    else if (p->misc_select & ~misc)
        snprintf(reason, reason_size, "the processor cannot report page faults to enclaves (MISCSELECT.EXINFO)");
    else if ((p->attributes & ~attributes) || (p->xfrm & ~xfrm))
        snprintf(reason, reason_size, "the processor lacks attributes 0x%llx or vector state 0x%llx",
                 (unsigned long long)(p->attributes & ~attributes), (unsigned long long)(p->xfrm & ~xfrm));
    else
        snprintf(reason, reason_size, "the SGX driver refuses to create it: %s", strerror(-error));
}

static int reserve(struct enclave *e, char *reason, size_t reason_size)
{
    uint64_t length = e->base + e->size - e->start;
    void *at = (void *)e->start;
    void *got = mmap(at, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == at)
        return 0;
    int error = got == MAP_FAILED ? errno : EEXIST; // kernels before 4.17 ignore the flag
    if (got != MAP_FAILED)
        munmap(got, length);
    snprintf(reason, reason_size, "addresses 0x%llx to 0x%llx are not free: %s", (unsigned long long)e->start,
             (unsigned long long)(e->base + e->size), strerror(error));
    return -error;
}

// Over the reservation, without access yet.
static int map_enclave(struct enclave *e, char *reason, size_t reason_size)
{
    uint64_t length = e->base + e->size - e->start;
    if (mmap((void *)e->start, length, PROT_NONE, MAP_SHARED | MAP_FIXED, e->fd, 0) != MAP_FAILED)
        return 0;
    int error = errno;
    snprintf(reason, reason_size, "the SGX driver refuses to map the enclave: %s%s", strerror(error),
             error == EACCES ? " (is the personality READ_IMPLIES_EXEC?)" : "");
    return -error;
}

static void destroy(struct enclave *e)
{
    if (!e)
        return;
    if (e->reserved)
        (void)munmap((void *)e->start, e->base + e->size - e->start);
    close(e->fd);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

static int create_in_driver(struct enclave *e, const struct sgx_secs *secs)
{
    struct sgx_enclave_create argument = {.src = (uint64_t)secs};
    return hardware_ioctl(e, SGX_IOC_ENCLAVE_CREATE, &argument);
}

static int new_enclave(const struct enclave_parameters *p, struct enclave **ret, char *reason, size_t reason_size)
{
    struct enclave *e = calloc(1, sizeof(*e));
    if (!e) {
        snprintf(reason, reason_size, "out of memory");
        return -ENOMEM;
    }
    e->base = p->base;
    e->size = p->size;
    e->start = p->base < LOWEST_MAPPING ? LOWEST_MAPPING : p->base;
    e->attributes = p->attributes;
    e->enter = find_enter();
    e->driver = call_ioctl;
    e->fd = hardware_open(hardware_enclave_nodes, reason, reason_size);
    if (e->fd < 0) {
        int r = e->fd;
        free(e);
        return r;
    }
    pthread_mutex_init(&e->lock, NULL);
    *ret = e;
    return 0;
}

static int build(struct enclave *e, const struct enclave_parameters *p, const struct sgx_secs *secs, char *reason,
                 size_t reason_size)
{
    int r = reserve(e, reason, reason_size);
    if (r)
        return r;
    e->reserved = true;
    r = create_in_driver(e, secs);
    if (r) {
        explain_create(p, r, reason, reason_size);
        return r;
    }
    r = map_enclave(e, reason, reason_size);
    return r ? r : hardware_catch_interrupts();
}

static int create(const struct enclave_parameters *p, struct enclave **ret_enclave, char *reason, size_t reason_size)
{
    static struct sgx_secs secs __attribute__((aligned(SGX_PAGE_SIZE)));
    struct enclave *e;
    int r = hardware_secs(p, &secs, reason, reason_size);
    if (!r)
        r = new_enclave(p, &e, reason, reason_size);
    if (r)
        return r;
    r = build(e, p, &secs, reason, reason_size);
    if (r)
        destroy(e);
    else
        *ret_enclave = e;
    return r;
}

static void explain_init(const struct enclave *e, int error, char *reason, size_t reason_size)
{
    if (error == -EPERM)
        snprintf(reason, reason_size, "the processor refuses its signature, measurement or attributes (EINIT)");
    else if (error == -EACCES)
        snprintf(reason, reason_size, "Linux does not allow its attributes 0x%llx", (unsigned long long)e->attributes);
    else if (error == -EINVAL)
        snprintf(reason, reason_size, "its signature demands what Linux does not know, or it is initialised already");
    else
        snprintf(reason, reason_size, "EINIT: %s", strerror(-error));
}

static int init(struct enclave *e, const uint8_t sigstruct[1808], char *reason, size_t reason_size)
{
    static uint8_t aligned[SGX_PAGE_SIZE] __attribute__((aligned(SGX_PAGE_SIZE))); // the driver maps one page
    struct sgx_enclave_init argument = {.sigstruct = (uint64_t)aligned};
    if (e->attributes & SGX_ATTRIBUTE_PROVISIONKEY) {
        int r = hardware_allow_provisioning(e, hardware_provision_nodes, reason, reason_size);
        if (r)
            return r;
    }
    memcpy(aligned, sigstruct, sizeof(struct sgx_sigstruct));
    int r = hardware_ioctl(e, SGX_IOC_ENCLAVE_INIT, &argument);
    if (r)
        explain_init(e, r, reason, reason_size);
    return r;
}

const struct device_ops device_hardware = {
    .name = "hardware",
    .probe = probe,
    .create = create,
    .add_pages = hardware_add_pages,
    .map = hardware_map,
    .init = init,
    .enter = hardware_enter,
    .augment = hardware_map,
    .restrict_permissions = hardware_restrict_permissions,
    .modify_type = hardware_modify_type,
    .remove = hardware_remove,
    .quote_target_info = hardware_quote_target_info,
    .quote = hardware_quote,
    .collateral = hardware_collateral,
    .destroy = destroy,
};
