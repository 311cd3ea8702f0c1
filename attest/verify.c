// SPDX-License-Identifier: MIT
//
// Verification of a quote: every link from Intel's root (or the test root) to the report, one function per
// link, in the order in which they lean on each other. Nothing of the quote is believed before its signature
// is.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/bytes.h"
#include "attest/crl_issuer.h"
#include "attest/crypto.h"
#include "attest/policy.h"
#include "attest/signer.h"
#include "attest/tcb.h"
#include "attest/verdict.h"
#include "attest/verify.h"

enum { PCK_PATH_LENGTH = 3 };
// DEBUG, and the bits beside it that mark a trust domain as one that keeps no secrets.
enum { TDX_ATTRIBUTES_UNTRUSTED = 0xff };

struct verification {
    const struct attest_collateral *collateral;
    const struct attest_policy *policy;
    struct attest_verdict *verdict;
    struct quote quote;
    struct trust trust;
    X509 *test_root; // borrowed from trust.roots; NULL: not among them
    X509 *anchor;    // the root the PCK chain ends in; borrowed likewise
    STACK_OF(X509) * certificates;
    X509 *leaf;        // the PCK certificate; borrowed from certificates, as its key
    EVP_PKEY *pck_key;
    struct pck pck;
    int64_t crl_issued; // PCK CRL
    int64_t crls_end;   // the first of the two
    struct signer signer;
    struct signed_json tcb_json, qe_json;
    struct tcb_info tcb_info;
    struct qe_identity qe_identity;
    const struct tcb_level *qe_level, *tcb_level, *module_level;
};

static const char *const item_names[ATTEST_COLLATERAL_ITEMS] = {
    [ATTEST_TCB_INFO] = "TCB info",
    [ATTEST_TCB_INFO_CHAIN] = "certificate chain of the TCB info",
    [ATTEST_QE_IDENTITY] = "QE identity",
    [ATTEST_QE_IDENTITY_CHAIN] = "certificate chain of the QE identity",
    [ATTEST_PCK_CRL] = "CRL of the PCK CA",
    [ATTEST_PCK_CRL_CHAIN] = NULL, // not needed, but checked
    [ATTEST_ROOT_CA_CRL] = "CRL of the root CA",
    [ATTEST_VEK] = NULL, // SNP's
    [ATTEST_VEK_CRL] = NULL,
};

struct attest_bytes pck_chain_text(const struct quote *quote, struct attest_bytes fallback)
{
    return quote->certification_type == SGX_CERTIFICATION_PCK_CHAIN ? quote->certification_data : fallback;
}

// Seconds since 1970; 0, which is older than anything, when it is no time.
static int64_t time_of(const ASN1_TIME *time)
{
    struct tm tm;
    return time && ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int check_collateral(struct verification *c)
{
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        if (item_names[i] && !c->collateral->item[i].size)
            return refuse(c->verdict, ATTEST_COLLATERAL_MISSING, "the collateral lacks the %s",
                          item_names[i]);
    return 0;
}

static int add_crl(struct verification *c, enum attest_collateral_item item)
{
    X509_CRL *crl;
    if (!crl_parse(c->collateral->item[item], &crl))
        return refuse(c->verdict, ATTEST_CRL_INVALID, "the %s is not a whole CRL with an end", item_names[item]);
    if (!crl_uses_sha2(crl)) {
        X509_CRL_free(crl);
        return refuse(c->verdict, ATTEST_CRL_INVALID, "the signature of the %s does not use SHA-2", item_names[item]);
    }
    if (item == ATTEST_PCK_CRL)
        c->crl_issued = time_of(X509_CRL_get0_lastUpdate(crl));
    c->crls_end = earlier(c->crls_end, time_of(X509_CRL_get0_nextUpdate(crl)));
    if (sk_X509_CRL_push(c->trust.crls, crl))
        return 0;
    X509_CRL_free(crl);
    return refuse(c->verdict, ATTEST_INTERNAL, "out of memory");
}

static int load_trust(struct verification *c)
{
    const struct attest_bytes chain = pck_chain_text(&c->quote, c->policy->pck_chain);
    c->trust.roots = trusted_roots(c->policy->extra_root, chain, &c->test_root);
    c->trust.crls = sk_X509_CRL_new_null();
    c->crls_end = INT64_MAX;
    if (!c->trust.roots || !c->trust.crls)
        return refuse(c->verdict, ATTEST_INTERNAL, "the trusted root certificates cannot be read");
    const int r = add_crl(c, ATTEST_PCK_CRL);
    return r ? r : add_crl(c, ATTEST_ROOT_CA_CRL);
}

static int refuse_pck_chain(struct verification *c, enum chain_fault fault, const char *problem)
{
    static const enum attest_result results[] = {
        [CHAIN_FAILURE] = ATTEST_INTERNAL,
        [CHAIN_INVALID] = ATTEST_PCK_CHAIN_INVALID,
        [CHAIN_UNTRUSTED] = ATTEST_PCK_CHAIN_UNTRUSTED,
        [CHAIN_EXPIRED] = ATTEST_PCK_CHAIN_EXPIRED,
        [CHAIN_REVOKED] = ATTEST_PCK_REVOKED,
        [CHAIN_CRL_INVALID] = ATTEST_CRL_INVALID,
        [CHAIN_CRL_EXPIRED] = ATTEST_CRL_EXPIRED,
    };
    return refuse(c->verdict, results[fault], "the PCK certificate chain: %s", problem);
}

static int check_pck_chain(struct verification *c)
{
    const struct attest_bytes text = pck_chain_text(&c->quote, c->policy->pck_chain);
    struct chain chain;
    if (!text.size)
        return refuse(c->verdict, ATTEST_PCK_CHAIN_MISSING,
                      "the quote carries no PCK certificate chain (type %u)", c->quote.certification_type);
    c->certificates = certificates_parse_known(text, c->trust.roots);
    if (!c->certificates)
        return refuse(c->verdict, ATTEST_PCK_CHAIN_MALFORMED,
                      "the PCK certificate chain holds something that is not a certificate");
    const enum chain_fault fault = chain_verify(c->certificates, PCK_PATH_LENGTH, &c->trust, &chain);
    if (fault != CHAIN_OK)
        return refuse_pck_chain(c, fault, chain.problem);
    c->leaf = chain.leaf;
    c->pck_key = X509_get0_pubkey(chain.leaf);
    if (!common_name_is(chain.leaf, "SGX PCK Certificate") || !c->pck_key || !p256_is(c->pck_key))
        return refuse_pck_chain(c, CHAIN_INVALID, "its end entity is not a PCK certificate");
    if (!pck_parse(chain.leaf, &c->pck))
        return refuse(c->verdict, ATTEST_PCK_CHAIN_MALFORMED,
                      "the PCK certificate's SGX extension is not proper");
    c->anchor = chain.root;
    return 0;
}

// From here on only the root that vouches for the platform is trusted: another one must not speak about it.
static int narrow_trust(struct verification *c)
{
    for (int i = sk_X509_num(c->trust.roots); i-- > 0;) {
        X509 *root = sk_X509_value(c->trust.roots, i);
        if (root == c->anchor)
            continue;
        (void)sk_X509_delete(c->trust.roots, i);
        if (root == c->test_root)
            c->test_root = NULL;
        X509_free(root);
    }
    c->verdict->test_root = c->anchor == c->test_root;
    return 0;
}

static int check_crl_issuer(struct verification *c)
{
    return crl_issuer_check(c->collateral->item[ATTEST_PCK_CRL_CHAIN], sk_X509_CRL_value(c->trust.crls, 0), c->certificates,
                            c->leaf, &c->trust, c->verdict);
}

static int check_dates(struct verification *c, enum attest_result result, const char *what, int64_t issued,
                       int64_t end)
{
    if (c->trust.time < issued)
        return refuse(c->verdict, result, "the %s is not issued yet", what);
    if (c->trust.time > end)
        return refuse(c->verdict, result, "the %s has expired", what);
    return 0;
}

static int check_tcb_info(struct verification *c)
{
    static const struct signer_role role = {"TCB info", "tcbInfo", ATTEST_TCB_INFO_MALFORMED,
                                            ATTEST_TCB_INFO_CHAIN_INVALID, ATTEST_TCB_INFO_SIGNATURE};
    const struct attest_bytes *item = c->collateral->item;
    struct tcb_info *info = &c->tcb_info;
    int r = signer_verify(item[ATTEST_TCB_INFO], item[ATTEST_TCB_INFO_CHAIN], &role, &c->trust, &c->signer,
                          &c->tcb_json, c->verdict);
    if (r)
        return r;
    if (!tcb_info_parse(c->tcb_json.value, info))
        return refuse(c->verdict, ATTEST_TCB_INFO_MALFORMED,
                      "the TCB info is not of version 2 or 3, or lacks something");
    r = check_dates(c, ATTEST_TCB_INFO_EXPIRED, "TCB info", info->issued, info->next_update);
    if (r)
        return r;
    if (info->tdx != (c->quote.tee == ATTEST_TDX))
        return refuse(c->verdict, ATTEST_TCB_INFO_MISMATCH, "the TCB info is for %s",
                      info->tdx ? "TDX" : "SGX");
    if (memcmp(info->fmspc, c->pck.fmspc, sizeof(info->fmspc)))
        return refuse(c->verdict, ATTEST_TCB_INFO_MISMATCH, "the TCB info is of another platform (FMSPC)");
    if (!info->has_pceid || memcmp(info->pceid, c->pck.pceid, sizeof(info->pceid)))
        return refuse(c->verdict, ATTEST_TCB_INFO_MISMATCH,
                      "the TCB info is of another provisioning enclave (PCEID)");
    return 0;
}

static int check_qe_identity(struct verification *c)
{
    static const struct signer_role role = {"QE identity", "enclaveIdentity", ATTEST_QE_IDENTITY_MALFORMED,
                                            ATTEST_QE_IDENTITY_CHAIN_INVALID, ATTEST_QE_IDENTITY_SIGNATURE};
    const struct attest_bytes *item = c->collateral->item;
    struct qe_identity *qe = &c->qe_identity;
    const int r = signer_verify(item[ATTEST_QE_IDENTITY], item[ATTEST_QE_IDENTITY_CHAIN], &role, &c->trust,
                                &c->signer, &c->qe_json, c->verdict);
    if (r)
        return r;
    if (!qe_identity_parse(c->qe_json.value, qe))
        return refuse(c->verdict, ATTEST_QE_IDENTITY_MALFORMED,
                      "the QE identity is not of version 2, or lacks something");
    if (strcmp(qe->id, c->quote.tee == ATTEST_TDX ? "TD_QE" : "QE"))
        return refuse(c->verdict, ATTEST_QE_IDENTITY_MISMATCH,
                      "the identity is not the one of the %s quoting enclave", attest_tee_name(c->quote.tee));
    return check_dates(c, ATTEST_QE_IDENTITY_EXPIRED, "QE identity", qe->issued, qe->next_update);
}

static int check_qe_report(struct verification *c)
{
    const struct sgx_quote_signature *s = &c->quote.signature;
    struct sgx_report_body report;
    uint8_t bound[64] = {0};
    memcpy(&report, s->qe_report, sizeof(report));
    if (!p256_verify(c->pck_key, s->qe_report_signature,
                     (struct attest_bytes){s->qe_report, sizeof(s->qe_report)}))
        return refuse(c->verdict, ATTEST_QE_REPORT_SIGNATURE,
                      "the quoting enclave's report is not signed by the PCK");
    if (!sha256_two((struct attest_bytes){s->attestation_key, sizeof(s->attestation_key)},
                    c->quote.authentication_data, bound))
        return refuse(c->verdict, ATTEST_INTERNAL, "the crypto library failed");
    if (memcmp(report.reportdata, bound, sizeof(bound)))
        return refuse(c->verdict, ATTEST_QE_REPORT_BINDING,
                      "the attestation key is not the one the quoting enclave made");
    const char *field = qe_identity_mismatch(&c->qe_identity, &report);
    if (field)
        return refuse(c->verdict, ATTEST_QE_IDENTITY_MISMATCH,
                      "the quoting enclave is another one: %s differs", field);
    c->qe_level = isvsvn_level(c->qe_identity.levels, c->qe_identity.levels_count, report.isvsvn);
    if (!c->qe_level)
        return refuse(c->verdict, ATTEST_TCB_NOT_SUPPORTED,
                      "the quoting enclave's version %u is below every known level", report.isvsvn);
    return 0;
}

static int check_quote_signature(struct verification *c)
{
    EVP_PKEY *key = p256_key(c->quote.signature.attestation_key);
    const bool ok = key && p256_verify(key, c->quote.signature.signature, c->quote.signed_part);
    EVP_PKEY_free(key);
    return ok ? 0 : refuse(c->verdict, ATTEST_QUOTE_SIGNATURE, "the quote's signature does not verify");
}

static int evaluate_tdx(struct verification *c)
{
    struct tdx_tcb tcb;
    const char *problem = tdx_module_mismatch(&c->tcb_info, &c->quote.td);
    if (problem)
        return refuse(c->verdict, ATTEST_TDX_MODULE_MISMATCH, "the TDX module: %s", problem);
    problem = tdx_evaluate(&c->tcb_info, &c->pck, &c->quote, c->qe_level->status, &tcb);
    if (tcb.module_unknown)
        return refuse(c->verdict, ATTEST_TDX_MODULE_MISMATCH, "the TDX module that is loaded now: %s", problem);
    if (problem)
        return refuse(c->verdict, ATTEST_TCB_NOT_SUPPORTED, "the %s below every level of the TCB info",
                      problem);
    c->tcb_level = tcb.tdx;
    c->module_level = tcb.module;
    c->verdict->tcb_status = tcb.status;
    return 0;
}

static int evaluate_sgx(struct verification *c)
{
    c->tcb_level = tcb_info_level(&c->tcb_info, &c->pck);
    if (!c->tcb_level)
        return refuse(c->verdict, ATTEST_TCB_NOT_SUPPORTED,
                      "the platform is below every level of its TCB info");
    c->verdict->tcb_status = tcb_converge(c->tcb_level->status, c->qe_level->status);
    return 0;
}

static int check_tcb(struct verification *c)
{
    struct attest_verdict *v = c->verdict;
    const int r = c->quote.tee == ATTEST_TDX ? evaluate_tdx(c) : evaluate_sgx(c);
    if (r)
        return r;
    if (v->tcb_status == ATTEST_TCB_REVOKED)
        return refuse(v, ATTEST_TCB_IS_REVOKED, "the platform's TCB, or its quoting enclave, is revoked");
    const json_t *lists[] = {c->tcb_level->advisories, c->qe_level->advisories,
                             c->module_level ? c->module_level->advisories : NULL};
    if (!tcb_advisories(lists, sizeof(lists) / sizeof(*lists), v->advisory_ids, sizeof(v->advisory_ids)))
        return refuse(v, ATTEST_TCB_INFO_MALFORMED, "the TCB info lists too many advisories");
    return 0;
}

static void tell_enclave(const struct sgx_report_body *body, struct attest_verdict *v)
{
    memcpy(v->mrenclave, body->mrenclave, sizeof(v->mrenclave));
    memcpy(v->mrsigner, body->mrsigner, sizeof(v->mrsigner));
    memcpy(v->configid, body->configid, sizeof(v->configid));
    memcpy(v->isvextprodid, body->isvextprodid, sizeof(v->isvextprodid));
    memcpy(v->isvfamilyid, body->isvfamilyid, sizeof(v->isvfamilyid));
    v->attributes = body->attributes.flags;
    v->xfrm = body->attributes.xfrm;
    v->miscselect = body->miscselect;
    v->configsvn = body->configsvn;
    v->product_id = body->isvprodid;
    v->security_version = body->isvsvn;
    v->debug = (body->attributes.flags & SGX_ATTRIBUTE_DEBUG) != 0;
}

static void tell_trust_domain(const struct attest_tdx *td, struct attest_verdict *v)
{
    v->tdx = *td;
    v->debug = (td->tdattributes & TDX_ATTRIBUTES_UNTRUSTED) != 0;
}

static int tell_facts(struct verification *c)
{
    const struct tcb_info *tcb = &c->tcb_info;
    const struct qe_identity *qe = &c->qe_identity;
    struct attest_verdict *v = c->verdict;
    v->tee = c->quote.tee;
    v->version = c->quote.header.version;
    v->quote_size = c->quote.size;
    memcpy(v->report_body, c->quote.body_bytes.data, c->quote.body_bytes.size); // 648 at most
    v->report_body_size = c->quote.body_bytes.size;
    memcpy(v->report_data, quote_report_data(&c->quote), sizeof(v->report_data));
    if (v->tee == ATTEST_TDX)
        tell_trust_domain(&c->quote.td, v);
    else
        tell_enclave(&c->quote.body, v);
    memcpy(v->cpusvn, c->pck.component, sizeof(v->cpusvn));
    memcpy(v->pceid, c->pck.pceid, sizeof(v->pceid));
    v->pcesvn = c->pck.pcesvn;
    v->pck = c->pck.more;
    memcpy(v->fmspc, c->pck.fmspc, sizeof(v->fmspc));
    memcpy(v->tcb_date, c->tcb_level->date, strlen(c->tcb_level->date) + 1); // 20 characters, as parsed
    v->evaluation_number =
        tcb->evaluation_number < qe->evaluation_number ? tcb->evaluation_number : qe->evaluation_number;
    v->collateral_expires = earlier(c->crls_end, earlier(tcb->next_update, qe->next_update));
    v->collateral_issued = earlier(c->crl_issued, earlier(tcb->issued, qe->issued));
    return 0;
}

static int check_links(struct verification *c)
{
    static int (*const links[])(struct verification *) = {
        check_collateral,  load_trust,      check_pck_chain,       narrow_trust, check_crl_issuer, check_tcb_info,
        check_qe_identity, check_qe_report, check_quote_signature, check_tcb,    tell_facts,
    };
    int r = 0;
    for (size_t i = 0; !r && i < sizeof(links) / sizeof(*links); i++)
        r = links[i](c);
    return r;
}

static void release(struct verification *c)
{
    tcb_info_free(&c->tcb_info);
    free(c->qe_identity.levels);
    EVP_PKEY_free(c->signer.key);
    json_decref(c->tcb_json.value);
    json_decref(c->qe_json.value);
    certificates_free(c->certificates);
    certificates_free(c->trust.roots);
    sk_X509_CRL_pop_free(c->trust.crls, X509_CRL_free);
}

int attest_verify_quote(const void *quote, size_t size, const struct attest_collateral *collateral,
                        int64_t time, const struct attest_policy *policy, struct attest_verdict *ret_verdict)
{
    struct verification c = {
        .collateral = collateral, .policy = policy, .verdict = ret_verdict, .trust = {.time = time}};
    memset(ret_verdict, 0, sizeof(*ret_verdict));
    int r = quote_parse((struct attest_bytes){quote, size}, &c.quote, ret_verdict);
    if (!r && !only_zeros((const uint8_t *)quote + c.quote.size, size - c.quote.size))
        r = refuse(ret_verdict, ATTEST_QUOTE_MALFORMED, "bytes that are not zero follow the quote");
    if (!r)
        r = check_links(&c);
    release(&c);
    if (r) {
        forget_facts(ret_verdict);
        return r;
    }
    return policy_check(policy, time, ret_verdict);
}
