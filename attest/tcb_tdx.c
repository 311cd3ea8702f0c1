// SPDX-License-Identifier: MIT
//
// TCB of TDX platforms. Three things have levels: the SGX components below all, the TDX components (SEAM
// loader and, before modules had versions, the module), and the module itself. A trust domain keeps the
// module SVNs of its start in TEE_TCB_SVN; after an update of the module beneath it, TEE_TCB_SVN_2 tells the
// newer ones, and relaunching the trust domain is all that is missing.
#include <string.h>

#include "attest/tcb.h"

// Places in TEE_TCB_SVN.
enum { MODULE_SVN = 0, MODULE_VERSION = 1, SEAM_LOADER_SVN = 2 };

const struct tdx_module *tdx_module_find(const struct tcb_info *info, uint8_t version)
{
    for (size_t i = 0; i < info->modules_count; i++)
        if (info->modules[i].version == version)
            return &info->modules[i];
    return NULL;
}

const char *tdx_module_mismatch(const struct tcb_info *info, const struct attest_tdx *td)
{
    const struct tdx_module *module = tdx_module_find(info, td->tee_tcb_svn[MODULE_VERSION]);
    if (!module)
        return "the TCB info has no identity for its version";
    if (memcmp(module->mrsigner, td->mrsignerseam, sizeof(module->mrsigner)))
        return "it is signed by another signer (MRSIGNERSEAM)";
    if ((td->seamattributes & module->attributes_mask) != module->attributes)
        return "it has other attributes (SEAMATTRIBUTES)";
    return td->seamattributes ? "it has attributes (SEAMATTRIBUTES)" : NULL; // a production module has none
}

// With a version the module has levels of its own, and the first two places are its.
static bool tdx_reached(const struct tcb_level *level, const uint8_t svn[16])
{
    for (size_t i = svn[MODULE_VERSION] ? SEAM_LOADER_SVN : 0; i < TCB_COMPONENTS; i++)
        if (svn[i] < level->tdx_component[i])
            return false;
    return true;
}

static bool find_levels(const struct tcb_info *info, const struct pck *pck, const uint8_t svn[16],
                        struct tdx_tcb *tcb)
{
    for (size_t i = 0; i < info->levels_count && !tcb->tdx; i++) {
        const struct tcb_level *level = &info->levels[i];
        if (!tcb_level_reached(level, pck))
            continue;
        if (!tcb->sgx)
            tcb->sgx = level;
        if (tdx_reached(level, svn))
            tcb->tdx = level;
    }
    return tcb->tdx;
}

static bool is_outdated(enum attest_tcb_status status)
{
    return status == ATTEST_TCB_OUT_OF_DATE || status == ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool needs_configuration(enum attest_tcb_status status)
{
    return status == ATTEST_TCB_CONFIGURATION_NEEDED ||
           status == ATTEST_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
           status == ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

// Whether the SEAM loader and module that are loaded now are the newest known.
static bool is_current(const struct tcb_info *info, const struct tdx_module *module, const uint8_t svn[16])
{
    const struct tcb_level *top = &info->levels[0];
    const uint16_t newest = module->version ? module->levels[0].svn : top->tdx_component[MODULE_SVN];
    return svn[MODULE_SVN] >= newest && svn[SEAM_LOADER_SVN] >= top->tdx_component[SEAM_LOADER_SVN];
}

// Whether it is only the module that is outdated, so that a newer one may stand beneath.
static bool may_need_relaunch(const struct quote *quote, const struct tdx_tcb *tcb,
                              enum attest_tcb_status qe_status)
{
    return quote->has_td_1_5 && qe_status == ATTEST_TCB_UP_TO_DATE &&
           (ATTEST_TCB_CURRENT & ATTEST_TCB_BIT(tcb->sgx->status)) && is_outdated(tcb->status) &&
           tcb->module && tcb->module->status == ATTEST_TCB_OUT_OF_DATE;
}

// False when the newer module is none that the TCB info knows.
static bool advise_relaunch(const struct tcb_info *info, const struct quote *quote,
                            enum attest_tcb_status qe_status, struct tdx_tcb *tcb)
{
    const uint8_t *svn = quote->td.tee_tcb_svn_2;
    const struct tdx_module *module = tdx_module_find(info, svn[MODULE_VERSION]);
    if (!may_need_relaunch(quote, tcb, qe_status))
        return true;
    tcb->module_unknown = !module;
    if (!module)
        return false;
    if (is_current(info, module, svn))
        tcb->status = needs_configuration(tcb->sgx->status) || needs_configuration(tcb->status)
                          ? ATTEST_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                          : ATTEST_TCB_TD_RELAUNCH_ADVISED;
    return true;
}

const char *tdx_evaluate(const struct tcb_info *info, const struct pck *pck, const struct quote *quote,
                         enum attest_tcb_status qe_status, struct tdx_tcb *tcb)
{
    const uint8_t *svn = quote->td.tee_tcb_svn;
    const struct tdx_module *module = tdx_module_find(info, svn[MODULE_VERSION]);
    memset(tcb, 0, sizeof(*tcb));
    if (!find_levels(info, pck, svn, tcb))
        return tcb->sgx ? "TDX components are" : "platform is";
    tcb->status = tcb->tdx->status;
    if (svn[MODULE_VERSION]) {
        tcb->module = module ? isvsvn_level(module->levels, module->levels_count, svn[MODULE_SVN]) : NULL;
        if (!tcb->module)
            return "TDX module is";
        tcb->status = tcb_converge(tcb->status, tcb->module->status);
    }
    if (!advise_relaunch(info, quote, qe_status, tcb))
        return "the TCB info has no identity for its version";
    tcb->status = tcb_converge(tcb->status, qe_status);
    if (tcb->sgx->status == ATTEST_TCB_REVOKED)
        tcb->status = ATTEST_TCB_REVOKED;
    return NULL;
}
