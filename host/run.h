// SPDX-License-Identifier: MIT
//
// The host runtime as the command line uses it: build what is to be run, then run it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_image { // a sealed image (abi/image.h), mapped read-only
    const uint8_t *data;
    const uint8_t *tree; // first hash block
    uint64_t tree_size;
};

struct run_options {
    enum { RUN_SGX, RUN_LINUX } target;
    enum { DEVICE_AUTO, DEVICE_HARDWARE, DEVICE_EMULATED } device;
    bool strace;
    const void *config; // compiled configuration (abi/config.h)
    size_t config_size;
    struct run_image rootfs, system;
    const char *kernel_path; // kernel-sgx.elf or kernel-linux.elf
    char *const *argv;       // program's arguments offered to the kernel
    char *const *envp;       // environment offered to the kernel
    uint16_t product_id, security_version;
    bool debug;
    const char *signing_key; // PEM file; NULL = development key
};

// Runs to the end; the value is myst's exit status. Failures before the program starts print one line and give 1.
int run(const struct run_options *options);

// One page (or run of equal pages) of what run() would load, in the order in which it is added.
struct layout_page {
    uint64_t address;
    uint64_t secinfo_flags;
    bool measured;
    const uint8_t *content; // 4096 bytes; NULL = zero page
};
// Calls `each` for every page of the sgx enclave in order. For `myst dump`, the signer and the loader itself. 0 or negative errno,
// or the first non-zero value of `each`.
int layout_for_each(const struct run_options *options, int (*each)(const struct layout_page *page, void *context), void *context);

// MRENCLAVE as run() would get it, computed without a device.
int layout_measure(const struct run_options *options, uint8_t ret_mrenclave[32]);
