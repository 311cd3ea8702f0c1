// SPDX-License-Identifier: MIT
//
// Signatures made before: RSA-3072 takes longer than building the enclave. A SIGSTRUCT is public; EINIT checks it whoever kept it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sgx/structures.h"

// Looks under $XDG_CACHE_HOME/mystikos for what `wanted` (everything but key and signature) gave when signed with this key. True:
// *ret holds it, and its signature holds.
bool sign_cache_get(const struct sgx_sigstruct *wanted, const void *key_text, size_t key_size, struct sgx_sigstruct *ret);
// Keeps one. Failures do not matter.
void sign_cache_put(const struct sgx_sigstruct *wanted, const void *key_text, size_t key_size, const struct sgx_sigstruct *signed_one);
