// SPDX-License-Identifier: MIT
//
// From the certificate of a report's key over AMD's intermediate CA to its root. Roots and intermediates of
// the known products are built in; another intermediate is believed only with a current revocation list
// beside it, because AMD has already revoked one.
#include <openssl/rsa.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "attest/snp.h"
#include "attest/validity.h"
#include "attest/verdict.h"

#define CHAIN(name) extern const char attest_amd_##name[], attest_amd_##name##_end[];
CHAIN(milan)
CHAIN(milan_vlek)
CHAIN(genoa)
CHAIN(genoa_vlek)
CHAIN(turin)
CHAIN(turin_vlek)
#undef CHAIN

// PSS with SHA-384 and RSA-4096: about 150 bits.
enum { SECURITY_LEVEL = 3, PATH_LENGTH = 3 };

static struct attest_bytes built_in(const char *product, bool vlek)
{
    static const struct {
        const char *product;
        bool vlek;
        const char *begin, *end;
    } rows[] = {
        {"Milan", false, attest_amd_milan, attest_amd_milan_end},
        {"Milan", true, attest_amd_milan_vlek, attest_amd_milan_vlek_end},
        {"Genoa", false, attest_amd_genoa, attest_amd_genoa_end},
        {"Genoa", true, attest_amd_genoa_vlek, attest_amd_genoa_vlek_end},
        {"Turin", false, attest_amd_turin, attest_amd_turin_end},
        {"Turin", true, attest_amd_turin_vlek, attest_amd_turin_vlek_end},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].vlek == vlek && !strcmp(rows[i].product, product))
            return (struct attest_bytes){rows[i].begin, (size_t)(rows[i].end - rows[i].begin)};
    return (struct attest_bytes){NULL, 0};
}

static bool issued(X509 *issuer, X509 *subject)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    return key && !X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) &&
           X509_verify(subject, key) == 1;
}

// The CA that issued the leaf, and whether it is the built-in one. NULL: neither that one nor one that came
// along.
static X509 *find_ca(X509 *leaf, X509 *known, X509 *root, STACK_OF(X509) * others, bool *ret_known)
{
    *ret_known = issued(known, leaf);
    if (*ret_known)
        return known;
    for (int i = 0; i < sk_X509_num(others); i++) {
        X509 *one = sk_X509_value(others, i);
        if (issued(one, leaf) && issued(root, one) && X509_cmp(one, root))
            return one;
    }
    return NULL;
}

static int refuse_path(struct attest_verdict *v, int error)
{
    const char *text = X509_verify_cert_error_string(error);
    if (error == X509_V_ERR_CERT_NOT_YET_VALID || error == X509_V_ERR_CERT_HAS_EXPIRED)
        return refuse(v, ATTEST_VEK_CHAIN_EXPIRED, "the certificate chain of the report's key: %s", text);
    if (error == X509_V_ERR_OUT_OF_MEM || error == X509_V_ERR_UNSPECIFIED || error == X509_V_OK)
        return refuse(v, ATTEST_INTERNAL, "the crypto library failed");
    return refuse(v, ATTEST_VEK_CHAIN_INVALID, "the certificate chain of the report's key: %s", text);
}

// Signatures, dates, constraints and key usage of exactly this path.
static int check_path(X509 *leaf, X509 *ca, X509 *root, int64_t time, struct attest_verdict *v)
{
    STACK_OF(X509) *trusted = sk_X509_new_null(), *between = sk_X509_new_null();
    X509_STORE *none = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int error = X509_V_ERR_OUT_OF_MEM, length = 0;
    if (trusted && between && none && ctx && sk_X509_push(trusted, root) && sk_X509_push(between, ca) &&
        X509_STORE_CTX_init(ctx, none, leaf, between) == 1) {
        X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(ctx);
        X509_VERIFY_PARAM_set_time(parameters, (time_t)time);
        X509_VERIFY_PARAM_set_auth_level(parameters, SECURITY_LEVEL);
        X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
        validity_include_end(ctx);
        const bool ok = X509_verify_cert(ctx) == 1;
        error = X509_STORE_CTX_get_error(ctx);
        length = ok ? sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) : 0;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(none);
    sk_X509_free(trusted);
    sk_X509_free(between);
    if (!length)
        return refuse_path(v, error);
    return length == PATH_LENGTH ? 0
                                 : refuse(v, ATTEST_VEK_CHAIN_INVALID,
                                          "the certificate chain of the report's key has the wrong length");
}

// With PSS the digest is a parameter. OpenSSL asks no strength of it in revocation lists.
static bool is_pss_sha384(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *kind;
    int type;
    const void *value;
    X509_ALGOR_get0(&kind, &type, &value, algorithm);
    if (OBJ_obj2nid(kind) != NID_rsassaPss || type != V_ASN1_SEQUENCE)
        return false;
    RSA_PSS_PARAMS *parameters = ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
    const X509_ALGOR *digest = parameters ? parameters->hashAlgorithm : NULL; // NULL: SHA-1
    const bool sha384 = digest && OBJ_obj2nid(digest->algorithm) == NID_sha384;
    RSA_PSS_PARAMS_free(parameters);
    return sha384;
}

static int judge_crl(X509_CRL *crl, X509 *ca, X509 *root, int64_t seconds, struct attest_verdict *v)
{
    const X509_ALGOR *algorithm;
    X509_REVOKED *entry = NULL;
    EVP_PKEY *key = X509_get0_pubkey(root);
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(root)) || !key ||
        X509_CRL_verify(crl, key) != 1)
        return refuse(v, ATTEST_CRL_INVALID, "AMD's CRL is not signed by the root of the product");
    X509_CRL_get0_signature(crl, NULL, &algorithm);
    if (!is_pss_sha384(algorithm))
        return refuse(v, ATTEST_CRL_INVALID, "AMD's CRL is not signed with RSA-PSS and SHA-384");
    for (int i = 0; i < X509_CRL_get_ext_count(crl); i++)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)))
            return refuse(v, ATTEST_CRL_INVALID, "AMD's CRL has a critical extension");
    if (!validity_has_begun(X509_CRL_get0_lastUpdate(crl), seconds) ||
        validity_has_ended(X509_CRL_get0_nextUpdate(crl), seconds))
        return refuse(v, ATTEST_CRL_EXPIRED, "AMD's CRL has expired or is not valid yet");
    if (X509_CRL_get0_by_serial(crl, &entry, X509_get_serialNumber(ca)))
        return refuse(v, ATTEST_VEK_REVOKED,
                      "AMD has revoked the CA that issued the certificate of the report's key");
    return 0;
}

static int check_revocation(X509 *ca, X509 *root, bool required, struct attest_bytes bytes, int64_t time,
                            bool *ret_checked, struct attest_verdict *v)
{
    X509_CRL *crl;
    *ret_checked = false;
    if (!bytes.size)
        return required ? refuse(v, ATTEST_COLLATERAL_MISSING, "the collateral lacks AMD's CRL") : 0;
    if (!crl_parse(bytes, &crl))
        return refuse(v, ATTEST_CRL_INVALID, "AMD's CRL is not a whole CRL with an end");
    const int r = judge_crl(crl, ca, root, time, v);
    X509_CRL_free(crl);
    *ret_checked = !r;
    return r;
}

// The certificate itself, or another one over its key: AMD has issued some.
static bool is_form_of(X509 *one, X509 *certificate, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(one);
    return !X509_cmp(one, certificate) ||
           (key && EVP_PKEY_eq(key, X509_get0_pubkey(certificate)) == 1 && issued(issuer, one) &&
            !X509_NAME_cmp(X509_get_subject_name(one), X509_get_subject_name(certificate)));
}

// Nothing unverified rides along, and the key is one for signing.
static int check_riders(X509 *leaf, X509 *ca, X509 *root, STACK_OF(X509) * others, struct attest_verdict *v)
{
    for (int i = 0; i < sk_X509_num(others); i++) {
        X509 *one = sk_X509_value(others, i);
        if (X509_cmp(one, leaf) && !is_form_of(one, ca, root) && !is_form_of(one, root, root))
            return refuse(v, ATTEST_VEK_CHAIN_INVALID,
                          "a certificate beside the one of the report's key is not of the path to AMD's root");
    }
    return key_may_sign(leaf) ? 0
                              : refuse(v, ATTEST_VEK_CHAIN_INVALID,
                                       "the certificate of the report's key is not for a key that signs");
}

static int check_chain(X509 *leaf, X509 *known, X509 *root, STACK_OF(X509) * others, struct attest_bytes crl,
                       bool crl_required, int64_t time, bool *ret_crl_checked, struct attest_verdict *v)
{
    bool is_known;
    X509 *ca = find_ca(leaf, known, root, others, &is_known);
    if (!ca)
        return refuse(v, ATTEST_VEK_CHAIN_UNTRUSTED,
                      "the certificate of the report's key is not signed by AMD");
    int r = check_riders(leaf, ca, root, others, v);
    if (!r)
        r = check_path(leaf, ca, root, time, v);
    return r ? r : check_revocation(ca, root, crl_required || !is_known, crl, time, ret_crl_checked, v);
}

int vek_chain_verify(X509 *leaf, const struct vek *vek, STACK_OF(X509) * others, struct attest_bytes crl,
                     bool crl_required, int64_t time, bool *ret_crl_checked, struct attest_verdict *v)
{
    const struct attest_bytes text = built_in(vek->product, vek->vlek);
    if (!text.size)
        return refuse(v, ATTEST_VEK_CHAIN_UNTRUSTED, "no root of AMD's is known for the product '%s'",
                      vek->product);
    STACK_OF(X509) *known = certificates_parse(text); // intermediate, root
    const int r = sk_X509_num(known) == 2
                      ? check_chain(leaf, sk_X509_value(known, 0), sk_X509_value(known, 1), others, crl,
                                    crl_required, time, ret_crl_checked, v)
                      : refuse(v, ATTEST_INTERNAL, "AMD's certificates cannot be read");
    certificates_free(known);
    return r;
}
