// SPDX-License-Identifier: MIT
//
// Policies from JSON: what each member means, and that nothing is half understood.
#include "tests/unit/attest/check.h"

static char reason[256];

static struct attest_policy *parse(const char *text)
{
    struct attest_policy *policy;
    const int r = attest_policy_parse(text, strlen(text), &policy, reason, sizeof(reason));
    CHECK(!r == (policy != NULL) && (!r || r == -EINVAL));
    return policy;
}

static void check_refused(const char *text, const char *word)
{
    reason[0] = 0;
    if (parse(text) || !strstr(reason, word)) {
        fprintf(stderr, "%s: '%s' does not name '%s'\n", text, reason, word);
        exit(1);
    }
}

#define H32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define H48 H32 "202122232425262728292A2B2C2D2E2F"

int main(void)
{
    struct attest_policy *p = parse("{}");
    CHECK(p && p->accept_tees == ATTEST_ANY_TEE && !p->accept_debug && !p->accept_test_root &&
          !p->accept_tcb);
    CHECK(!p->measurements_count && !p->signers_count && !p->check_product_id && !p->check_advisories);
    attest_policy_free(p);

    p = parse("{\"tee\":[\"sgx\",\"snp\"],\"measurements\":[\"" H32 "\",\"" H48 "\"],\"signers\":[\"" H48
              "\"],"
              "\"product_id\":7,\"min_security_version\":9,\"debug\":true,\"test_root\":true,"
              "\"tcb_status\":[\"UpToDate\",\"TDRelaunchAdvised\"],\"advisories\":[\"INTEL-SA-1\"],"
              "\"max_collateral_age\":86400,\"min_evaluation_number\":17,\"report_data\":\"" H32 H32 "\","
              "\"rtmr2\":\"" H48 "\",\"snp_min_tcb\":\"0300000000000873\",\"snp_max_vmpl\":1,"
              "\"snp_require_crl\":true,\"snp_migration\":true,\"snp_providers\":[\"CN=a\",\"CN=b\"]}");
    CHECK(p && p->accept_tees == (ATTEST_TEE_BIT(ATTEST_SGX) | ATTEST_TEE_BIT(ATTEST_SNP)));
    CHECK(p->measurements_count == 2 && p->measurements[0].size == 32 && p->measurements[1].size == 48);
    CHECK(p->measurements[1].bytes[47] == 0x2f && p->signers_count == 1 && p->signers[0].bytes[1] == 1);
    CHECK(p->check_product_id && p->product_id == 7 && p->min_security_version == 9);
    CHECK(p->accept_debug && p->accept_test_root && p->max_collateral_age == 86400);
    CHECK(p->accept_tcb ==
          (ATTEST_TCB_BIT(ATTEST_TCB_UP_TO_DATE) | ATTEST_TCB_BIT(ATTEST_TCB_TD_RELAUNCH_ADVISED)));
    CHECK(p->check_advisories && p->advisories_count == 1 && !strcmp(p->advisories[0], "INTEL-SA-1"));
    CHECK(p->min_evaluation_number == 17 && p->report_data[63] == 0x1f && !p->rtmr[0] &&
          p->rtmr[2][47] == 0x2f);
    CHECK(p->snp_min_tcb[7] == 0x73 && p->check_snp_vmpl && p->snp_max_vmpl == 1);
    CHECK(p->require_snp_crl && p->accept_migratable && p->snp_providers_count == 2 && !strcmp(p->snp_providers[1], "CN=b"));
    attest_policy_free(p);
    attest_policy_free(NULL);

    check_refused("", "line");
    check_refused("[]", "object");
    check_refused("{\"debug\":true", "line");
    check_refused("{\"debug\":true} x", "line");
    check_refused("{\"debug\":true,\"debug\":false}", "duplicate");
    check_refused("{\"mrenclave\":\"" H32 "\"}", "mrenclave");
    check_refused("{\"debug\":1}", "debug");
    check_refused("{\"test_root\":\"true\"}", "test_root");
    check_refused("{\"tee\":[]}", "tee");
    check_refused("{\"tee\":[\"SGX\"]}", "tee");
    check_refused("{\"measurements\":[]}", "measurements");
    check_refused("{\"measurements\":[\"00\"]}", "measurements");
    check_refused("{\"measurements\":\"" H32 "\"}", "measurements");
    check_refused("{\"signers\":[\"" H32 "zz\"]}", "signers");
    check_refused("{\"product_id\":65536}", "product_id");
    check_refused("{\"product_id\":-1}", "product_id");
    check_refused("{\"min_security_version\":1.0}", "min_security_version");
    check_refused("{\"tcb_status\":[\"Revoked\"]}", "tcb_status");
    check_refused("{\"tcb_status\":[\"NotStated\"]}", "tcb_status");
    check_refused("{\"tcb_status\":[\"uptodate\"]}", "tcb_status");
    check_refused("{\"advisories\":[1]}", "advisories");
    check_refused("{\"max_collateral_age\":0}", "max_collateral_age");
    check_refused("{\"report_data\":\"00\"}", "report_data");
    check_refused("{\"rtmr4\":\"" H48 "\"}", "rtmr4");
    check_refused("{\"snp_max_vmpl\":4}", "snp_max_vmpl");
    check_refused("{\"snp_providers\":[]}", "snp_providers");
    check_refused("{\"snp_providers\":[\"a\",7]}", "snp_providers");
    return 0;
}
