// SPDX-License-Identifier: MIT
//
// The SIGSTRUCT of what is about to run.
#pragma once

#include "host/loader/kernel_image.h"
#include "host/run.h"
#include "sgx/structures.h"

// XFRM of our enclaves on this machine: what the processor offers of the state that programs use.
uint64_t sgx_host_xfrm(void);
// Signs the measurement with options->signing_key, or with the published development key. 0, or negative errno after one line on stderr.
int sgx_sign(const struct run_options *options, const uint8_t mrenclave[32], struct sgx_sigstruct *ret);
