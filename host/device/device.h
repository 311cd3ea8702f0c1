// SPDX-License-Identifier: MIT
//
// An SGX device: the Linux driver (hardware/) or our software SGX (emulated/, over emu/). Everything above this
// interface is the same code. Results: 0 or negative errno; `reason` buffers receive one line for people.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct enclave; // one per device instance, owned by the device

struct enclave_parameters {
    uint64_t base, size;     // ELRANGE
    uint32_t ssa_frame_pages;
    uint32_t misc_select;    // bit 0 EXINFO
    uint64_t attributes, xfrm;
};

// How the enclave was left. Filled by enter.
struct enclave_exit {
    uint64_t rdi, rsi;   // EEXIT values (abi/entry.h: enum exit_kind and its argument)
    bool exception;      // true: not an EEXIT but an AEX with an exception (vDSO style)
    uint16_t vector, error;
    uint64_t address;
};

// What a thread does after an exit, asked before enter returns: function 2 or 3 with *rdi and *rsi, or 0 for enter to return. FS may be the
// enclave's: no thread-local storage.
typedef unsigned enclave_exit_handler(uint64_t tcs, const struct enclave_exit *exit, uint64_t *rdi, uint64_t *rsi);

struct device_ops {
    const char *name; // "hardware", "emulated"
    // Can it be used here? 0, or negative errno with a reason that says what to do.
    int (*probe)(char *reason, size_t reason_size);
    int (*create)(const struct enclave_parameters *p, struct enclave **ret_enclave, char *reason, size_t reason_size);
    // Adds count pages copied from src (NULL: zero pages); secinfo_flags as in SDM SECINFO.FLAGS (0x100 TCS, 0x203 RW ...); measured or
    // not.
    int (*add_pages)(struct enclave *e, uint64_t address, const void *src, size_t count, uint64_t secinfo_flags, bool measure);
    // Sets the host's page-table access of added pages (PROT_*).
    int (*map)(struct enclave *e, uint64_t address, size_t length, int prot);
    int (*populate)(struct enclave *e, uint64_t address, size_t length); // what is mapped is used next; NULL: nothing has to be done
    int (*init)(struct enclave *e, const uint8_t sigstruct[1808], char *reason, size_t reason_size);
    // Enters a TCS: function 2 EENTER or 3 ERESUME with RDI, RSI. Asynchronous exits without exception resume by themselves,
    // unless enclave_interrupt was asked for this thread: then enter returns with exception = true and vector = 256.
    int (*enter)(struct enclave *e, uint64_t tcs, unsigned function, uint64_t rdi, uint64_t rsi, struct enclave_exit *ret_exit);
    // Optional: for a device whose way back to the caller of enter is long.
    void (*handle_exits)(struct enclave *e, enclave_exit_handler *handler);
    // SGX2. prot is what the host's page tables allow afterwards.
    int (*augment)(struct enclave *e, uint64_t address, size_t length, int prot);
    int (*restrict_permissions)(struct enclave *e, uint64_t address, size_t length, int prot); // EMODPR
    int (*modify_type)(struct enclave *e, uint64_t address, size_t length, unsigned type);     // EMODT: 1 TCS, 4 TRIM
    int (*remove)(struct enclave *e, uint64_t address, size_t length);
    // Attestation.
    int (*quote_target_info)(struct enclave *e, uint8_t ret[512]);
    int (*quote)(struct enclave *e, const uint8_t report[432], uint8_t *ret, size_t size, size_t *ret_size);
    int (*collateral)(struct enclave *e, const void *request, size_t request_size, void *ret, size_t size, size_t *ret_size);
    // Optional, for a device where CPUID does not trap: it does for the current thread, as #UD of the enclave, or no longer.
    int (*cpuid_trap)(bool on);
    void (*destroy)(struct enclave *e);
};

extern const struct device_ops device_hardware;
extern const struct device_ops device_emulated;
