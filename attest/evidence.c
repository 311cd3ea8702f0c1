// SPDX-License-Identifier: MIT
//
// Bare evidence of any kind. The first bytes tell the kinds apart, and what they say is checked by each of
// them again.
#include <string.h>

#include "attest/crypto.h"
#include "attest/openenclave.h"
#include "attest/snp.h"
#include "attest/verdict.h"

// The quote in Open Enclave's evidence is over the claims behind it, if there are any.
static int verify_oe_evidence(struct attest_bytes quote, struct attest_bytes claims, const struct attest_collateral *collateral,
                              int64_t time, const struct attest_policy *policy, struct attest_verdict *v)
{
    uint8_t wanted[sizeof(v->report_data)] = {0};
    const int r = attest_verify_quote(quote.data, quote.size, collateral, time, policy, v);
    if (r || !claims.size)
        return r;
    if (sha256(claims, wanted) && !memcmp(wanted, v->report_data, sizeof(wanted)))
        return 0;
    const int refused = refuse(v, ATTEST_KEY_BINDING, "the claims beside the quote are not those that it was made for");
    forget_facts(v);
    return refused;
}

int attest_verify_evidence(const void *evidence, size_t size, const struct attest_collateral *collateral,
                           int64_t time, const struct attest_policy *policy,
                           struct attest_verdict *ret_verdict)
{
    const struct attest_bytes input = {evidence, size};
    struct attest_bytes quote, claims;
    if (oe_evidence_parse(input, &quote, &claims))
        return verify_oe_evidence(quote, claims, collateral, time, policy, ret_verdict);
    if (oe_report_parse(input, &quote))
        return attest_verify_quote(quote.data, quote.size, collateral, time, policy, ret_verdict);
    if (snp_report_looks_like(input))
        return attest_verify_report(evidence, size, collateral, time, policy, ret_verdict);
    return attest_verify_quote(evidence, size, collateral, time, policy, ret_verdict);
}

int attest_evidence_platform(const void *evidence, size_t size, struct attest_platform *ret)
{
    const struct attest_bytes input = {evidence, size};
    struct attest_bytes quote, claims;
    if (oe_report_parse(input, &quote) || oe_evidence_parse(input, &quote, &claims))
        return attest_quote_platform(quote.data, quote.size, ret);
    return attest_quote_platform(evidence, size, ret);
}
