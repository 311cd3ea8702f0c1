// SPDX-License-Identifier: MIT
//
// Runs the sgx target: picks the device, builds the enclave, and keeps its threads entered.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "host/boot_info.h"
#include "host/device/device.h"
#include "host/device/emulated/sites.h"
#include "host/hostcall/cpuid.h"
#include "host/hostcall/forward.h"
#include "host/hostcall/server.h"
#include "host/loader/loader.h"
#include "host/sgx/after_exit.h"
#include "host/sgx/build.h"
#include "host/sgx/sgx.h"

enum { REASON_SIZE = 256, PAGE_TYPE_TCS = 1, PAGE_TYPE_TRIM = 4 };

static const struct device_ops *device;
static struct enclave *enclave;

static long augment(uint64_t address, uint64_t length, int prot, uint64_t content)
{
    return device->augment(enclave, address, length, prot);
}

static long protect(uint64_t address, uint64_t length, int prot, enum memory_protect_how how)
{
    int r = how == MEMORY_PROTECT_RESTRICT ? device->restrict_permissions(enclave, address, length, prot) : 0;
    if (!r)
        r = device->map(enclave, address, length, prot);
    if (!r && how == MEMORY_PROTECT_USE && device->populate)
        r = device->populate(enclave, address, length);
    return r;
}

static long trim(uint64_t address, uint64_t length)
{
    return device->modify_type(enclave, address, length, PAGE_TYPE_TRIM);
}

static long remove_pages(uint64_t address, uint64_t length)
{
    return device->remove(enclave, address, length);
}

static long make_tcs(uint64_t address)
{
    return device->modify_type(enclave, address, PAGE_SIZE, PAGE_TYPE_TCS);
}

static void process_exit(int status)
{
    _exit(status);
}

static long quote_target_info(uint8_t *ret)
{
    return device->quote_target_info ? device->quote_target_info(enclave, ret) : -ENOSYS;
}

static long quote(const uint8_t *report, uint8_t *ret, uint64_t size)
{
    size_t used = 0;
    int r = device->quote ? device->quote(enclave, report, ret, size, &used) : -ENOSYS;
    return r ? r : (long)used;
}

static long collateral(const void *request, uint64_t request_size, void *ret, uint64_t size)
{
    size_t used = 0;
    int r = device->collateral ? device->collateral(enclave, request, request_size, ret, size, &used) : -ENOSYS;
    return r ? r : (long)used;
}

static void give_up(const char *reason)
{
    fprintf(stderr, "myst: %s\n", reason);
    _exit(134);
}

// Exits that sgx_after_exit leaves to us. False: the thread has ended.
static bool serve_exit(unsigned index, const struct enclave_exit *e)
{
    struct host_call *call = (struct host_call *)(host_blocks + (uint64_t)index * HOST_BLOCK_SIZE);
    if (e->exception) {
        fprintf(stderr, "myst: the enclave cannot handle exception %u at page 0x%llx\n", e->vector, (unsigned long long)e->address);
        _exit(134);
    }
    if (e->rdi != EXIT_HOST_CALL)
        give_up("the enclave refused to go on");
    if (call->kind == HOST_CALL_THREAD_EXIT)
        return false;
    host_call_serve(index, call);
    return true;
}

static void keep_entered(unsigned index, uint64_t kind, uint64_t argument)
{
    uint64_t tcs = THREAD_AREA(index) + THREAD_TCS_OFFSET;
    unsigned function = SGX_EENTER;
    for (;;) {
        struct enclave_exit e;
        int r = device->enter(enclave, tcs, function, kind, argument, &e);
        if (r) {
            fprintf(stderr, "myst: cannot enter the enclave: %s\n", strerror(-r));
            _exit(134);
        }
        function = sgx_after_exit(tcs, &e, &kind, &argument);
        if (function)
            continue;
        if (!serve_exit(index, &e))
            return;
        function = SGX_EENTER;
        kind = ENTRY_RETURN;
        argument = 0;
    }
}

static void *thread_main(void *argument)
{
    unsigned index = (unsigned)(uintptr_t)argument;
    host_threads[index].tid = (int)syscall(SYS_gettid);
    for (;;) {
        keep_entered(index, ENTRY_THREAD, 0);
        host_thread_park(index);
    }
    return NULL;
}

static long thread_start(uint64_t index)
{
    pthread_t thread;
    pthread_attr_t attributes;
    if (index >= THREAD_AREA_COUNT)
        return -EINVAL;
    if (host_thread_unpark(index))
        return 0;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    int error = pthread_create(&thread, &attributes, thread_main, (void *)(uintptr_t)index);
    pthread_attr_destroy(&attributes);
    return -error;
}

static long cpuid_trap(bool on)
{
    return device->cpuid_trap ? device->cpuid_trap(on) : -ENODEV;
}

static long cpuid_break(unsigned index, const uint64_t addresses[CPUID_BREAKS])
{
    return device->cpuid_trap ? host_cpuid_break(index, addresses) : -ENODEV;
}

static const struct host_call_ops ops = {
    .augment = augment,
    .protect = protect,
    .trim = trim,
    .remove = remove_pages,
    .make_tcs = make_tcs,
    .thread_start = thread_start,
    .process_exit = process_exit,
    .quote_target_info = quote_target_info,
    .quote = quote,
    .collateral = collateral,
    .cpuid_trap = cpuid_trap,
    .cpuid_break = cpuid_break,
};

static int choose_device(const struct run_options *options)
{
    char reason[REASON_SIZE] = "";
    int r = options->device == DEVICE_EMULATED ? -ENODEV : device_hardware.probe(reason, sizeof(reason));
    if (!r) {
        device = &device_hardware;
        return 0;
    }
    if (options->device == DEVICE_HARDWARE) {
        fprintf(stderr, "myst: --device hardware: %s\n", reason);
        return r;
    }
    device = &device_emulated;
    r = device->probe(reason, sizeof(reason));
    if (r)
        fprintf(stderr, "myst: software SGX cannot run here: %s\n", reason);
    return r;
}

int sgx_run(const struct run_options *options)
{
    static struct boot_info boot_info;
    struct kernel_image image;
    int r = choose_device(options);
    if (!r)
        r = kernel_image_open(options->kernel_path, &image);
    if (!r)
        r = sgx_build(device, &image, options, &enclave);
    if (!r && device == &device_emulated)
        r = emulated_patch_sites(enclave, image.sites, image.site_count);
    if (!r)
        r = host_call_setup(&ops);
    if (!r)
        r = boot_info_fill(options, device == &device_emulated ? BOOT_CPUID_KERNEL : BOOT_CPUID_ALL, &boot_info);
    if (r)
        return 1;
    if (device->handle_exits)
        device->handle_exits(enclave, sgx_after_exit);
    host_threads[0].tid = (int)syscall(SYS_gettid);
    host_signals_forward();
    keep_entered(0, ENTRY_BOOT, (uint64_t)&boot_info);
    host_threads[0].tid = 0;
    for (;;) // the boot thread ended, others go on
        pause();
}
