// SPDX-License-Identifier: MIT
//
// Which platform a quote claims to come from, to know what collateral to ask for.
#include <errno.h>
#include <string.h>

#include "attest/verdict.h"
#include "attest/verify.h"

int attest_quote_platform(const void *data, size_t size, struct attest_platform *ret)
{
    struct attest_verdict verdict;
    struct quote quote;
    struct pck pck;
    if (quote_parse((struct attest_bytes){data, size}, &quote, &verdict))
        return -EBADMSG;
    STACK_OF(X509) *certificates = certificates_parse(pck_chain_text(&quote, (struct attest_bytes){0}));
    int r = -EBADMSG;
    for (int i = 0; r && i < sk_X509_num(certificates); i++) {
        const X509 *one = sk_X509_value(certificates, i);
        if (!pck_parse(one, &pck))
            continue;
        *ret = (struct attest_platform){.ca = pck_issuer_is_platform_ca(one),
                                        .tee_type = quote.tee == ATTEST_TDX};
        memcpy(ret->fmspc, pck.fmspc, sizeof(ret->fmspc));
        r = 0;
    }
    certificates_free(certificates);
    return r;
}
