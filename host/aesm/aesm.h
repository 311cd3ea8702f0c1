// SPDX-License-Identifier: MIT
//
// Client of the architectural enclave service (aesmd): the quoting enclave behind a Unix socket.
//
// What comes back is untrusted and not judged here: a wrong target info gives a report that nobody can check, a wrong
// quote does not verify. Sizes are checked.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define AESM_SOCKET "/var/run/aesmd/aesm.socket"

enum { AESM_TARGET_INFO_SIZE = 512, AESM_REPORT_SIZE = 432 };

// TARGETINFO of the quoting enclave (ECDSA). 0, or negative errno with a reason: -ENOENT, -ECONNREFUSED: no service;
// -EACCES: may not use it; -ENOTSUP: no ECDSA quotes there; -EPROTO: an answer that makes no sense; others after its
// code.
int aesm_target_info(const char *socket_path, uint8_t ret[AESM_TARGET_INFO_SIZE], char *reason, size_t reason_size);

// A quote of a report made for that target. Errors as above; -ENOBUFS: *ret_size says what is needed.
int aesm_quote(const char *socket_path, const uint8_t report[AESM_REPORT_SIZE], uint8_t *ret, size_t size,
               size_t *ret_size, char *reason, size_t reason_size);
