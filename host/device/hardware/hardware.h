// SPDX-License-Identifier: MIT
//
// Parts of the hardware device, apart for tests: nothing here needs a processor with SGX until enter.
#pragma once

#include <asm/sgx.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "host/device/device.h"
#include "sgx/structures.h"

struct enclave {
    int fd;
    uint64_t base, size;
    uint64_t attributes;
    uint64_t start; // first mapped address: base, or above the addresses that Linux never maps
    bool reserved;  // [start, base + size) is mapped
    vdso_sgx_enter_enclave_t enter;
    int (*driver)(int fd, unsigned long request, void *argument); // ioctl
    pthread_mutex_t lock; // held over every ioctl: the driver answers EBUSY to a second one
};

// Device nodes: today's name, then that of older driver packages. End with NULL.
extern const char *const hardware_enclave_nodes[], *const hardware_provision_nodes[];

// Opens the first node that exists. Its descriptor, or negative errno with a reason that says what to do.
int hardware_open(const char *const *nodes, char *reason, size_t reason_size);

// Gets the driver's leave for the provisioning key, which the attribute of that name needs. 0 or negative errno with a
// reason.
int hardware_allow_provisioning(const struct enclave *e, const char *const *nodes, char *reason, size_t reason_size);

// SECS of an enclave to be created. 0 or -EINVAL with a reason.
int hardware_secs(const struct enclave_parameters *p, struct sgx_secs *ret, char *reason, size_t reason_size);

// One ioctl under the lock; interrupted ones are repeated. 0 or negative errno.
int hardware_ioctl(struct enclave *e, unsigned long request, void *argument);

// Operations of device_hardware.
int hardware_add_pages(struct enclave *e, uint64_t address, const void *src, size_t count, uint64_t secinfo_flags,
                       bool measure);
int hardware_map(struct enclave *e, uint64_t address, size_t length, int prot);
int hardware_restrict_permissions(struct enclave *e, uint64_t address, size_t length, int prot);
int hardware_modify_type(struct enclave *e, uint64_t address, size_t length, unsigned type);
int hardware_remove(struct enclave *e, uint64_t address, size_t length);
int hardware_enter(struct enclave *e, uint64_t tcs, unsigned function, uint64_t rdi, uint64_t rsi,
                   struct enclave_exit *ret_exit);
int hardware_quote_target_info(struct enclave *e, uint8_t ret[512]);
int hardware_quote(struct enclave *e, const uint8_t report[432], uint8_t *ret, size_t size, size_t *ret_size);
int hardware_collateral(struct enclave *e, const void *request, size_t request_size, void *ret, size_t size,
                        size_t *ret_size);

// Catches HOST_INTERRUPT_SIGNAL. 0 or negative errno.
int hardware_catch_interrupts(void);
