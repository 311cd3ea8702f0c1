// SPDX-License-Identifier: MIT
//
// TCB info and QE identity as data, and what they say about a platform and a quoting enclave. Signatures,
// dates and whose they are is the verifier's business.
#pragma once

#include <jansson.h>

#include <myst/attest.h>

#include "attest/pck.h"
#include "sgx/structures.h"

struct tcb_level {
    uint8_t component[16]; // TCB info
    uint16_t svn;          // TCB info: PCESVN; QE identity: ISVSVN
    enum attest_tcb_status status;
    const char *date;         // in the JSON value
    const json_t *advisories; // NULL or an array of strings, in the JSON value
};

struct tcb_info {
    bool tdx; // for TDX, not SGX
    int64_t issued, next_update;
    uint8_t fmspc[6], pceid[2];
    bool has_pceid;
    uint32_t evaluation_number;
    size_t levels_count;
    struct tcb_level *levels; // highest first
};

struct qe_identity {
    char id[8]; // "QE", "TD_QE", ...
    int64_t issued, next_update;
    uint32_t evaluation_number;
    uint32_t miscselect, miscselect_mask;
    uint8_t attributes[16], attributes_mask[16];
    uint8_t mrsigner[32];
    uint32_t isvprodid;
    size_t levels_count;
    struct tcb_level *levels;
};

// Both read a whole value and refuse it when any field they know is missing or of the wrong type. The result
// points into `value`; its levels are to be freed with free().
bool tcb_info_parse(const json_t *value, struct tcb_info *ret_info);
bool qe_identity_parse(const json_t *value, struct qe_identity *ret_identity);

// The first level the platform reaches; NULL: none.
const struct tcb_level *tcb_info_level(const struct tcb_info *info, const struct pck *pck);
const struct tcb_level *qe_identity_level(const struct qe_identity *identity, uint16_t isvsvn);
// NULL, or the name of the field that does not fit.
const char *qe_identity_mismatch(const struct qe_identity *identity, const struct sgx_report_body *report);

// The status of the whole, from the platform's and the quoting enclave's.
enum attest_tcb_status tcb_converge(enum attest_tcb_status platform, enum attest_tcb_status qe);

// The union of both lists, sorted, separated by commas. False when it does not fit.
bool tcb_advisories(const json_t *a, const json_t *b, char *ret_text, size_t size);
