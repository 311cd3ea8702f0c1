// SPDX-License-Identifier: MIT
//
// TEE awareness: /dev/attestation, and the credential system calls, which run the attestation service (an ordinary program of
// the measured system image) in a helper process on the calling thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Runs a program of the system image to completion on the calling thread: its own process and address space; stdin is
// `input`, stdout is collected (at most limit bytes, kmalloc'ed). Result: exit status 0..255, or -errno.
int helper_run(const char *path, char *const argv[], const void *input, size_t input_size, void **ret_output, size_t *ret_size, size_t limit);
