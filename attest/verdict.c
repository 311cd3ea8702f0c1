// SPDX-License-Identifier: MIT
//
// Verdicts: recording a refusal, and the names of results and statuses.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "attest/verdict.h"

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
    };
    return (unsigned)status < ATTEST_TCB_STATUSES ? names[status] : "unknown";
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
        [ATTEST_TCB_NOT_SUPPORTED] = "tcb-not-supported",
        [ATTEST_TCB_IS_REVOKED] = "tcb-revoked",
        [ATTEST_POLICY_TEST_ROOT] = "policy-test-root",
        [ATTEST_POLICY_DEBUG] = "policy-debug",
        [ATTEST_POLICY_TCB_STATUS] = "policy-tcb-status",
        [ATTEST_POLICY_EVALUATION_NUMBER] = "policy-evaluation-number",
        [ATTEST_POLICY_MRENCLAVE] = "policy-mrenclave",
        [ATTEST_POLICY_MRSIGNER] = "policy-mrsigner",
        [ATTEST_POLICY_PRODUCT_ID] = "policy-product-id",
        [ATTEST_POLICY_SECURITY_VERSION] = "policy-security-version",
    };
    return (unsigned)result < ATTEST_RESULTS ? names[result] : "unknown";
}
