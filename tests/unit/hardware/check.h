// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "tests/unit/check.h"

struct emu_platform;

// What the fake aesmd does instead of answering well.
enum aesm_fault {
    AESM_WELL,
    AESM_NO_ECDSA,       // offers only other keys
    AESM_UNSUPPORTED,    // answers with field 20
    AESM_ERROR,          // error code 44
    AESM_FORGETS_KEY,    // error 42 once
    AESM_GARBAGE,        // not protobuf
    AESM_HUGE,           // announces more than it may
    AESM_CUT,            // closes in the middle
    AESM_SHORT_QUOTE,    // the quote's own size does not fit its field
    AESM_WRONG_TARGET,   // target info of 511 bytes
    AESM_FAULTS
};

// An aesmd at `path` over the platform, in a process of its own. Ends when killed.
pid_t serve_aesm(const char *path, struct emu_platform *p, enum aesm_fault fault);

enum pccs_fault {
    PCCS_WELL,
    PCCS_HEX_CRL,   // revocation lists in hex, as PCCS 3.0 has them
    PCCS_PEM_CRL,   // or in PEM
    PCCS_BAD_CRL,   // or in none of these
    PCCS_NO_HEADER, // issuer chains are missing
    PCCS_NOT_FOUND, // knows no platform
    PCCS_HUGE,      // never stops
    PCCS_FAULTS
};

// A PCCS (HTTP, version 4) over the platform on a port of 127.0.0.1, in a process of its own.
pid_t serve_pccs(struct emu_platform *p, enum pccs_fault fault, unsigned *ret_port);
void stop(pid_t server);

void test_aesm(struct emu_platform *p, const char *directory);
void test_pccs(struct emu_platform *p, const char *directory);
void test_pages(void);
void test_open(const char *directory);
void test_enter(void);
void test_vdso(void);
