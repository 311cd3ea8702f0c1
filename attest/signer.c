// SPDX-License-Identifier: MIT
//
// The signer of collateral must be the TCB signing certificate, directly under the root: a platform's own
// certificate is signed by the same root two steps down, and must not be able to speak about itself.
#include <string.h>

#include "attest/crypto.h"
#include "attest/signer.h"
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

static int keep_signer(STACK_OF(X509) * certificates, const struct signer_role *role,
                       const struct trust *trust, struct signer *signer, struct attest_verdict *v)
{
    struct chain chain;
    const enum chain_fault fault = chain_verify(certificates, SIGNER_PATH_LENGTH, trust, &chain);
    if (fault != CHAIN_OK)
        return refuse_chain(v, role, fault, chain.problem);
    if (!common_name_is(chain.leaf, "SGX TCB Signing"))
        return refuse_chain(v, role, CHAIN_INVALID, "its certificate is not one for signing TCB information");
    signer->key = X509_get_pubkey(chain.leaf);
    return signer->key ? 0 : refuse_chain(v, role, CHAIN_INVALID, "its certificate has no usable key");
}

static int find_signer(struct attest_bytes chain, const struct signer_role *role, const struct trust *trust,
                       struct signer *signer, struct attest_verdict *v)
{
    if (signer->key && signer->chain.size == chain.size &&
        !memcmp(signer->chain.data, chain.data, chain.size))
        return 0;
    EVP_PKEY_free(signer->key);
    *signer = (struct signer){.chain = chain};
    STACK_OF(X509) *certificates = certificates_parse_known(chain, trust->roots);
    const int r = certificates
                      ? keep_signer(certificates, role, trust, signer, v)
                      : refuse_chain(v, role, CHAIN_INVALID, "it holds something that is not a certificate");
    certificates_free(certificates);
    return r;
}

int signer_verify(struct attest_bytes text, struct attest_bytes chain, const struct signer_role *role,
                  const struct trust *trust, struct signer *signer, struct signed_json *json,
                  struct attest_verdict *v)
{
    if (!signed_json_parse(text, role->name, json))
        return refuse(v, role->malformed, "the %s is not a signed JSON object", role->what);
    int r = find_signer(chain, role, trust, signer, v);
    if (!r && !p256_verify(signer->key, json->signature, json->body))
        r = refuse(v, role->signature, "the signature of the %s does not verify", role->what);
    if (r) {
        json_decref(json->value);
        json->value = NULL;
    }
    return r;
}
