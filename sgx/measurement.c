// SPDX-License-Identifier: MIT
//
// MRENCLAVE. The records of a page are gathered in one buffer, so that a page costs one call into the hash. That is nettle's: a start
// would wait for libcrypto to make itself ready, which it does beside, for the signature.
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "sgx/measurement.h"
#include "sgx/structures.h"

enum {
    RECORD_SIZE = 64,
    CHUNKS = SGX_PAGE_SIZE / SGX_EEXTEND_SIZE,
};

struct sgx_measurement {
    struct sha256_ctx hash;
};

static void update(struct sgx_measurement *m, const void *data, size_t size)
{
    sha256_update(&m->hash, size, data);
}

static void put64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
}

static void eadd_record(uint8_t record[RECORD_SIZE], uint64_t offset, uint64_t secinfo_flags)
{
    memset(record, 0, RECORD_SIZE);
    memcpy(record, "EADD", 4);
    put64(record + 8, offset);
    put64(record + 16, secinfo_flags);
}

static void eextend_record(uint8_t record[RECORD_SIZE], uint64_t offset)
{
    memset(record, 0, RECORD_SIZE);
    memcpy(record, "EEXTEND", 8);
    put64(record + 8, offset);
}

struct sgx_measurement *sgx_measurement_ecreate(uint64_t size, uint32_t ssa_frame_pages)
{
    struct sgx_measurement *m = malloc(sizeof(*m));
    if (!m)
        return NULL;
    uint8_t record[RECORD_SIZE] = "ECREATE";
    memcpy(record + 8, &ssa_frame_pages, sizeof(ssa_frame_pages));
    put64(record + 12, size);
    sha256_init(&m->hash);
    update(m, record, sizeof(record));
    return m;
}

void sgx_measurement_eadd(struct sgx_measurement *m, uint64_t offset, uint64_t secinfo_flags)
{
    uint8_t record[RECORD_SIZE];
    eadd_record(record, offset, secinfo_flags);
    update(m, record, sizeof(record));
}

void sgx_measurement_eextend(struct sgx_measurement *m, uint64_t offset, const uint8_t *data, size_t size)
{
    uint8_t records[CHUNKS * (RECORD_SIZE + SGX_EEXTEND_SIZE)], *at = records;
    for (size_t i = 0; i < size; i += SGX_EEXTEND_SIZE) {
        eextend_record(at, offset + i);
        memcpy(at + RECORD_SIZE, data + i, SGX_EEXTEND_SIZE);
        at += RECORD_SIZE + SGX_EEXTEND_SIZE;
    }
    update(m, records, (size_t)(at - records));
}

void sgx_measurement_page(struct sgx_measurement *m, uint64_t offset, uint64_t secinfo_flags,
                          const uint8_t *content, bool measured)
{
    static const uint8_t zero[SGX_PAGE_SIZE];
    sgx_measurement_eadd(m, offset, secinfo_flags);
    if (measured)
        sgx_measurement_eextend(m, offset, content ? content : zero, SGX_PAGE_SIZE);
}

void sgx_measurement_final(const struct sgx_measurement *m, uint8_t ret_mrenclave[32])
{
    struct sha256_ctx copy = m->hash;
    sha256_digest(&copy, SGX_HASH_SIZE, ret_mrenclave);
}

void sgx_measurement_free(struct sgx_measurement *m)
{
    free(m);
}
