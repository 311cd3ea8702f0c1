// SPDX-License-Identifier: MIT
//
// lib/mystikos/myst-sgx runs every target.
#include <malloc.h>
#include <openssl/crypto.h>

#include "cli/exec.h"

bool exec_holds(int target)
{
    return true;
}

// The machine's configuration of OpenSSL is not ours, and a start does not read it. What signs beside the building of the enclave uses the
// same memory: an arena of its own would grow by a system call for each page.
void exec_begin(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    mallopt(M_ARENA_MAX, 1);
}

int exec_run(const struct run_options *options)
{
    return run(options);
}
