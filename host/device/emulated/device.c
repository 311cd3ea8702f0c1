// SPDX-License-Identifier: MIT
//
// The software SGX as a device: emu/ behind host/device/device.h, with reasons for people, and the user's platform behind its keys and
// quotes.
#include <errno.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "emu/emu.h"
#include "emu/platform.h"
#include "host/device/device.h"
#include "host/device/emulated/sites.h"
#include "host/hostcall/server.h"
#include "sgx/result.h"

enum { REASON_SIZE = 256 };

struct enclave {
    struct emu_enclave *emu;
    enclave_exit_handler *exit_handler;
};

// The platform is opened by the first report, key or quote: most programs ask for none.
static struct emu_platform *platform;
static pthread_once_t platform_once = PTHREAD_ONCE_INIT;

static void open_platform(void)
{
    char reason[REASON_SIZE] = "";
    if (emu_platform_open(&platform, reason, sizeof(reason)))
        fprintf(stderr, "myst: software SGX: %s\n", reason);
}

static struct emu_platform *the_platform(void)
{
    pthread_once(&platform_once, open_platform);
    return platform;
}

static const struct sgx_key_secrets *secrets(void *context)
{
    return the_platform() ? emu_platform_secrets(platform) : NULL;
}

static int probe(char *reason, size_t reason_size)
{
#ifndef PR_SET_SYSCALL_USER_DISPATCH
    enum { PR_SET_SYSCALL_USER_DISPATCH = 59 };
#endif
    if (!prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0))
        return 0;
    snprintf(reason, reason_size, "this Linux lacks Syscall User Dispatch (needs 5.11 or newer)");
    return -ENOSYS;
}

static int create(const struct enclave_parameters *p, struct enclave **ret, char *reason, size_t reason_size)
{
    const struct sgx_secs secs = {
        .size = p->size,
        .base = p->base,
        .ssa_frame_size = p->ssa_frame_pages,
        .miscselect = p->misc_select,
        .attributes = {p->attributes, p->xfrm},
    };
    struct enclave *e = calloc(1, sizeof(*e));
    int r = e ? emu_ecreate(&secs, secrets, NULL, &e->emu) : -ENOMEM;
    if (r) {
        free(e);
        snprintf(reason, reason_size, r == -EEXIST ? "the enclave's address range is not free in this process"
                                     : r == -EINVAL ? "ECREATE refuses the enclave's size or attributes" : "%s", strerror(-r));
        return r;
    }
    emu_interrupt_signal(HOST_INTERRUPT_SIGNAL, host_syscall_cancel);
    fprintf(stderr, "myst: software SGX (debug enclave): same measurement, no protection from this machine's owner\n");
    *ret = e;
    return 0;
}

static int add_pages(struct enclave *e, uint64_t address, const void *src, size_t count, uint64_t secinfo_flags, bool measure)
{
    uint64_t length = count * SGX_PAGE_SIZE;
    int prepared = emu_eadd_prepare(e->emu, address, length);
    if (prepared)
        return prepared;
    // One page after the other: that is the order in which it is measured.
    for (uint64_t at = 0; at < length; at += SGX_PAGE_SIZE) {
        int r = emu_eadd(e->emu, address + at, src ? (const uint8_t *)src + at : NULL, SGX_PAGE_SIZE, secinfo_flags);
        if (!r && measure)
            r = emu_eextend(e->emu, address + at, SGX_PAGE_SIZE);
        if (r)
            return r > 0 ? -EIO : r;
    }
    return 0;
}

static int map(struct enclave *e, uint64_t address, size_t length, int prot)
{
    return emu_map(e->emu, address, length, prot);
}

static int populate(struct enclave *e, uint64_t address, size_t length)
{
    return emu_populate(e->emu, address, length);
}

static int init(struct enclave *e, const uint8_t sigstruct[1808], char *reason, size_t reason_size)
{
    struct sgx_sigstruct s;
    memcpy(&s, sigstruct, sizeof(s));
    int r = emu_einit(e->emu, &s);
    if (r > 0)
        snprintf(reason, reason_size, "EINIT answers %s", sgx_result_name(r));
    return r > 0 ? -EPERM : r;
}

static struct enclave_exit exit_of(const struct emu_exit *x)
{
    return (struct enclave_exit){
        .rdi = x->rdi,
        .rsi = x->rsi,
        .exception = x->exception,
        .vector = (uint16_t)x->vector,
        .error = (uint16_t)x->error,
        .address = x->address,
    };
}

static unsigned on_exit_from_enclave(void *context, uint64_t tcs, const struct emu_exit *x, uint64_t *rdi, uint64_t *rsi)
{
    const struct enclave *e = context;
    const struct enclave_exit exit = exit_of(x);
    return e->exit_handler(tcs, &exit, rdi, rsi);
}

static void handle_exits(struct enclave *e, enclave_exit_handler *handler)
{
    e->exit_handler = handler;
    emu_handle_exits(e->emu, on_exit_from_enclave, e);
}

static int enter(struct enclave *e, uint64_t tcs, unsigned function, uint64_t rdi, uint64_t rsi, struct enclave_exit *ret)
{
    struct emu_exit x;
    int r = emu_enter(e->emu, tcs, function, rdi, rsi, &x);
    if (!r)
        *ret = exit_of(&x);
    return r;
}

static int result(int r)
{
    return r > 0 ? -EINVAL : r; // an SGX code: the page is not in a state for it
}

static int augment(struct enclave *e, uint64_t address, size_t length, int prot)
{
    int r = emu_eaug(e->emu, address, length);
    return result(r ? r : emu_map(e->emu, address, length, prot));
}

static int restrict_permissions(struct enclave *e, uint64_t address, size_t length, int prot)
{
    return result(emu_emodpr(e->emu, address, length, (uint64_t)prot & 7)); // PROT_* and SECINFO agree in R, W, X
}

static int modify_type(struct enclave *e, uint64_t address, size_t length, unsigned type)
{
    return result(emu_emodt(e->emu, address, length, type));
}

static int remove_pages(struct enclave *e, uint64_t address, size_t length)
{
    return result(emu_eremove(e->emu, address, length));
}

static int quote_target_info(struct enclave *e, uint8_t ret[512])
{
    struct sgx_targetinfo t;
    int r = the_platform() ? emu_platform_target_info(platform, &t) : -EIO;
    if (!r)
        memcpy(ret, &t, sizeof(t));
    return r;
}

static int quote(struct enclave *e, const uint8_t report[432], uint8_t *ret, size_t size, size_t *ret_size)
{
    struct sgx_report r;
    memcpy(&r, report, sizeof(r));
    return the_platform() ? emu_platform_quote(platform, &r, ret, size, ret_size) : -EIO;
}

static int collateral(struct enclave *e, const void *request, size_t request_size, void *ret, size_t size, size_t *ret_size)
{
    struct collateral_request q;
    if (request_size != sizeof(q))
        return -EINVAL;
    memcpy(&q, request, sizeof(q));
    return the_platform() ? emu_platform_collateral(platform, &q, ret, size, ret_size) : -EIO;
}

static void destroy(struct enclave *e)
{
    emu_destroy(e->emu);
    free(e);
}

const struct device_ops device_emulated = {
    .name = "emulated",
    .probe = probe,
    .create = create,
    .add_pages = add_pages,
    .map = map,
    .populate = populate,
    .init = init,
    .enter = enter,
    .handle_exits = handle_exits,
    .augment = augment,
    .restrict_permissions = restrict_permissions,
    .modify_type = modify_type,
    .remove = remove_pages,
    .quote_target_info = quote_target_info,
    .quote = quote,
    .collateral = collateral,
    .cpuid_trap = emu_cpuid_trap,
    .destroy = destroy,
};

int emulated_patch_sites(struct enclave *e, const struct enclave_site *sites, size_t count)
{
    struct emu_site *copy = calloc(count + 1, sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    size_t instructions = 0;
    for (size_t i = 0; i < count; i++)
        if (sites[i].kind == ENCLAVE_SITE_ENTRY_WITHOUT_FS)
            emu_entry_without_fs(e->emu, sites[i].address);
        else
            copy[instructions++] = (struct emu_site){sites[i].address, (enum emu_site_kind)sites[i].kind};
    int r = emu_patch(e->emu, copy, instructions);
    free(copy);
    return r;
}
