// SPDX-License-Identifier: MIT
//
// MRENCLAVE, leaf by leaf (SDM vol. 3D, 37.4.1): SHA-256 over one 64-byte record for each ECREATE, EADD and
// EEXTEND, the latter followed by the 256 bytes it measures. Addresses are offsets from SECS.BASEADDR.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SGX_EEXTEND_SIZE = 256 };

struct sgx_measurement; // opaque; holds a running hash

// Starts a measurement (ECREATE). NULL when out of memory. The caller frees it with sgx_measurement_free.
struct sgx_measurement *sgx_measurement_ecreate(uint64_t size, uint32_t ssa_frame_pages);
void sgx_measurement_eadd(struct sgx_measurement *m, uint64_t offset, uint64_t secinfo_flags);
// One EEXTEND after the other for `size` bytes, a multiple of SGX_EEXTEND_SIZE and at most a page.
void sgx_measurement_eextend(struct sgx_measurement *m, uint64_t offset, const uint8_t *data, size_t size);
// EADD and, if measured, the 16 EEXTENDs of one page as every loader does them. content NULL: a zero page.
void sgx_measurement_page(struct sgx_measurement *m, uint64_t offset, uint64_t secinfo_flags,
                          const uint8_t *content, bool measured);
// The value so far; the measurement may go on. EINIT and tools that ask early use it alike.
void sgx_measurement_final(const struct sgx_measurement *m, uint8_t ret_mrenclave[32]);
// Accepts NULL.
void sgx_measurement_free(struct sgx_measurement *m);
