// SPDX-License-Identifier: MIT
#include "cli/attest/input.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/openenclave.h"
#include "attest/signed_json.h"
#include "attest/snp.h"
#include "cli/attest/address.h"
#include "cli/attest/file.h"
#include "cli/cli.h"
#include "sgx/quote.h"

static bool take(struct input *in, uint8_t *der, int size)
{
    uint8_t *copy = size > 0 ? malloc((size_t)size) : NULL;
    if (!copy)
        return false;
    memcpy(copy, der, (size_t)size);
    free(in->bytes);
    *in = (struct input){copy, (size_t)size, true};
    return true;
}

// The first certificate of a PEM file: the one of the peer, when a chain follows.
static bool from_pem(struct input *in)
{
    unsigned char *der = NULL;
    BIO *text = BIO_new_mem_buf(in->bytes, (int)in->size);
    X509 *certificate = text ? PEM_read_bio_X509(text, NULL, NULL, NULL) : NULL;
    const int size = certificate ? i2d_X509(certificate, &der) : 0;
    const bool ok = take(in, der, size);
    OPENSSL_free(der);
    X509_free(certificate);
    BIO_free(text);
    return ok;
}

// As far as its head goes; what is wrong behind that is the verifier's to say.
static bool is_evidence(const struct input *in)
{
    struct attest_bytes quote, claims, bytes = {in->bytes, in->size};
    struct sgx_quote_header header;
    if (oe_report_parse(bytes, &quote) || oe_evidence_parse(bytes, &quote, &claims))
        bytes = quote;
    else if (in->size >= SNP_REPORT_SIZE && snp_report_looks_like(bytes))
        return true;
    if (bytes.size < sizeof(header))
        return false;
    memcpy(&header, bytes.data, sizeof(header));
    return header.version >= 3 && header.version <= 16 && header.attestation_key_type <= 16;
}

static bool is_der(const struct input *in)
{
    const unsigned char *p = in->bytes;
    X509 *certificate = in->size && in->bytes[0] == 0x30 ? d2i_X509(NULL, &p, (long)in->size) : NULL;
    X509_free(certificate);
    return certificate;
}

// Text of nothing but hexadecimal digits and white space, as evidence is pasted; it becomes the bytes.
static void from_hex(struct input *in)
{
    size_t digits = 0;
    for (size_t i = 0; i < in->size; i++)
        if (isxdigit(in->bytes[i]))
            in->bytes[digits++] = in->bytes[i];
    if (hex_decode((const char *)in->bytes, digits, in->bytes, digits / 2))
        in->size = digits / 2;
    in->bytes[in->size] = 0;
}

static bool is_hex(const struct input *in)
{
    bool any = false;
    for (size_t i = 0; i < in->size; i++) {
        if (!isxdigit(in->bytes[i]) && !isspace(in->bytes[i]))
            return false;
        any = any || isxdigit(in->bytes[i]);
    }
    return any;
}

static bool recognise(struct input *in)
{
    if (is_hex(in))
        from_hex(in);
    if (strstr((const char *)in->bytes, "-----BEGIN CERTIFICATE-----"))
        return from_pem(in);
    in->is_certificate = is_der(in);
    return in->is_certificate || is_evidence(in);
}

static bool from_server(const char *command, char *host, char *port, struct input *in)
{
    char reason[256] = "";
    if (!tls_certificate(host, port, &in->bytes, &in->size, reason, sizeof(reason))) {
        in->is_certificate = true;
        return true;
    }
    complain("%s: %s port %s: %s", command, host, port, reason);
    return false;
}

bool input_load(const char *command, const char *name, struct input *in)
{
    *in = (struct input){0};
    char *address = strdup(name), *host, *port;
    if (!address)
        return complain("out of memory"), false;
    if (strcmp(name, "-") && access(name, F_OK) && address_split(address, &host, &port)) {
        const bool ok = from_server(command, host, port, in);
        free(address);
        return ok;
    }
    free(address);
    const int r = file_read(name, &in->bytes, &in->size);
    if (r)
        return complain("%s: %s: %s", command, name, strerror(-r)), false;
    if (recognise(in))
        return true;
    complain("%s: %s: neither a quote, a report nor a certificate", command, name);
    input_free(in);
    return false;
}

void input_free(struct input *in)
{
    free(in->bytes);
    *in = (struct input){0};
}
