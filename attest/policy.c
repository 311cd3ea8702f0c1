// SPDX-License-Identifier: MIT
//
// Appraisal: what is genuine need not be wanted. A policy that asks what the evidence does not tell refuses
// it.
#include <string.h>

#include "attest/policy.h"
#include "attest/snp.h"
#include "attest/verdict.h"

static int check_kind(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    const uint32_t accepted = p->accept_tees ? p->accept_tees : ATTEST_TEE_BIT(ATTEST_SGX);
    if (!(accepted & ATTEST_TEE_BIT(v->tee)))
        return refuse(v, ATTEST_POLICY_TEE, "the evidence is of %s", attest_tee_name(v->tee));
    if (v->test_root && !p->accept_test_root)
        return refuse(v, ATTEST_POLICY_TEST_ROOT,
                      "the evidence is of the software SGX (published test root)");
    if (v->debug && !p->accept_debug)
        return refuse(v, ATTEST_POLICY_DEBUG, "the evidence is of a debug %s",
                      v->tee == ATTEST_SGX   ? "enclave"
                      : v->tee == ATTEST_TDX ? "trust domain"
                                             : "guest");
    return 0;
}

// Every id of the list must be among the tolerated ones; the first that is not goes to ret_id.
static bool tolerates(const struct attest_policy *p, const char *list, char *ret_id, size_t size)
{
    while (*list) {
        const size_t length = strcspn(list, ",");
        bool found = false;
        for (size_t i = 0; i < p->advisories_count && !found; i++)
            found = strlen(p->advisories[i]) == length && !memcmp(p->advisories[i], list, length);
        if (!found) {
            const size_t kept = length < size - 1 ? length : size - 1;
            memcpy(ret_id, list, kept);
            ret_id[kept] = 0;
            return false;
        }
        list += length + (list[length] == ',');
    }
    return true;
}

// What Intel says about the platform. AMD says nothing that this could be asked of.
static int check_intel_platform(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    const uint32_t accepted = p->accept_tcb ? p->accept_tcb : ATTEST_TCB_BIT(ATTEST_TCB_UP_TO_DATE);
    char advisory[64];
    if (!(accepted & ATTEST_TCB_BIT(v->tcb_status)))
        return refuse(v, ATTEST_POLICY_TCB_STATUS, "the platform's TCB status is %s",
                      attest_tcb_status_name(v->tcb_status));
    if (v->evaluation_number < p->min_evaluation_number)
        return refuse(v, ATTEST_POLICY_EVALUATION_NUMBER,
                      "the collateral is of TCB evaluation %u, older than %u", v->evaluation_number,
                      p->min_evaluation_number);
    if (p->check_advisories && !tolerates(p, v->advisory_ids, advisory, sizeof(advisory)))
        return refuse(v, ATTEST_POLICY_ADVISORY, "the platform is affected by %s", advisory);
    if (p->max_collateral_age && time - v->collateral_issued > p->max_collateral_age)
        return refuse(v, ATTEST_POLICY_COLLATERAL_AGE, "the collateral is %lld seconds old",
                      (long long)(time - v->collateral_issued));
    return 0;
}

static bool is_of_provider(const struct attest_policy *p, const struct attest_snp *snp)
{
    bool found = false;
    for (size_t i = 0; i < p->snp_providers_count; i++)
        found = found || !strcmp(p->snp_providers[i], snp->csp_id);
    return found && snp->vlek;
}

static int check_snp_platform(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    const struct attest_snp *snp = &v->snp;
    const bool turin = !strcmp(snp->product, "Turin");
    for (int i = 0; p->snp_min_tcb && i < SNP_COMPONENTS; i++) {
        uint8_t wanted = 0, found = 0;
        (void)snp_tcb_component(turin, p->snp_min_tcb, (enum snp_component)i, &wanted);
        (void)snp_tcb_component(turin, snp->reported_tcb, (enum snp_component)i, &found);
        if (found < wanted)
            return refuse(v, ATTEST_POLICY_TCB_VERSION,
                          "the platform's TCB version is lower than the least wanted");
    }
    if (snp->vmpl > 3) // the host asked for it, and chose the report data
        return refuse(v, ATTEST_POLICY_VMPL, "the report was not asked for by the guest");
    if (p->check_snp_vmpl && snp->vmpl > p->snp_max_vmpl)
        return refuse(v, ATTEST_POLICY_VMPL, "the report is of privilege level (VMPL) %u", snp->vmpl);
    if (p->snp_providers_count && !is_of_provider(p, snp))
        return refuse(v, ATTEST_POLICY_PROVIDER, "the report's key is of %s, none of the cloud providers wanted",
                      snp->vlek ? snp->csp_id : "the chip");
    if (!p->accept_migratable && (snp->policy >> SNP_POLICY_MIGRATE_MA & 1))
        return refuse(v, ATTEST_POLICY_MIGRATION, "the guest can be migrated");
    if (p->min_evaluation_number || p->max_collateral_age)
        return refuse(v, ATTEST_POLICY_COLLATERAL_AGE,
                      "the policy asks for the age of collateral, SEV-SNP has none");
    return 0;
}

static bool among(const struct attest_value *list, size_t count, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].size == size && !memcmp(list[i].bytes, bytes, size))
            return true;
    return false;
}

static int check_measurement(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    const struct attest_value *list = p->measurements;
    const size_t count = p->measurements_count;
    if (p->mrenclave && (v->tee != ATTEST_SGX || memcmp(p->mrenclave, v->mrenclave, sizeof(v->mrenclave))))
        return refuse(v, ATTEST_POLICY_MRENCLAVE, "the enclave's measurement (MRENCLAVE) is another one");
    if (count && v->tee == ATTEST_SGX && !among(list, count, v->mrenclave, sizeof(v->mrenclave)))
        return refuse(v, ATTEST_POLICY_MRENCLAVE,
                      "the enclave's measurement (MRENCLAVE) is none of those wanted");
    if (count && v->tee == ATTEST_TDX && !among(list, count, v->tdx.mrtd, sizeof(v->tdx.mrtd)))
        return refuse(v, ATTEST_POLICY_MEASUREMENT,
                      "the trust domain's measurement (MRTD) is none of those wanted");
    if (count && v->tee == ATTEST_SNP && !among(list, count, v->snp.measurement, sizeof(v->snp.measurement)))
        return refuse(v, ATTEST_POLICY_MEASUREMENT, "the guest's measurement is none of those wanted");
    for (int i = 0; i < 4; i++)
        if (p->rtmr[i] &&
            (v->tee != ATTEST_TDX || memcmp(p->rtmr[i], v->tdx.rtmr[i], sizeof(v->tdx.rtmr[i]))))
            return refuse(v, ATTEST_POLICY_RTMR, "the trust domain's measurement RTMR%d is another one", i);
    return 0;
}

static bool snp_signed_by(const struct attest_policy *p, const struct attest_snp *snp)
{
    return among(p->signers, p->signers_count, snp->id_key_digest, sizeof(snp->id_key_digest)) ||
           (snp->author_key_enabled &&
            among(p->signers, p->signers_count, snp->author_key_digest, sizeof(snp->author_key_digest)));
}

static int check_signer(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    if (p->mrsigner && (v->tee != ATTEST_SGX || memcmp(p->mrsigner, v->mrsigner, sizeof(v->mrsigner))))
        return refuse(v, ATTEST_POLICY_MRSIGNER, "the enclave's signer (MRSIGNER) is another one");
    if (!p->signers_count)
        return 0;
    if (v->tee == ATTEST_SGX && !among(p->signers, p->signers_count, v->mrsigner, sizeof(v->mrsigner)))
        return refuse(v, ATTEST_POLICY_MRSIGNER, "the enclave's signer (MRSIGNER) is none of those wanted");
    if (v->tee == ATTEST_TDX)
        return refuse(v, ATTEST_POLICY_SIGNER, "the policy asks for a signer, a trust domain has none");
    if (v->tee == ATTEST_SNP && !snp_signed_by(p, &v->snp))
        return refuse(v, ATTEST_POLICY_SIGNER,
                      "the guest's signer (ID or author key) is none of those wanted");
    return 0;
}

static int check_identity(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    const uint32_t version = v->tee == ATTEST_SNP ? v->snp.guest_svn : v->security_version; // TDX: 0
    if (p->check_product_id && v->tee != ATTEST_SGX)
        return refuse(v, ATTEST_POLICY_PRODUCT_ID, "the policy asks for a product, the evidence names none");
    if (p->check_product_id && p->product_id != v->product_id)
        return refuse(v, ATTEST_POLICY_PRODUCT_ID, "the enclave's product is %u, not %u", v->product_id,
                      p->product_id);
    if (version < p->min_security_version)
        return refuse(v, ATTEST_POLICY_SECURITY_VERSION, "the enclave's security version is %u, less than %u",
                      version, p->min_security_version);
    if (p->report_data && memcmp(p->report_data, v->report_data, sizeof(v->report_data)))
        return refuse(v, ATTEST_POLICY_REPORT_DATA, "the report data are other ones");
    return 0;
}

static int check_platform(const struct attest_policy *p, int64_t time, struct attest_verdict *v)
{
    return v->tee == ATTEST_SNP ? check_snp_platform(p, time, v) : check_intel_platform(p, time, v);
}

int policy_check(const struct attest_policy *policy, int64_t time, struct attest_verdict *v)
{
    static int (*const checks[])(const struct attest_policy *, int64_t, struct attest_verdict *) = {
        check_kind, check_platform, check_measurement, check_signer, check_identity};
    int r = 0;
    for (size_t i = 0; !r && i < sizeof(checks) / sizeof(*checks); i++)
        r = checks[i](policy, time, v);
    return r;
}
