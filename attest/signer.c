// SPDX-License-Identifier: MIT
//
// The signer of collateral must be the TCB signing certificate, directly under the root: a platform's own
// certificate is signed by the same root two steps down, and must not be able to speak about itself.
#include "attest/signer.h"
#include "attest/crypto.h"
#include "attest/verdict.h"

enum { SIGNER_PATH_LENGTH = 2 };

static int refuse_chain(struct attest_verdict *v, const struct signer_role *role, enum chain_fault fault,
                        const char *problem)
{
    const enum attest_result result = fault == CHAIN_FAILURE       ? ATTEST_INTERNAL
                                      : fault == CHAIN_CRL_INVALID ? ATTEST_CRL_INVALID
                                      : fault == CHAIN_CRL_EXPIRED ? ATTEST_CRL_EXPIRED
                                                                   : role->chain_invalid;
    return refuse(v, result, "the certificate chain of the %s's signer: %s", role->what, problem);
}

static int check_signer(STACK_OF(X509) * certificates, const struct signer_role *role,
                        const struct trust *trust, const struct signed_json *json, struct attest_verdict *v)
{
    struct chain chain;
    const enum chain_fault fault = chain_verify(certificates, SIGNER_PATH_LENGTH, trust, &chain);
    if (fault != CHAIN_OK)
        return refuse_chain(v, role, fault, chain.problem);
    if (!common_name_is(chain.leaf, "SGX TCB Signing"))
        return refuse_chain(v, role, CHAIN_INVALID, "its certificate is not one for signing TCB information");
    EVP_PKEY *key = X509_get0_pubkey(chain.leaf);
    if (!key || !p256_verify(key, json->signature, json->body))
        return refuse(v, role->signature, "the signature of the %s does not verify", role->what);
    return 0;
}

int signer_verify(struct attest_bytes text, struct attest_bytes chain, const struct signer_role *role,
                  const struct trust *trust, struct signed_json *json, struct attest_verdict *v)
{
    if (!signed_json_parse(text, role->name, json))
        return refuse(v, role->malformed, "the %s is not a signed JSON object", role->what);
    STACK_OF(X509) *certificates = certificates_parse(chain);
    const int r = certificates
                      ? check_signer(certificates, role, trust, json, v)
                      : refuse_chain(v, role, CHAIN_INVALID, "it holds something that is not a certificate");
    certificates_free(certificates);
    if (r) {
        json_decref(json->value);
        json->value = NULL;
    }
    return r;
}
