// SPDX-License-Identifier: MIT
#include "attest/crl_issuer.h"
#include "attest/verdict.h"

enum { ISSUER_PATH_LENGTH = 2 };

static bool holds(STACK_OF(X509) * certificates, const X509 *wanted)
{
    for (int i = 0; i < sk_X509_num(certificates); i++)
        if (sk_X509_value(certificates, i) == wanted)
            return true;
    return false;
}

// Nothing but what the quote's chain was verified with, which is the usual case; parsing shares such certificates.
static bool is_verified(STACK_OF(X509) * certificates, STACK_OF(X509) * verified, const X509 *leaf, X509_CRL *crl)
{
    bool has_issuer = false;
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *one = sk_X509_value(certificates, i);
        if (one == leaf || !holds(verified, one))
            return false;
        has_issuer |= !X509_NAME_cmp(X509_get_subject_name(one), X509_CRL_get_issuer(crl));
    }
    return has_issuer;
}

static int judge(STACK_OF(X509) * certificates, X509_CRL *crl, const struct trust *trust, struct attest_verdict *v)
{
    struct chain chain;
    const enum chain_fault fault = chain_verify_issuer(certificates, crl, ISSUER_PATH_LENGTH, trust, &chain);
    if (fault == CHAIN_OK)
        return 0;
    return refuse(v,
                  fault == CHAIN_FAILURE                                   ? ATTEST_INTERNAL
                  : fault == CHAIN_REVOKED                                 ? ATTEST_PCK_REVOKED
                  : fault == CHAIN_EXPIRED || fault == CHAIN_CRL_EXPIRED   ? ATTEST_CRL_EXPIRED
                                                                           : ATTEST_CRL_INVALID,
                  "the certificate chain of the CRL of the PCK CA: %s", chain.problem);
}

int crl_issuer_check(struct attest_bytes text, X509_CRL *crl, STACK_OF(X509) * verified, const X509 *leaf,
                     const struct trust *trust, struct attest_verdict *v)
{
    if (!text.size)
        return 0;
    STACK_OF(X509) *certificates = certificates_parse_known(text, verified);
    int r = 0;
    if (!certificates)
        r = refuse(v, ATTEST_CRL_INVALID,
                   "the certificate chain of the CRL of the PCK CA holds something that is not a certificate");
    else if (!is_verified(certificates, verified, leaf, crl))
        r = judge(certificates, crl, trust, v);
    certificates_free(certificates);
    return r;
}
