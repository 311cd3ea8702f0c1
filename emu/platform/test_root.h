// SPDX-License-Identifier: MIT
//
// The published test root, PEM as in attest/test_root. Anyone has its key.
#pragma once

#include <openssl/x509.h>

extern const char platform_test_root[], platform_test_root_end[];
extern const char platform_test_root_key[], platform_test_root_key_end[];

// NULL when the library fails. The caller frees them.
X509 *platform_test_root_certificate(void);
EVP_PKEY *platform_test_root_private_key(void);
