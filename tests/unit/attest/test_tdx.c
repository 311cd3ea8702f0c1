// SPDX-License-Identifier: MIT
//
// TDX TCB evaluation with made-up levels: what no published quote shows, above all when a relaunch is
// advised.
#include "attest/tcb.h"
#include "tests/unit/attest/check.h"

enum { LEVELS = 2, MODULE_LEVELS = 2 };

static struct tcb_level levels[LEVELS], module_levels[MODULE_LEVELS];
static struct tcb_info info;
static struct pck pck;
static struct quote quote;
static struct tdx_tcb tcb;

// Module 1.05 is the newest, 1.02 outdated; SEAM loader 5; the platform reaches the first level.
static void reset(void)
{
    memset(levels, 0, sizeof(levels));
    memset(&quote, 0, sizeof(quote));
    levels[0] = (struct tcb_level){.component = {3, 3}, .tdx_component = {5, 0, 5}, .svn = 11};
    levels[1] = (struct tcb_level){
        .component = {2, 2}, .tdx_component = {4, 0, 3}, .svn = 5, .status = ATTEST_TCB_OUT_OF_DATE};
    module_levels[0] = (struct tcb_level){.svn = 5};
    module_levels[1] = (struct tcb_level){.svn = 2, .status = ATTEST_TCB_OUT_OF_DATE};
    info = (struct tcb_info){.tdx = true, .levels = levels, .levels_count = LEVELS, .modules_count = 2};
    info.modules[0].attributes_mask = UINT64_MAX;
    info.modules[1] = (struct tdx_module){
        .version = 1, .attributes_mask = UINT64_MAX, .levels = module_levels, .levels_count = MODULE_LEVELS};
    pck = (struct pck){.component = {3, 3}, .pcesvn = 11};
    quote.tee = ATTEST_TDX;
    quote.has_td_1_5 = true;
    memcpy(quote.td.tee_tcb_svn, (const uint8_t[16]){5, 1, 5}, 16);
    memcpy(quote.td.tee_tcb_svn_2, (const uint8_t[16]){5, 1, 5}, 16);
}

static void set_svn(uint8_t svn[16], uint8_t module, uint8_t version, uint8_t loader)
{
    svn[0] = module;
    svn[1] = version;
    svn[2] = loader;
}

static void check_status(int line, enum attest_tcb_status qe, enum attest_tcb_status wanted)
{
    const char *problem = tdx_evaluate(&info, &pck, &quote, qe, &tcb);
    if (problem || tcb.status != wanted) {
        fprintf(stderr, "line %d: %s instead of %s (%s)\n", line, attest_tcb_status_name(tcb.status),
                attest_tcb_status_name(wanted), problem ? problem : "");
        exit(1);
    }
}
#define CHECK_STATUS(qe, wanted) check_status(__LINE__, ATTEST_TCB_##qe, ATTEST_TCB_##wanted)

static void test_levels(void)
{
    reset();
    CHECK_STATUS(UP_TO_DATE, UP_TO_DATE);
    CHECK_STATUS(OUT_OF_DATE, OUT_OF_DATE);
    CHECK_STATUS(REVOKED, REVOKED);
    pck.component[0] = 2; // the second level of SGX, which the TDX components reach as well
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE);
    pck.component[0] = 1;
    CHECK(strstr(tdx_evaluate(&info, &pck, &quote, ATTEST_TCB_UP_TO_DATE, &tcb), "platform"));
    reset();
    set_svn(quote.td.tee_tcb_svn, 5, 1, 4); // the loader is below the first level
    quote.has_td_1_5 = false;
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE);
    CHECK(tcb.sgx == &levels[0] && tcb.tdx == &levels[1]);
    set_svn(quote.td.tee_tcb_svn, 5, 1, 2);
    CHECK(strstr(tdx_evaluate(&info, &pck, &quote, ATTEST_TCB_UP_TO_DATE, &tcb), "TDX components"));
    set_svn(quote.td.tee_tcb_svn, 1, 1, 5); // below every level of its identity
    CHECK(strstr(tdx_evaluate(&info, &pck, &quote, ATTEST_TCB_UP_TO_DATE, &tcb), "module"));
    reset();
    levels[0].status = ATTEST_TCB_REVOKED; // though the TDX components are those of the other level
    set_svn(quote.td.tee_tcb_svn, 5, 1, 3);
    CHECK_STATUS(UP_TO_DATE, REVOKED);
}

// Without a version the first two places count among the components, and no identity has levels.
static void test_without_version(void)
{
    reset();
    set_svn(quote.td.tee_tcb_svn, 5, 0, 5);
    CHECK_STATUS(UP_TO_DATE, UP_TO_DATE);
    CHECK(!tcb.module);
    set_svn(quote.td.tee_tcb_svn, 4, 0, 5);
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE); // no relaunch is advised without a module level
}

static void test_module(void)
{
    struct attest_tdx *td = &quote.td;
    reset();
    CHECK(!tdx_module_mismatch(&info, td));
    td->tee_tcb_svn[1] = 3;
    CHECK(tdx_module_mismatch(&info, td));
    td->tee_tcb_svn[1] = 0;
    CHECK(!tdx_module_mismatch(&info, td));
    td->mrsignerseam[47] = 1;
    CHECK(tdx_module_mismatch(&info, td));
    td->mrsignerseam[47] = 0;
    td->seamattributes = 1;
    CHECK(tdx_module_mismatch(&info, td));
    info.modules[0].attributes_mask = 0;
    CHECK(tdx_module_mismatch(&info, td)); // whatever the identity says
}

static void test_relaunch(void)
{
    reset();
    set_svn(quote.td.tee_tcb_svn, 2, 1, 5);
    CHECK_STATUS(UP_TO_DATE, TD_RELAUNCH_ADVISED);
    CHECK_STATUS(OUT_OF_DATE, OUT_OF_DATE);
    CHECK_STATUS(REVOKED, REVOKED);
    quote.has_td_1_5 = false;
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE);
    quote.has_td_1_5 = true;
    set_svn(quote.td.tee_tcb_svn_2, 4, 1, 5); // the module below is not the newest
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE);
    set_svn(quote.td.tee_tcb_svn_2, 5, 1, 4); // nor the loader
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE);
    set_svn(quote.td.tee_tcb_svn_2, 5, 0, 5); // without a version the components count
    CHECK_STATUS(UP_TO_DATE, TD_RELAUNCH_ADVISED);
    set_svn(quote.td.tee_tcb_svn_2, 5, 7, 5);
    CHECK(tdx_evaluate(&info, &pck, &quote, ATTEST_TCB_UP_TO_DATE, &tcb) && tcb.module_unknown);
    set_svn(quote.td.tee_tcb_svn_2, 5, 1, 5);
    levels[0].status = ATTEST_TCB_CONFIGURATION_NEEDED;
    CHECK_STATUS(UP_TO_DATE, TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
    levels[0].status = ATTEST_TCB_SW_HARDENING_NEEDED;
    CHECK_STATUS(UP_TO_DATE, TD_RELAUNCH_ADVISED);
    levels[0].status = ATTEST_TCB_OUT_OF_DATE; // the platform itself
    CHECK_STATUS(UP_TO_DATE, OUT_OF_DATE);
    reset();
    module_levels[0].status = ATTEST_TCB_OUT_OF_DATE; // outdated, and no newer one beneath
    module_levels[1].status = ATTEST_TCB_REVOKED;
    set_svn(quote.td.tee_tcb_svn, 2, 1, 5);
    CHECK_STATUS(UP_TO_DATE, REVOKED);
}

int main(void)
{
    test_levels();
    test_without_version();
    test_module();
    test_relaunch();
    return 0;
}
