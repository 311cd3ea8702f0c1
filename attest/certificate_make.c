// SPDX-License-Identifier: MIT
//
// The certificate that peers of the existing system know: serial 1, fixed names and dates. Its dates say
// nothing: how fresh the evidence is, the collateral tells.
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "attest/certificate_make.h"
#include "attest/public_key.h"

static bool set_names(X509 *certificate)
{
    static const char *const names[][2] = {{"C", "US"}, {"O", "MYSTIKOS"}, {"CN", "MYST-TLS-CERT"}};
    X509_NAME *name = X509_get_subject_name(certificate);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!X509_NAME_add_entry_by_txt(name, names[i][0], MBSTRING_UTF8, (const unsigned char *)names[i][1],
                                        -1, -1, 0))
            return false;
    return X509_set_issuer_name(certificate, name) == 1;
}

static bool set_fields(X509 *certificate, EVP_PKEY *key, const char *not_before)
{
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), not_before) == 1 &&
           ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20501231235959Z") == 1 &&
           (public_key_put_p256(key, X509_get_X509_PUBKEY(certificate)) || X509_set_pubkey(certificate, key) == 1) &&
           set_names(certificate);
}

static bool add(X509 *certificate, X509_EXTENSION *extension)
{
    const bool ok = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool add_usual_extensions(X509 *certificate)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
    return add(certificate, X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "CA:FALSE")) &&
           add(certificate, X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier, "hash")) &&
           add(certificate, X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always"));
}

static bool add_extension(X509 *certificate, const struct certificate_extension *extension)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(extension->oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    bool ok = oid && value && extension->value.size <= INT32_MAX &&
              ASN1_OCTET_STRING_set(value, extension->value.data, (int)extension->value.size) == 1 &&
              add(certificate, X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value));
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(value);
    return ok;
}

X509 *certificate_make(EVP_PKEY *key, const char *not_before, const struct certificate_extension *extensions,
                       size_t count)
{
    X509 *certificate = X509_new();
    bool ok = certificate && set_fields(certificate, key, not_before) && add_usual_extensions(certificate);
    for (size_t i = 0; ok && i < count; i++)
        ok = add_extension(certificate, &extensions[i]);
    if (ok && X509_sign(certificate, key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}
