// SPDX-License-Identifier: MIT
//
// Mystikos's own system calls (include/myst/tee.h).
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/syscall/dispatch.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"
#include "kernel/tee/tee.h"
#include "kernel/trace/log.h"

enum { IDENTITY_SIZE = 96, CERTIFICATE_MAX = 0x100000 };

long sys_myst_max_threads(void)
{
    return THREAD_AREA_COUNT;
}

// A buffer of its own in the program's memory, which SYS_myst_free_creds gives back.
static int give(const void *bytes, size_t size, void USER *ret_pointer, void USER *ret_size)
{
    long at = mm_map(mm_current(), 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
    if (at < 0)
        return (int)at;
    if (copy_to_user((void USER *)(uintptr_t)at, bytes, size) || PUT_USER((uint64_t)at, (uint64_t USER *)ret_pointer) ||
        PUT_USER((uint64_t)size, (uint64_t USER *)ret_size)) {
        (void)mm_unmap(mm_current(), (uint64_t)at, size);
        return -EFAULT;
    }
    return 0;
}

static int clear(void USER *pointer, void USER *size)
{
    const uint64_t none = 0;
    return PUT_USER(none, (uint64_t USER *)pointer) || PUT_USER(none, (uint64_t USER *)size) ? -EFAULT : 0;
}

// Wiped before it is given back: committed pages may be another program's next.
static void take_back(uint64_t address, size_t size)
{
    if (!address || !size || address % PAGE_SIZE || size > CERTIFICATE_MAX || clear_user((void USER *)address, size))
        return;
    (void)mm_unmap(mm_current(), address, (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
}

static void take_back_at(void USER *pointer, void USER *size)
{
    uint64_t address = 0, length = 0;
    if (pointer && !GET_USER(address, (const uint64_t USER *)pointer) && !GET_USER(length, (const uint64_t USER *)size))
        take_back(address, length);
    if (pointer)
        (void)clear(pointer, size);
}

static long generate(bool extended, void USER *const out[6])
{
    unsigned parts = extended ? 3 : 2;
    for (unsigned i = 0; i < parts; i++)
        if (clear(out[2 * i], out[2 * i + 1]))
            return -EFAULT;
    struct credentials_made c;
    int r = credentials_make(extended, &c);
    if (r)
        return r;
    const struct {
        const uint8_t *bytes;
        size_t size;
    } from[3] = {{c.certificate, c.certificate_size}, {c.key, c.key_size}, {c.report, c.report_size}};
    for (unsigned i = 0; !r && i < parts; i++)
        r = give(from[i].bytes, from[i].size, out[2 * i], out[2 * i + 1]);
    credentials_wipe(&c);
    for (unsigned i = 0; r && i < parts; i++)
        take_back_at(out[2 * i], out[2 * i + 1]);
    return r;
}

long sys_myst_gen_creds(void USER *certificate, void USER *certificate_size, void USER *key, void USER *key_size)
{
    return generate(false, (void USER *const[6]){certificate, certificate_size, key, key_size});
}

long sys_myst_gen_creds_ex(void USER *certificate, void USER *certificate_size, void USER *key, void USER *key_size,
                           void USER *report, void USER *report_size)
{
    return generate(true, (void USER *const[6]){certificate, certificate_size, key, key_size, report, report_size});
}

long sys_myst_free_creds(uint64_t certificate, size_t certificate_size, uint64_t key, size_t key_size, uint64_t report,
                         size_t report_size)
{
    take_back(certificate, certificate_size);
    take_back(key, key_size);
    take_back(report, report_size);
    return 0;
}

long sys_myst_free_creds_ex(uint64_t certificate, size_t certificate_size, uint64_t key, size_t key_size, uint64_t report,
                            size_t report_size)
{
    return sys_myst_free_creds(certificate, certificate_size, key, key_size, report, report_size);
}

// The service's verdict. 0 with the identity; else -errno, its reason in the trace.
static int verify(const void *certificate, size_t size, uint8_t ret_identity[IDENTITY_SIZE])
{
    char *const argv[] = {(char *)"attestd", (char *)"verify", NULL};
    void *output = NULL;
    size_t output_size = 0;
    int status = helper_run("/bin/attestd", argv, certificate, size, &output, &output_size, PAGE_SIZE);
    if (!status && output_size == IDENTITY_SIZE)
        memcpy(ret_identity, output, IDENTITY_SIZE);
    else if (status > 0 && syscall_tracing)
        log_line("myst: myst_verify_cert: %.*s", (int)output_size, (const char *)output);
    kfree(output);
    if (status < 0)
        return status;
    return !status && output_size == IDENTITY_SIZE ? 0 : -EPERM;
}

long sys_myst_verify_cert(const void USER *certificate, size_t size, uint64_t verifier, uint64_t argument)
{
    uint8_t identity[IDENTITY_SIZE];
    if (!target_is_tee) {
        log_line("myst: certificates are verified in an enclave: the linux target is no TEE; use 'myst exec'");
        return -EINVAL;
    }
    if (!size || size > CERTIFICATE_MAX)
        return -EINVAL;
    void *copy = kmalloc(size);
    if (!copy)
        return -ENOMEM;
    int r = copy_from_user(copy, certificate, size) ? -EFAULT : verify(copy, size, identity);
    kfree(copy);
    if (r || !verifier)
        return r;
    return callback_enter(current_thread()->regs, verifier, identity, sizeof(identity), argument);
}

long sys_myst_callback_return(int value)
{
    return callback_return(current_thread()->regs, value);
}
