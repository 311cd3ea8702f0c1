// SPDX-License-Identifier: MIT
//
// Bare evidence of any kind. The first bytes tell the kinds apart, and what they say is checked by each of
// them again.
#include "attest/openenclave.h"
#include "attest/snp.h"
#include "attest/verdict.h"

int attest_verify_evidence(const void *evidence, size_t size, const struct attest_collateral *collateral,
                           int64_t time, const struct attest_policy *policy,
                           struct attest_verdict *ret_verdict)
{
    const struct attest_bytes input = {evidence, size};
    struct attest_bytes quote;
    if (oe_report_parse(input, &quote))
        return attest_verify_quote(quote.data, quote.size, collateral, time, policy, ret_verdict);
    if (snp_report_looks_like(input))
        return attest_verify_report(evidence, size, collateral, time, policy, ret_verdict);
    return attest_verify_quote(evidence, size, collateral, time, policy, ret_verdict);
}

int attest_evidence_platform(const void *evidence, size_t size, struct attest_platform *ret)
{
    const struct attest_bytes input = {evidence, size};
    struct attest_bytes quote;
    if (oe_report_parse(input, &quote))
        return attest_quote_platform(quote.data, quote.size, ret);
    return attest_quote_platform(evidence, size, ret);
}
