// SPDX-License-Identifier: MIT
//
// What verify and quote are given: a file, or the certificate of a TLS server.
#pragma once

#include <stdbool.h>

#include <myst/attest.h>

struct input {
    uint8_t *bytes;
    size_t size;
    bool is_certificate; // then DER
};

// A file ("-": standard input), or HOST:PORT when there is no such file. False after one line on stderr.
bool input_load(const char *command, const char *name, struct input *ret);
void input_free(struct input *input);

// The certificate, DER and malloc'ed, that a TLS server shows and proves to have the key of. 0 or negative
// errno with a reason.
int tls_certificate(const char *host, const char *port, uint8_t **ret_der, size_t *ret_size, char *reason,
                    size_t reason_size);
