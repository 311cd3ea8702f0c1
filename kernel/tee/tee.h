// SPDX-License-Identifier: MIT
//
// TEE awareness: /dev/attestation, and the credential system calls, which run the attestation service (an ordinary program of
// the measured system image) in a helper process on the calling thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/mm/user.h"

struct process;
struct thread;

// Runs a program of the system image to completion on the calling thread: its own process and address space; stdin is
// `input`, stdout is collected (at most limit bytes, kmalloc'ed). Result: exit status 0..255, or -errno.
int helper_run(const char *path, char *const argv[], const void *input, size_t input_size, void **ret_output, size_t *ret_size,
               size_t limit);

// Adds /dev/attestation to /dev.
void attestation_mount(void);
// What a process wrote to /dev/attestation.
void attestation_process_free(struct process *p);

// Evidence. All 0 or -errno; -EINVAL on a target that is no TEE.
int tee_own_target_info(uint8_t ret[512]);
// Whether a report of another enclave is of this platform and made for us: 0, or -EBADMSG.
int tee_check_report(const uint8_t report[432]);
// A quote over report_data: *ret_quote is kmalloc'ed.
int tee_quote(const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size);
// Endorsements for a quote, as the host finds them (abi/collateral.h): kmalloc'ed.
int tee_collateral(const void *request, size_t request_size, uint8_t **ret, size_t *ret_size);

// Credentials as the attestation service makes them: three kmalloc'ed parts that follow each other in `block`.
struct credentials_made {
    uint8_t *block;
    size_t block_size;
    const uint8_t *certificate, *key, *report;
    size_t certificate_size, key_size, report_size;
};
int credentials_make(bool extended, struct credentials_made *ret);
void credentials_wipe(struct credentials_made *c);
// MYST_WANT_TEE_CREDENTIALS: writes the files that the program's environment asks for. Stops the enclave with a reason when that fails.
void credentials_boot(char *const envp[]);

// Callbacks into the program (callback.c).
struct regs;
long callback_enter(struct regs *regs, uint64_t function, const void *data, size_t data_size, uint64_t argument);
long callback_return(struct regs *regs, int value);
void callback_thread_free(struct thread *t);
