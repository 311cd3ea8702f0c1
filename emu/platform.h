// SPDX-License-Identifier: MIT
//
// The platform of the software SGX: what stands behind a processor. Fused secrets, the PCK key and its
// certificates, the quoting enclave with its attestation key, and the collateral that Intel would publish. One
// per user, made on first use under $XDG_DATA_HOME/mystikos (~/.local/share/mystikos; without a writable home
// /var/tmp/mystikos-<uid>). Its quotes chain to the published test root: they prove nothing about hardware, and
// nothing here is a secret from the host.
//
// All functions may be called from several threads. Results: 0 or negative errno.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/collateral.h"
#include "sgx/keys.h"
#include "sgx/structures.h"

struct emu_platform;

// Opens the user's platform and makes it where there is none. The caller closes *ret. -EACCES, -EROFS, ...:
// no usable directory; -EBADMSG: the stored platform is damaged or of another version. `reason` gets one line.
int emu_platform_open(struct emu_platform **ret, char *reason, size_t reason_size);

// The file of the user's platform (PATH_MAX bytes). -ENOENT: there is none yet.
int emu_platform_find(char *ret_path);

// The test root that its chains end in: PEM, static.
const char *emu_platform_root(size_t *ret_size);

// NULL is fine.
void emu_platform_close(struct emu_platform *p);

// What keys are derived from. Lives as long as the platform.
const struct sgx_key_secrets *emu_platform_secrets(const struct emu_platform *p);

// Whom to make a report for when it shall become a quote: the quoting enclave. Always 0.
int emu_platform_target_info(struct emu_platform *p, struct sgx_targetinfo *ret);

// The quoting enclave: turns a report made for it on this platform into a quote (DCAP, version 3, ECDSA P-256,
// certification data type 5). -EACCES: the report's MAC does not hold; -ENOBUFS: too small, *ret_size says what
// is needed (the size is the same for every quote of a platform); -EIO, -ENOMEM: library.
int emu_platform_quote(struct emu_platform *p, const struct sgx_report *report, uint8_t *ret, size_t size,
                       size_t *ret_size);

// Names the platform's attestation key: the SHA-256 of its two coordinates. 0 or -EIO.
int emu_platform_key_id(const struct emu_platform *p, uint8_t ret[32]);

// The size of the platform's quotes.
size_t emu_platform_quote_size(const struct emu_platform *p);

// What a verifier needs besides the quote, in the form of abi/collateral.h, valid for 30 days from now. -ENOENT:
// there is none for another FMSPC, the processor CA or TDX; -ENOBUFS as above; -EIO, -ENOMEM: library.
int emu_platform_collateral(struct emu_platform *p, const struct collateral_request *request, uint8_t *ret,
                            size_t size, size_t *ret_size);

// The FMSPC of the software platforms ("MYST", then their generation), as collateral requests name it.
extern const uint8_t emu_platform_fmspc[6];
