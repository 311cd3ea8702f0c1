// SPDX-License-Identifier: MIT
//
// Strictness comes from encoding again what was decoded: anything that is not the DER of its own meaning is
// refused. PEM is decoded here because usual readers skip over what they do not understand.
#include <openssl/crypto.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "attest/der.h"
#include "attest/x509.h"

enum { MAX_CERTIFICATES = 8, MAX_CERTIFICATE_SIZE = 0x4000 };

static const char begin_line[] = "-----BEGIN CERTIFICATE-----";
static const char end_line[] = "-----END CERTIFICATE-----";

// Unused bits in the last byte of a signature are a place to hide: there are none in an honest one.
static bool has_whole_bytes(const ASN1_BIT_STRING *signature)
{
    return signature && (signature->flags & 7) == 0;
}

static bool signature_has_whole_bytes(const X509 *certificate)
{
    const ASN1_BIT_STRING *signature;
    X509_get0_signature(&signature, NULL, certificate);
    return has_whole_bytes(signature);
}

// Takes the next element when it has this tag.
static void skip_optional(struct attest_bytes *input, enum der_tag tag)
{
    struct attest_bytes content;
    (void)der_take(input, tag, &content);
}

// The algorithm beside a signature is not signed itself: the one inside says the same, to the byte. OpenSSL
// compares them for certificates, and for revocation lists it does not. One walk serves both: a version, in a
// certificate with a wrapper and before a serial number, stands before the inner one.
static bool signature_algorithms_agree(struct attest_bytes der)
{
    struct attest_bytes whole, body, inner, outer;
    if (!der_take(&der, DER_SEQUENCE, &whole) || !der_take(&whole, DER_SEQUENCE, &body))
        return false;
    skip_optional(&body, DER_CONTEXT_0);
    skip_optional(&body, DER_INTEGER);
    return der_take(&body, DER_SEQUENCE, &inner) && der_take(&whole, DER_SEQUENCE, &outer) &&
           inner.size == outer.size && !memcmp(inner.data, outer.data, inner.size);
}

static bool is_own_encoding(X509 *certificate, const uint8_t *der, size_t size)
{
    unsigned char *again = NULL;
    i2d_re_X509_tbs(certificate, NULL); // forget the bytes it was decoded from
    const int length = i2d_X509(certificate, &again);
    const bool same = length > 0 && (size_t)length == size && !memcmp(again, der, size);
    OPENSSL_free(again);
    return same;
}

// Decoding costs more than verifying a signature, and chains end in a root that is there already.
static X509 *find_known(STACK_OF(X509) * known, const uint8_t *der, size_t size)
{
    struct attest_bytes input = {der, size}, content;
    if (!der_take(&input, DER_SEQUENCE, &content))
        return NULL;
    const size_t length = size - input.size;
    for (int i = 0; i < sk_X509_num(known); i++) {
        X509 *one = sk_X509_value(known, i);
        unsigned char *encoding = NULL;
        const int encoded = i2d_X509(one, &encoding);
        const bool same = encoded > 0 && (size_t)encoded == length && !memcmp(encoding, der, length);
        OPENSSL_free(encoding);
        if (same)
            return X509_up_ref(one) ? one : NULL;
    }
    return NULL;
}

static X509 *take_known(STACK_OF(X509) * known, const uint8_t **p, size_t *left)
{
    X509 *one = find_known(known, *p, *left);
    const int size = one ? i2d_X509(one, NULL) : 0;
    *p += size;
    *left -= (size_t)size;
    return one;
}

// Takes one certificate off the front.
static X509 *take_der(STACK_OF(X509) * known, const uint8_t **p, size_t *left)
{
    const unsigned char *end = *p;
    X509 *same = take_known(known, p, left);
    if (same)
        return same;
    X509 *certificate = *left <= INT32_MAX ? d2i_X509(NULL, &end, (long)*left) : NULL;
    if (!certificate)
        return NULL;
    const size_t size = (size_t)(end - *p);
    if (!is_own_encoding(certificate, *p, size) || !signature_has_whole_bytes(certificate) ||
        !signature_algorithms_agree((struct attest_bytes){*p, size})) {
        X509_free(certificate);
        return NULL;
    }
    *p += size;
    *left -= size;
    return certificate;
}

static X509 *parse_whole(STACK_OF(X509) * known, struct attest_bytes der)
{
    const uint8_t *p = der.data;
    size_t left = der.size;
    X509 *certificate = take_der(known, &p, &left);
    if (certificate && left) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

X509 *certificate_parse(struct attest_bytes der)
{
    return parse_whole(NULL, der);
}

static void skip_space(const uint8_t **p, size_t *left)
{
    while (*left && (**p == '\n' || **p == '\r' || **p == ' ')) {
        ++*p;
        --*left;
    }
}

static bool take_text(const uint8_t **p, size_t *left, const char *text)
{
    const size_t size = strlen(text);
    if (*left < size || memcmp(*p, text, size))
        return false;
    *p += size;
    *left -= size;
    return true;
}

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

// The base64 text up to the next '-', without line ends. The number of characters, 0 when it is not proper.
static size_t take_base64(const uint8_t **p, size_t *left, char *ret_text, size_t capacity)
{
    size_t n = 0;
    for (; *left && **p != '-'; ++*p, --*left) {
        if (**p == '\n' || (**p == '\r' && *left > 1 && (*p)[1] == '\n'))
            continue;
        if (!is_base64(**p) || n == capacity - 1)
            return 0;
        ret_text[n++] = (char)**p;
    }
    ret_text[n] = 0;
    return n % 4 ? 0 : n;
}

// Decodes in place of `der`; 0 when encoding the result does not give the text again.
static size_t decode_base64(const char *text, size_t size, uint8_t *der)
{
    static const size_t limit = MAX_CERTIFICATE_SIZE;
    char again[5];
    const int decoded = EVP_DecodeBlock(der, (const unsigned char *)text, (int)size);
    if (decoded < 3 || (size_t)decoded > limit)
        return 0;
    const size_t padding = (size_t)(text[size - 1] == '=') + (size_t)(text[size - 2] == '=');
    const size_t length = (size_t)decoded - padding;
    EVP_EncodeBlock((unsigned char *)again, der + decoded - 3, (int)(3 - padding));
    return memcmp(again, text + size - 4, 4) || memchr(text, '=', size - 2) ? 0 : length;
}

static X509 *take_pem(STACK_OF(X509) * known, const uint8_t **p, size_t *left)
{
    enum { TEXT_SIZE = MAX_CERTIFICATE_SIZE / 3 * 4 + 8 };
    X509 *certificate = NULL;
    char *text = OPENSSL_malloc(TEXT_SIZE);
    uint8_t *der = OPENSSL_malloc(MAX_CERTIFICATE_SIZE + 8);
    if (text && der && take_text(p, left, begin_line)) {
        size_t size = take_base64(p, left, text, TEXT_SIZE);
        if (size && take_text(p, left, end_line) && (size = decode_base64(text, size, der)))
            certificate = parse_whole(known, (struct attest_bytes){der, size});
    }
    OPENSSL_free(text);
    OPENSSL_free(der);
    return certificate;
}

STACK_OF(X509) * certificates_parse_known(struct attest_bytes text, STACK_OF(X509) * known)
{
    const uint8_t *p = text.data;
    size_t left = text.size;
    while (left && p[left - 1] == 0) // as C strings travel
        left--;
    STACK_OF(X509) *certificates = sk_X509_new_null();
    skip_space(&p, &left);
    while (certificates && left) {
        X509 *one = sk_X509_num(certificates) == MAX_CERTIFICATES ? NULL
                    : *p == 0x30                                  ? take_der(known, &p, &left)
                                                                  : take_pem(known, &p, &left);
        if (!one || !sk_X509_push(certificates, one)) {
            X509_free(one);
            certificates_free(certificates);
            return NULL;
        }
        skip_space(&p, &left);
    }
    if (sk_X509_num(certificates) > 0)
        return certificates;
    certificates_free(certificates);
    return NULL;
}

STACK_OF(X509) * certificates_parse(struct attest_bytes text)
{
    return certificates_parse_known(text, NULL);
}

void certificates_free(STACK_OF(X509) * certificates)
{
    sk_X509_pop_free(certificates, X509_free);
}

static bool crl_is_own_encoding(X509_CRL *crl, struct attest_bytes der)
{
    const ASN1_BIT_STRING *signature;
    unsigned char *again = NULL;
    X509_CRL_get0_signature(crl, &signature, NULL);
    if (!has_whole_bytes(signature) || !signature_algorithms_agree(der))
        return false;
    i2d_re_X509_CRL_tbs(crl, NULL); // forget the bytes it was decoded from
    const int length = i2d_X509_CRL(crl, &again);
    const bool same = length > 0 && (size_t)length == der.size && !memcmp(again, der.data, der.size);
    OPENSSL_free(again);
    return same;
}

bool crl_parse(struct attest_bytes der, X509_CRL **ret_crl)
{
    const unsigned char *p = der.data;
    X509_CRL *crl = der.size <= INT32_MAX ? d2i_X509_CRL(NULL, &p, (long)der.size) : NULL;
    if (!crl)
        return false;
    // OpenSSL takes a list of changes for a whole one.
    if (!crl_is_own_encoding(crl, der) || !X509_CRL_get0_nextUpdate(crl) ||
        X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) {
        X509_CRL_free(crl);
        return false;
    }
    *ret_crl = crl;
    return true;
}

bool crl_uses_sha2(const X509_CRL *crl)
{
    int digest = NID_undef;
    return OBJ_find_sigid_algs(X509_CRL_get_signature_nid(crl), &digest, NULL) &&
           (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512);
}

bool key_may_sign(X509 *certificate)
{
    const uint32_t purposes = X509_get_extended_key_usage(certificate); // UINT32_MAX: not there
    return !(X509_get_extension_flags(certificate) & EXFLAG_CA) &&
           (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) && (purposes & XKU_ANYEKU);
}

bool common_name_is(const X509 *certificate, const char *name)
{
    char text[128];
    const int length =
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, sizeof(text));
    const size_t wanted = strlen(name);
    if (length < 0 || (size_t)length >= sizeof(text) || (size_t)length < wanted ||
        strlen(text) != (size_t)length)
        return false;
    const char *tail = text + ((size_t)length - wanted);
    return !strcmp(tail, name) && (tail == text || tail[-1] == ' ');
}
