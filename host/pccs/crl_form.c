// SPDX-License-Identifier: MIT
#include "host/pccs/crl_form.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum { DER_SEQUENCE = 0x30 };

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// In place. Only white space may follow the digits.
static int from_hex(uint8_t *data, size_t *size)
{
    size_t length = *size, n = 0;
    while (length && strchr(" \r\n\t", data[length - 1]) && data[length - 1])
        length--;
    if (!length || length % 2)
        return -EPROTO;
    for (; n < length / 2; n++) {
        int high = hex_digit(data[2 * n]), low = hex_digit(data[2 * n + 1]);
        if (high < 0 || low < 0)
            return -EPROTO;
        data[n] = (uint8_t)(high << 4 | low);
    }
    *size = n;
    return 0;
}

static int from_pem(uint8_t *data, size_t *size)
{
    uint8_t *der = NULL;
    BIO *in = BIO_new_mem_buf(data, (int)*size);
    X509_CRL *crl = in ? PEM_read_bio_X509_CRL(in, NULL, NULL, NULL) : NULL;
    int length = crl ? i2d_X509_CRL(crl, &der) : -1;
    int r = length > 0 && (size_t)length <= *size ? 0 : -EPROTO;
    if (!r) {
        memcpy(data, der, (size_t)length);
        *size = (size_t)length;
    }
    OPENSSL_free(der);
    X509_CRL_free(crl);
    BIO_free(in);
    return r;
}

int crl_to_der(uint8_t *data, size_t *size)
{
    int r = *size ? 0 : -EPROTO;
    if (*size > 5 && !memcmp(data, "-----", 5))
        r = from_pem(data, size);
    else if (*size && data[0] != DER_SEQUENCE) // in hex it begins with '3'
        r = from_hex(data, size);
    return r || data[0] == DER_SEQUENCE ? r : -EPROTO;
}
