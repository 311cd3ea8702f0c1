// SPDX-License-Identifier: MIT
//
// TCB info and QE identity as data, and what they say about a platform and a quoting enclave. Signatures,
// dates and whose they are is the verifier's business.
#pragma once

#include <jansson.h>

#include <myst/attest.h>

#include "attest/pck.h"
#include "attest/quote.h"
#include "sgx/structures.h"

enum { TCB_COMPONENTS = 16 };

struct tcb_level {
    uint16_t component[TCB_COMPONENTS]; // TCB info; some write more than the 255 that a platform can reach
    uint16_t tdx_component[TCB_COMPONENTS]; // TCB info for TDX
    uint16_t svn;                           // TCB info: PCESVN; identities of QE and TDX module: ISVSVN
    enum attest_tcb_status status;
    const char *date;         // in the JSON value
    const json_t *advisories; // NULL or an array of strings, in the JSON value
};

// What makes a TDX module a proper one. The identity of version 0 has no levels.
struct tdx_module {
    uint8_t version; // major version of the module; 0: before versions had numbers
    uint8_t mrsigner[48];
    uint64_t attributes, attributes_mask;
    size_t levels_count;
    struct tcb_level *levels;
};

enum { TDX_MODULES_MAX = 32 };

struct tcb_info {
    bool tdx; // for TDX, not SGX
    int64_t issued, next_update;
    uint8_t fmspc[6], pceid[2];
    bool has_pceid;
    uint32_t evaluation_number;
    size_t levels_count;
    struct tcb_level *levels; // highest first
    size_t modules_count;     // TDX
    struct tdx_module modules[TDX_MODULES_MAX];
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
// points into `value`; tcb_info_free frees the levels, also after a refusal.
bool tcb_info_parse(const json_t *value, struct tcb_info *ret_info);
void tcb_info_free(struct tcb_info *info);
// Its levels are to be freed with free().
bool qe_identity_parse(const json_t *value, struct qe_identity *ret_identity);

// The first level the platform reaches; NULL: none.
const struct tcb_level *tcb_info_level(const struct tcb_info *info, const struct pck *pck);
const struct tcb_level *isvsvn_level(const struct tcb_level *levels, size_t count, uint16_t isvsvn);
// NULL, or the name of the field that does not fit.
const char *qe_identity_mismatch(const struct qe_identity *identity, const struct sgx_report_body *report);

// The status of the whole, from the platform's and the quoting enclave's.
enum attest_tcb_status tcb_converge(enum attest_tcb_status platform, enum attest_tcb_status qe);

// Whether the platform reaches what a level asks of its SGX components and its PCE.
bool tcb_level_reached(const struct tcb_level *level, const struct pck *pck);

// The levels that a TDX platform is at. module is NULL where its version has none.
struct tdx_tcb {
    const struct tcb_level *sgx, *tdx, *module;
    enum attest_tcb_status status; // of these levels and the QE's
    bool module_unknown;           // the one that an update has put beneath
};
// The module's identity that applies to a version; NULL: none.
const struct tdx_module *tdx_module_find(const struct tcb_info *info, uint8_t version);
// NULL, or what does not fit about the module that the quote names.
const char *tdx_module_mismatch(const struct tcb_info *info, const struct attest_tdx *td);
// NULL, or what is below every known level; or what is wrong with a module that is unknown.
const char *tdx_evaluate(const struct tcb_info *info, const struct pck *pck, const struct quote *quote,
                         enum attest_tcb_status qe_status, struct tdx_tcb *ret_tcb);

// The union of the lists, sorted, separated by commas. False when it does not fit.
bool tcb_advisories(const json_t *const *lists, size_t count, char *ret_text, size_t size);
