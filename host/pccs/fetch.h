// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fetched { // free both with free()
    uint8_t *body;
    size_t size;
    char *chain; // issuer chain from the response's header, PEM; NULL where none was asked for
};

// GET. chain_headers: names of the header that holds the issuer chain (URL-encoded PEM), ends with NULL; NULL: none.
// 0, or negative errno with a reason (see pccs.h).
int pccs_fetch(const char *url, bool verify_tls, const char *const *chain_headers, struct fetched *ret, char *reason,
               size_t reason_size);
