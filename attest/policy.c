// SPDX-License-Identifier: MIT
//
// Appraisal: everything here is genuine; is it wanted?
#include <string.h>

#include "attest/policy.h"
#include "attest/verdict.h"

static int check_platform(const struct attest_policy *p, struct attest_verdict *v)
{
    const uint32_t accepted = p->accept_tcb ? p->accept_tcb : ATTEST_TCB_BIT(ATTEST_TCB_UP_TO_DATE);
    if (v->test_root && !p->accept_test_root)
        return refuse(v, ATTEST_POLICY_TEST_ROOT,
                      "the evidence is of the software SGX (published test root)");
    if (v->debug && !p->accept_debug)
        return refuse(v, ATTEST_POLICY_DEBUG, "the evidence is of a debug enclave");
    if (!(accepted & ATTEST_TCB_BIT(v->tcb_status)))
        return refuse(v, ATTEST_POLICY_TCB_STATUS, "the platform's TCB status is %s",
                      attest_tcb_status_name(v->tcb_status));
    if (v->evaluation_number < p->min_evaluation_number)
        return refuse(v, ATTEST_POLICY_EVALUATION_NUMBER,
                      "the collateral is of TCB evaluation %u, older than %u", v->evaluation_number,
                      p->min_evaluation_number);
    return 0;
}

static int check_enclave(const struct attest_policy *p, struct attest_verdict *v)
{
    if (p->mrenclave && memcmp(p->mrenclave, v->mrenclave, sizeof(v->mrenclave)))
        return refuse(v, ATTEST_POLICY_MRENCLAVE, "the enclave's measurement (MRENCLAVE) is another one");
    if (p->mrsigner && memcmp(p->mrsigner, v->mrsigner, sizeof(v->mrsigner)))
        return refuse(v, ATTEST_POLICY_MRSIGNER, "the enclave's signer (MRSIGNER) is another one");
    if (p->check_product_id && p->product_id != v->product_id)
        return refuse(v, ATTEST_POLICY_PRODUCT_ID, "the enclave's product is %u, not %u", v->product_id,
                      p->product_id);
    if (v->security_version < p->min_security_version)
        return refuse(v, ATTEST_POLICY_SECURITY_VERSION, "the enclave's security version is %u, less than %u",
                      v->security_version, p->min_security_version);
    return 0;
}

int policy_check(const struct attest_policy *policy, struct attest_verdict *v)
{
    const int r = check_platform(policy, v);
    return r ? r : check_enclave(policy, v);
}
