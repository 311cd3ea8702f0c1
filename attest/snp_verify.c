// SPDX-License-Identifier: MIT
//
// Verification of a SEV-SNP report: the certificate of the key that signed it up to AMD's root, the
// signature, and that this key is the one for the platform and the TCB version that the report claims.
#include <string.h>

#include "attest/crypto.h"
#include "attest/policy.h"
#include "attest/snp.h"
#include "attest/verdict.h"

struct verification {
    const struct attest_collateral *collateral;
    const struct attest_policy *policy;
    struct attest_verdict *verdict;
    int64_t time;
    struct snp_report report;
    STACK_OF(X509) * certificates;
    X509 *leaf; // borrowed from certificates
    struct vek vek;
};

// The collateral's, else the one that the guest driver put behind the report.
static int find_certificates(struct verification *c, struct attest_bytes *ret)
{
    *ret = c->collateral->item[ATTEST_VEK];
    if (!ret->size && c->report.rest.size &&
        !snp_table_find(c->report.rest, c->report.claims.vlek ? SNP_TABLE_VLEK : SNP_TABLE_VCEK, ret))
        *ret = (struct attest_bytes){NULL, 0}; // padding, or no table
    if (ret->size)
        return 0;
    return refuse(c->verdict, ATTEST_VEK_MISSING, "the certificate of the report's key (%s) is missing",
                  c->report.claims.vlek ? "VLEK" : "VCEK");
}

static int load_vek(struct verification *c)
{
    struct attest_bytes bytes;
    const int r = find_certificates(c, &bytes);
    if (r)
        return r;
    c->certificates = certificates_parse(bytes);
    for (int i = 0; i < sk_X509_num(c->certificates); i++)
        if (vek_parse(sk_X509_value(c->certificates, i), &c->vek)) {
            if (c->leaf)
                return refuse(c->verdict, ATTEST_VEK_MALFORMED, "there are two certificates of report keys");
            c->leaf = sk_X509_value(c->certificates, i);
        }
    if (!c->leaf || !vek_parse(c->leaf, &c->vek))
        return refuse(c->verdict, ATTEST_VEK_MALFORMED,
                      "the certificate of the report's key is not a proper one");
    return 0;
}

// The other kind's chain would be valid, too.
static int check_vek_kind(struct verification *c)
{
    if (c->vek.vlek == c->report.claims.vlek)
        return 0;
    return refuse(c->verdict, ATTEST_VEK_MISMATCH, "the report is signed by a %s, the certificate is of a %s",
                  c->report.claims.vlek ? "VLEK" : "VCEK", c->vek.vlek ? "VLEK" : "VCEK");
}

static int check_vek_chain(struct verification *c)
{
    struct attest_bytes crl = c->collateral->item[ATTEST_VEK_CRL];
    if (!crl.size && c->report.rest.size && !snp_table_find(c->report.rest, SNP_TABLE_CRL, &crl))
        crl = (struct attest_bytes){NULL, 0};
    return vek_chain_verify(c->leaf, &c->vek, c->certificates, crl, c->policy->require_snp_crl, c->time,
                            &c->report.claims.crl_checked, c->verdict);
}

static int check_signature(struct verification *c)
{
    EVP_PKEY *key = X509_get0_pubkey(c->leaf);
    if (!key || !p384_verify(key, c->report.r, c->report.s, c->report.signed_part))
        return refuse(c->verdict, ATTEST_REPORT_SIGNATURE, "the report's signature does not verify");
    return 0;
}

static int check_vek(struct verification *c)
{
    const char *problem = vek_mismatch(&c->vek, &c->report.claims);
    return problem ? refuse(c->verdict, ATTEST_VEK_MISMATCH, "the report %s", problem) : 0;
}

static int tell_facts(struct verification *c)
{
    struct attest_verdict *v = c->verdict;
    struct attest_snp *claims = &c->report.claims;
    memcpy(claims->product, c->vek.product, sizeof(claims->product));
    memcpy(claims->csp_id, c->vek.csp_id, sizeof(claims->csp_id));
    v->tee = ATTEST_SNP;
    v->version = claims->version;
    v->quote_size = SNP_REPORT_SIZE;
    memcpy(v->report_body, c->report.signed_part.data, SNP_REPORT_SIZE);
    v->report_body_size = SNP_REPORT_SIZE;
    memcpy(v->report_data, c->report.report_data, sizeof(v->report_data));
    v->snp = *claims;
    v->debug = claims->policy >> SNP_POLICY_DEBUG & 1;
    v->tcb_status = ATTEST_TCB_NOT_STATED;
    return 0;
}

int attest_verify_report(const void *report, size_t size, const struct attest_collateral *collateral,
                         int64_t time, const struct attest_policy *policy, struct attest_verdict *ret_verdict)
{
    static int (*const links[])(struct verification *) = {
        load_vek, check_vek_kind, check_vek_chain, check_signature, check_vek, tell_facts,
    };
    struct verification c = {
        .collateral = collateral, .policy = policy, .verdict = ret_verdict, .time = time};
    memset(ret_verdict, 0, sizeof(*ret_verdict));
    int r = snp_report_parse((struct attest_bytes){report, size}, &c.report, ret_verdict);
    for (size_t i = 0; !r && i < sizeof(links) / sizeof(*links); i++)
        r = links[i](&c);
    certificates_free(c.certificates);
    if (r) {
        forget_facts(ret_verdict);
        return r;
    }
    return policy_check(policy, time, ret_verdict);
}
