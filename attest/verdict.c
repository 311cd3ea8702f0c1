// SPDX-License-Identifier: MIT
//
// Verdicts: recording a refusal, and the names of results and statuses.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attest/verdict.h"

_Static_assert(offsetof(struct attest_verdict, reason) == sizeof(enum attest_result), "forget_facts");

int refuse(struct attest_verdict *verdict, enum attest_result result, const char *format, ...)
{
    va_list arguments;
    verdict->result = result;
    va_start(arguments, format);
    vsnprintf(verdict->reason, sizeof(verdict->reason), format, arguments);
    va_end(arguments);
    if (result == ATTEST_INTERNAL)
        return -ENOMEM;
    return result >= ATTEST_POLICY_TEST_ROOT ? -EPERM : -EBADMSG;
}

void forget_facts(struct attest_verdict *v)
{
    memset((char *)v + sizeof(v->result) + sizeof(v->reason), 0,
           sizeof(*v) - sizeof(v->result) - sizeof(v->reason));
}

const char *attest_tcb_status_name(enum attest_tcb_status status)
{
    static const char *const names[ATTEST_TCB_STATUSES] = {
        [ATTEST_TCB_UP_TO_DATE] = "UpToDate",
        [ATTEST_TCB_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
        [ATTEST_TCB_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
        [ATTEST_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] = "ConfigurationAndSWHardeningNeeded",
        [ATTEST_TCB_OUT_OF_DATE] = "OutOfDate",
        [ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] = "OutOfDateConfigurationNeeded",
        [ATTEST_TCB_REVOKED] = "Revoked",
        [ATTEST_TCB_TD_RELAUNCH_ADVISED] = "TDRelaunchAdvised",
        [ATTEST_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] = "TDRelaunchAdvisedConfigurationNeeded",
        [ATTEST_TCB_NOT_STATED] = "NotStated",
    };
    return (unsigned)status < ATTEST_TCB_STATUSES ? names[status] : "unknown";
}

const char *attest_tee_name(enum attest_tee tee)
{
    static const char *const names[ATTEST_TEES] = {
        [ATTEST_SGX] = "SGX", [ATTEST_TDX] = "TDX", [ATTEST_SNP] = "SEV-SNP"};
    return (unsigned)tee < ATTEST_TEES ? names[tee] : "unknown";
}

const char *attest_result_name(enum attest_result result)
{
    static const char *const names[ATTEST_RESULTS] = {
        [ATTEST_OK] = "ok",
        [ATTEST_INTERNAL] = "internal",
        [ATTEST_CERTIFICATE_MALFORMED] = "certificate-malformed",
        [ATTEST_CERTIFICATE_EXPIRED] = "certificate-expired",
        [ATTEST_CERTIFICATE_SIGNATURE] = "certificate-signature",
        [ATTEST_EVIDENCE_MISSING] = "evidence-missing",
        [ATTEST_EVIDENCE_MALFORMED] = "evidence-malformed",
        [ATTEST_EVIDENCE_UNSUPPORTED] = "evidence-unsupported",
        [ATTEST_EVIDENCE_CONFLICT] = "evidence-conflict",
        [ATTEST_KEY_BINDING] = "key-binding",
        [ATTEST_QUOTE_MALFORMED] = "quote-malformed",
        [ATTEST_QUOTE_UNSUPPORTED] = "quote-unsupported",
        [ATTEST_COLLATERAL_MALFORMED] = "collateral-malformed",
        [ATTEST_COLLATERAL_MISSING] = "collateral-missing",
        [ATTEST_PCK_CHAIN_MISSING] = "pck-chain-missing",
        [ATTEST_PCK_CHAIN_MALFORMED] = "pck-chain-malformed",
        [ATTEST_PCK_CHAIN_INVALID] = "pck-chain-invalid",
        [ATTEST_PCK_CHAIN_UNTRUSTED] = "pck-chain-untrusted",
        [ATTEST_PCK_CHAIN_EXPIRED] = "pck-chain-expired",
        [ATTEST_PCK_REVOKED] = "pck-revoked",
        [ATTEST_CRL_INVALID] = "crl-invalid",
        [ATTEST_CRL_EXPIRED] = "crl-expired",
        [ATTEST_TCB_INFO_CHAIN_INVALID] = "tcb-info-chain-invalid",
        [ATTEST_TCB_INFO_SIGNATURE] = "tcb-info-signature",
        [ATTEST_TCB_INFO_MALFORMED] = "tcb-info-malformed",
        [ATTEST_TCB_INFO_EXPIRED] = "tcb-info-expired",
        [ATTEST_TCB_INFO_MISMATCH] = "tcb-info-mismatch",
        [ATTEST_QE_IDENTITY_CHAIN_INVALID] = "qe-identity-chain-invalid",
        [ATTEST_QE_IDENTITY_SIGNATURE] = "qe-identity-signature",
        [ATTEST_QE_IDENTITY_MALFORMED] = "qe-identity-malformed",
        [ATTEST_QE_IDENTITY_EXPIRED] = "qe-identity-expired",
        [ATTEST_QE_REPORT_SIGNATURE] = "qe-report-signature",
        [ATTEST_QE_REPORT_BINDING] = "qe-report-binding",
        [ATTEST_QE_IDENTITY_MISMATCH] = "qe-identity-mismatch",
        [ATTEST_QUOTE_SIGNATURE] = "quote-signature",
        [ATTEST_TDX_MODULE_MISMATCH] = "tdx-module-mismatch",
        [ATTEST_TCB_NOT_SUPPORTED] = "tcb-not-supported",
        [ATTEST_TCB_IS_REVOKED] = "tcb-revoked",
        [ATTEST_REPORT_MALFORMED] = "report-malformed",
        [ATTEST_REPORT_UNSUPPORTED] = "report-unsupported",
        [ATTEST_VEK_MISSING] = "vek-missing",
        [ATTEST_VEK_MALFORMED] = "vek-malformed",
        [ATTEST_VEK_CHAIN_INVALID] = "vek-chain-invalid",
        [ATTEST_VEK_CHAIN_UNTRUSTED] = "vek-chain-untrusted",
        [ATTEST_VEK_CHAIN_EXPIRED] = "vek-chain-expired",
        [ATTEST_VEK_REVOKED] = "vek-revoked",
        [ATTEST_REPORT_SIGNATURE] = "report-signature",
        [ATTEST_VEK_MISMATCH] = "vek-mismatch",
        [ATTEST_POLICY_TEST_ROOT] = "policy-test-root",
        [ATTEST_POLICY_DEBUG] = "policy-debug",
        [ATTEST_POLICY_TCB_STATUS] = "policy-tcb-status",
        [ATTEST_POLICY_EVALUATION_NUMBER] = "policy-evaluation-number",
        [ATTEST_POLICY_MRENCLAVE] = "policy-mrenclave",
        [ATTEST_POLICY_MRSIGNER] = "policy-mrsigner",
        [ATTEST_POLICY_PRODUCT_ID] = "policy-product-id",
        [ATTEST_POLICY_SECURITY_VERSION] = "policy-security-version",
        [ATTEST_POLICY_TEE] = "policy-tee",
        [ATTEST_POLICY_MEASUREMENT] = "policy-measurement",
        [ATTEST_POLICY_RTMR] = "policy-rtmr",
        [ATTEST_POLICY_SIGNER] = "policy-signer",
        [ATTEST_POLICY_REPORT_DATA] = "policy-report-data",
        [ATTEST_POLICY_ADVISORY] = "policy-advisory",
        [ATTEST_POLICY_COLLATERAL_AGE] = "policy-collateral-age",
        [ATTEST_POLICY_TCB_VERSION] = "policy-tcb-version",
        [ATTEST_POLICY_VMPL] = "policy-vmpl",
        [ATTEST_POLICY_MIGRATION] = "policy-migration",
        [ATTEST_POLICY_PROVIDER] = "policy-provider",
    };
    return (unsigned)result < ATTEST_RESULTS ? names[result] : "unknown";
}
