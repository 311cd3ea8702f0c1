// SPDX-License-Identifier: MIT
//
// OpenSSL builds and verifies the path; around it stand the rules it does not know: who the end entity is,
// how long the path must be, and that nothing unverified rides along.
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "attest/chain.h"
#include "attest/validity.h"

extern const char attest_intel_root[], attest_intel_root_end[], attest_test_root[], attest_test_root_end[];

// SHA-256 signatures and 128-bit keys.
enum { SECURITY_LEVEL = 3 };

static bool add_roots(STACK_OF(X509) * roots, struct attest_bytes text)
{
    STACK_OF(X509) *parsed = certificates_parse(text);
    bool ok = parsed && sk_X509_num(parsed) == 1 && sk_X509_push(roots, sk_X509_value(parsed, 0));
    if (ok)
        (void)sk_X509_pop(parsed); // now the other stack's
    certificates_free(parsed);
    return ok;
}

// Whether a chain carries this very root, as nearly all do.
static bool carries(struct attest_bytes chain, struct attest_bytes root)
{
    return chain.size && memmem(chain.data, chain.size, root.data, root.size - 1); // but its last line end
}

STACK_OF(X509) * trusted_roots(struct attest_bytes extra, struct attest_bytes chain, X509 **ret_test_root)
{
    STACK_OF(X509) *roots = sk_X509_new_null();
    const struct attest_bytes intel = {attest_intel_root,
                                       (size_t)(attest_intel_root_end - attest_intel_root)};
    const struct attest_bytes test = {attest_test_root, (size_t)(attest_test_root_end - attest_test_root)};
    // Decoding a certificate costs as much as verifying one. A root of the caller's could be the published one: then all are there.
    const bool for_intel = carries(chain, intel), one = !extra.size && for_intel != carries(chain, test);
    const bool needs_test = !one || !for_intel, needs_intel = !one || for_intel;
    if (roots && (!needs_test || add_roots(roots, test)) && (!needs_intel || add_roots(roots, intel)) &&
        (!extra.size || add_roots(roots, extra))) {
        *ret_test_root = needs_test ? sk_X509_value(roots, 0) : NULL;
        return roots;
    }
    certificates_free(roots);
    return NULL;
}

// The one certificate that is not a CA's; NULL when there is none, or more.
static X509 *end_entity(STACK_OF(X509) * certificates)
{
    X509 *found = NULL;
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *one = sk_X509_value(certificates, i);
        if (X509_check_ca(one))
            continue;
        if (found)
            return NULL;
        found = one;
    }
    return found;
}

static enum chain_fault classify(int error)
{
    switch (error) {
    case X509_V_OK:
        return CHAIN_OK;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return CHAIN_EXPIRED;
    case X509_V_ERR_CERT_REVOKED:
        return CHAIN_REVOKED;
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
        return CHAIN_CRL_EXPIRED;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        return CHAIN_CRL_INVALID;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return CHAIN_UNTRUSTED;
    case X509_V_ERR_OUT_OF_MEM:
    case X509_V_ERR_UNSPECIFIED:
        return CHAIN_FAILURE;
    default:
        return CHAIN_INVALID;
    }
}

static bool among(X509 *certificate, STACK_OF(X509) * path)
{
    for (int i = 0; i < sk_X509_num(path); i++)
        if (!X509_cmp(certificate, sk_X509_value(path, i)))
            return true;
    return false;
}

// Another certificate over the root's own key: Intel has issued two.
static bool is_form_of(X509 *certificate, X509 *root)
{
    EVP_PKEY *key = X509_get0_pubkey(root);
    return key && X509_get0_pubkey(certificate) && EVP_PKEY_eq(X509_get0_pubkey(certificate), key) == 1 &&
           X509_verify(certificate, key) == 1 &&
           !X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_subject_name(root));
}

static enum chain_fault check_path(STACK_OF(X509) * certificates, STACK_OF(X509) * path, int length,
                                   struct chain *chain)
{
    const int used = sk_X509_num(path);
    if (used != length) {
        chain->problem = "the path to the root has the wrong length";
        return CHAIN_INVALID;
    }
    chain->root = sk_X509_value(path, used - 1);
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *one = sk_X509_value(certificates, i);
        if (!among(one, path) && !is_form_of(one, chain->root)) {
            chain->problem = "a certificate is not part of the path to the root";
            return CHAIN_INVALID;
        }
    }
    return CHAIN_OK;
}

// The first root that is the same certificate.
static X509 *own_copy(X509 *root, STACK_OF(X509) * roots)
{
    for (int i = 0; i < sk_X509_num(roots); i++)
        if (!X509_cmp(root, sk_X509_value(roots, i)))
            return sk_X509_value(roots, i);
    return NULL;
}

// How revocation lists are judged.
struct lists {
    X509_STORE_CTX_check_crl_fn usual; // OpenSSL's
    STACK_OF(X509) * roots;
};

// A root does not take back itself, and that its list is genuine is found out with the certificate below it: OpenSSL would do it
// again for the root. Whether the root stands in the list is still looked up.
static int judge_list(X509_STORE_CTX *ctx, X509_CRL *crl)
{
    const struct lists *lists = X509_STORE_CTX_get_app_data(ctx);
    const X509 *one = X509_STORE_CTX_get_current_cert(ctx);
    for (int i = 0; i < sk_X509_num(lists->roots); i++)
        if (one == sk_X509_value(lists->roots, i))
            return 1;
    return lists->usual(ctx, crl);
}

static X509_STORE_CTX *context_new(X509_STORE *store, X509 *leaf, STACK_OF(X509) * certificates, struct lists *lists)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (ctx && X509_STORE_CTX_init(ctx, store, leaf, certificates) == 1) {
        lists->usual = X509_STORE_CTX_get_check_crl(ctx);
        X509_STORE_CTX_cleanup(ctx);
        X509_STORE_set_check_crl(store, judge_list);
        if (X509_STORE_CTX_init(ctx, store, leaf, certificates) == 1 && X509_STORE_CTX_set_app_data(ctx, lists) == 1)
            return ctx;
    }
    X509_STORE_CTX_free(ctx);
    return NULL;
}

static bool prepare(X509_STORE_CTX *ctx, const struct trust *trust)
{
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)trust->time);
    X509_VERIFY_PARAM_set_auth_level(parameters, SECURITY_LEVEL);
    X509_STORE_CTX_set0_trusted_stack(ctx, trust->roots);
    X509_STORE_CTX_set0_crls(ctx, trust->crls);
    validity_include_end(ctx);
    // A root is trusted because it is ours; what it says about itself proves nothing.
    return X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                                                       X509_V_FLAG_X509_STRICT) == 1;
}

// From chain->leaf.
static enum chain_fault verify(STACK_OF(X509) * certificates, int length, const struct trust *trust,
                               struct chain *chain)
{
    chain->issuer = X509_get_issuer_name(chain->leaf);
    enum chain_fault fault = CHAIN_FAILURE;
    chain->problem = "the crypto library failed";
    X509_STORE *none = X509_STORE_new();
    struct lists lists = {.roots = trust->roots};
    X509_STORE_CTX *ctx = none ? context_new(none, chain->leaf, certificates, &lists) : NULL;
    if (ctx && prepare(ctx, trust)) {
        const bool ok = X509_verify_cert(ctx) == 1;
        const int error = X509_STORE_CTX_get_error(ctx);
        fault = ok ? CHAIN_OK : error == X509_V_OK ? CHAIN_FAILURE : classify(error);
        chain->problem = X509_verify_cert_error_string(error);
        if (fault == CHAIN_OK)
            fault = check_path(certificates, X509_STORE_CTX_get0_chain(ctx), length, chain);
    }
    if (fault == CHAIN_OK &&
        !(chain->root = own_copy(chain->root, trust->roots))) // the path's may go with ctx
        fault = CHAIN_FAILURE;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(none);
    return fault;
}

enum chain_fault chain_verify(STACK_OF(X509) * certificates, int length, const struct trust *trust,
                              struct chain *chain)
{
    *chain = (struct chain){.leaf = end_entity(certificates),
                            .problem = "it has no single end entity certificate"};
    if (!chain->leaf)
        return CHAIN_INVALID;
    const enum chain_fault fault = verify(certificates, length, trust, chain);
    if (fault != CHAIN_OK || key_may_sign(chain->leaf))
        return fault;
    chain->problem = "its end entity's key is not one for signing";
    return CHAIN_INVALID;
}

enum chain_fault chain_verify_issuer(STACK_OF(X509) * certificates, X509_CRL *crl, int length,
                                     const struct trust *trust, struct chain *chain)
{
    *chain = (struct chain){.problem = "the CA that issued it is not there"};
    for (int i = 0; i < sk_X509_num(certificates) && !chain->leaf; i++) {
        X509 *one = sk_X509_value(certificates, i);
        EVP_PKEY *key = X509_get0_pubkey(one);
        if (X509_check_ca(one) && key && X509_CRL_verify(crl, key) == 1 &&
            !X509_NAME_cmp(X509_get_subject_name(one), X509_CRL_get_issuer(crl)))
            chain->leaf = one;
    }
    return chain->leaf ? verify(certificates, length, trust, chain) : CHAIN_INVALID;
}
