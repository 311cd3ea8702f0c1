// SPDX-License-Identifier: MIT
//
// X509_cmp_time tells "before or at" from "after", and what is no time from both: so it is never asked for the first of these.
#include "attest/validity.h"

#include <time.h>

bool validity_has_begun(const ASN1_TIME *begin, int64_t time)
{
    time_t t = (time_t)time;
    return X509_cmp_time(begin, &t) < 0;
}

bool validity_has_ended(const ASN1_TIME *end, int64_t time)
{
    time_t before = (time_t)(time == INT64_MIN ? time : time - 1);
    return X509_cmp_time(end, &before) <= 0;
}

static int include_end(int ok, X509_STORE_CTX *ctx)
{
    const int error = X509_STORE_CTX_get_error(ctx);
    const int64_t time = (int64_t)X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(ctx));
    const ASN1_TIME *end = NULL;
    if (!ok && error == X509_V_ERR_CERT_HAS_EXPIRED)
        end = X509_get0_notAfter(X509_STORE_CTX_get_current_cert(ctx));
    if (!ok && error == X509_V_ERR_CRL_HAS_EXPIRED)
        end = X509_CRL_get0_nextUpdate(X509_STORE_CTX_get0_current_crl(ctx));
    if (!end || validity_has_ended(end, time))
        return ok;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

void validity_include_end(X509_STORE_CTX *ctx)
{
    X509_STORE_CTX_set_verify_cb(ctx, include_end);
}
