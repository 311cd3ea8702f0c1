// SPDX-License-Identifier: MIT
#include "host/pccs/serve.h"

#include <ctype.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/platform.h"

enum {
    REQUEST_MAX = 8192,
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_NOT_ALLOWED = 405
};

struct bytes {
    const uint8_t *data;
    size_t size;
};

struct service {
    uint8_t packed[COLLATERAL_MAX_SIZE];
    struct bytes item[COLLATERAL_ITEMS];
};

// The whole head of a request; bodies are not looked at. False when there is none in time, or it is too long.
static bool read_head(int fd, char text[REQUEST_MAX])
{
    size_t used = 0;
    while (used < REQUEST_MAX - 1) {
        const ssize_t n = recv(fd, text + used, REQUEST_MAX - 1 - used, 0);
        if (n <= 0)
            return false;
        used += (size_t)n;
        text[used] = 0;
        if (strlen(text) != used)
            return false;
        if (strstr(text, "\r\n\r\n"))
            return true;
    }
    return false;
}

static bool load(struct emu_platform *platform, struct service *s)
{
    struct collateral_request request = {.ca = 1};
    struct collateral_header header;
    size_t size;
    memcpy(request.fmspc, emu_platform_fmspc, sizeof(request.fmspc));
    if (emu_platform_collateral(platform, &request, s->packed, sizeof(s->packed), &size))
        return false;
    memcpy(&header, s->packed, sizeof(header));
    const uint8_t *at = s->packed + sizeof(header);
    for (int i = 0; i < COLLATERAL_ITEMS; at += header.item_size[i], i++)
        s->item[i] = (struct bytes){at, header.item_size[i]};
    return true;
}

// A header that holds PEM, URL-encoded.
static void put_chain(FILE *out, const char *name, struct bytes chain)
{
    fprintf(out, "%s: ", name);
    for (size_t i = 0; i < chain.size; i++)
        fprintf(out, isalnum(chain.data[i]) ? "%c" : "%%%02X", chain.data[i]);
    fprintf(out, "\r\n");
}

static void put_status(FILE *out, int status)
{
    static const struct {
        int status;
        const char *text;
    } rows[] = {{HTTP_OK, "OK"},
                {HTTP_BAD_REQUEST, "Bad Request"},
                {HTTP_NOT_FOUND, "Not Found"},
                {HTTP_NOT_ALLOWED, "Method Not Allowed"}};
    const char *text = "Internal Server Error";
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].status == status)
            text = rows[i].text;
    fprintf(out, "HTTP/1.1 %d %s\r\nConnection: close\r\n", status, text);
}

static void put_error(FILE *out, int status)
{
    put_status(out, status);
    fprintf(out, "Content-Length: 0\r\n\r\n");
}

static void put_body(FILE *out, const char *type, struct bytes body)
{
    fprintf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", type, body.size);
    fwrite(body.data, 1, body.size, out);
}

static void put_pem_crl(FILE *out, struct bytes der)
{
    const unsigned char *p = der.data;
    char *text = NULL;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.size);
    BIO *memory = BIO_new(BIO_s_mem());
    if (crl && memory && PEM_write_bio_X509_CRL(memory, crl) == 1) {
        const long size = BIO_get_mem_data(memory, &text);
        put_body(out, "application/x-pem-file", (struct bytes){(const uint8_t *)text, (size_t)size});
    }
    BIO_free(memory);
    X509_CRL_free(crl);
}

// The value of a query's parameter, as "name=value&...". False: it is not there or too long.
static bool parameter(const char *query, const char *name, char *ret, size_t size)
{
    const size_t length = strlen(name);
    while (query && *query) {
        const size_t part = strcspn(query, "&");
        if (part > length && !strncmp(query, name, length) && query[length] == '=') {
            const int n = snprintf(ret, size, "%.*s", (int)(part - length - 1), query + length + 1);
            return n >= 0 && (size_t)n < size;
        }
        query += part + (query[part] == '&');
    }
    return false;
}

static void serve_tcb(FILE *out, const struct service *s, const char *query)
{
    char fmspc[16], own[16];
    const uint8_t *f = emu_platform_fmspc;
    snprintf(own, sizeof(own), "%02x%02x%02x%02x%02x%02x", f[0], f[1], f[2], f[3], f[4], f[5]);
    if (!parameter(query, "fmspc", fmspc, sizeof(fmspc))) {
        put_error(out, HTTP_BAD_REQUEST);
    } else if (strcasecmp(fmspc, own)) {
        put_error(out, HTTP_NOT_FOUND);
    } else {
        put_status(out, HTTP_OK);
        put_chain(out, "TCB-Info-Issuer-Chain", s->item[COLLATERAL_TCB_INFO_CHAIN]);
        put_chain(out, "SGX-TCB-Info-Issuer-Chain", s->item[COLLATERAL_TCB_INFO_CHAIN]); // version 3
        put_body(out, "application/json", s->item[COLLATERAL_TCB_INFO]);
    }
}

static void serve_qe_identity(FILE *out, const struct service *s, const char *query)
{
    put_status(out, HTTP_OK);
    put_chain(out, "SGX-Enclave-Identity-Issuer-Chain", s->item[COLLATERAL_QE_IDENTITY_CHAIN]);
    put_body(out, "application/json", s->item[COLLATERAL_QE_IDENTITY]);
}

static void serve_pck_crl(FILE *out, const struct service *s, const char *query)
{
    char ca[16], encoding[8] = "pem";
    (void)parameter(query, "encoding", encoding, sizeof(encoding));
    if (!parameter(query, "ca", ca, sizeof(ca)) || (strcmp(encoding, "pem") && strcmp(encoding, "der"))) {
        put_error(out, HTTP_BAD_REQUEST);
    } else if (strcmp(ca, "platform")) {
        put_error(out, HTTP_NOT_FOUND); // the software platform has this one CA
    } else {
        put_status(out, HTTP_OK);
        put_chain(out, "SGX-PCK-CRL-Issuer-Chain", s->item[COLLATERAL_PCK_CRL_CHAIN]);
        if (!strcmp(encoding, "der"))
            put_body(out, "application/pkix-crl", s->item[COLLATERAL_PCK_CRL]);
        else
            put_pem_crl(out, s->item[COLLATERAL_PCK_CRL]);
    }
}

static void serve_root_crl(FILE *out, const struct service *s, const char *query)
{
    put_status(out, HTTP_OK);
    put_body(out, "application/pkix-crl", s->item[COLLATERAL_ROOT_CA_CRL]);
}

static void serve_path(FILE *out, const struct service *s, char *path)
{
    static const struct {
        const char *name;
        void (*serve)(FILE *, const struct service *, const char *);
    } rows[] = {{"tcb", serve_tcb},
                {"qe/identity", serve_qe_identity},
                {"pckcrl", serve_pck_crl},
                {"rootcacrl", serve_root_crl}};
    static const char *const bases[] = {"/sgx/certification/v4/", "/sgx/certification/v3/"};
    char *query = strchr(path, '?');
    if (query)
        *query++ = 0;
    for (size_t b = 0; b < sizeof(bases) / sizeof(*bases); b++) {
        const size_t length = strlen(bases[b]);
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
            if (!strncmp(path, bases[b], length) && !strcmp(path + length, rows[i].name)) {
                rows[i].serve(out, s, query);
                return;
            }
    }
    put_error(out, HTTP_NOT_FOUND);
}

static void answer(struct emu_platform *platform, FILE *out, char *head)
{
    struct service *s = calloc(1, sizeof(*s));
    char *path = strchr(head, ' '), *end = path ? strchr(path + 1, ' ') : NULL;
    if (!s || !end || strncmp(end, " HTTP/1.", 8)) {
        put_error(out, HTTP_BAD_REQUEST);
    } else if (strncmp(head, "GET ", 4)) {
        put_error(out, HTTP_NOT_ALLOWED);
    } else if (!load(platform, s)) {
        put_error(out, 500);
    } else {
        *end = 0;
        serve_path(out, s, path + 1);
    }
    free(s);
}

void pccs_serve(struct emu_platform *platform, int fd)
{
    char head[REQUEST_MAX];
    if (!read_head(fd, head))
        return;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    answer(platform, out, head);
    if (!fclose(out))
        for (size_t done = 0; done < size;) {
            const ssize_t n = send(fd, text + done, size - done, MSG_NOSIGNAL);
            if (n <= 0)
                break;
            done += (size_t)n;
        }
    free(text);
}
