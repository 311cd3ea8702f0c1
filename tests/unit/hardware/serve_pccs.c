// SPDX-License-Identifier: MIT
//
// A small PCCS over the software platform: HTTP/1.1, one request for each connection.
#include <ctype.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/platform.h"
#include "tests/unit/hardware/check.h"

static enum pccs_fault fault;
static uint8_t collateral[COLLATERAL_MAX_SIZE];

struct bytes {
    const uint8_t *data;
    size_t size;
};

static struct bytes item(enum collateral_item wanted)
{
    struct collateral_header h;
    memcpy(&h, collateral, sizeof(h));
    const uint8_t *at = collateral + sizeof(h);
    for (unsigned i = 0; i < (unsigned)wanted; i++)
        at += h.item_size[i];
    return (struct bytes){at, h.item_size[wanted]};
}

static void put_header(FILE *out, const char *name, enum collateral_item chain)
{
    struct bytes b = item(chain);
    if (fault == PCCS_NO_HEADER)
        return;
    fprintf(out, "%s: ", name);
    for (size_t i = 0; i < b.size; i++)
        fprintf(out, isalnum(b.data[i]) ? "%c" : "%%%02X", b.data[i]);
    fprintf(out, "\r\n");
}

static void put_body(FILE *out, struct bytes b)
{
    fprintf(out, "Content-Length: %zu\r\n\r\n", b.size);
    fwrite(b.data, 1, b.size, out);
}

static void put_crl(FILE *out, struct bytes b)
{
    if (fault == PCCS_HEX_CRL) {
        fprintf(out, "Content-Length: %zu\r\n\r\n", 2 * b.size + 1);
        for (size_t i = 0; i < b.size; i++)
            fprintf(out, "%02x", b.data[i]);
        fprintf(out, "\n");
    } else if (fault == PCCS_PEM_CRL) {
        const uint8_t *der = b.data;
        char *text;
        X509_CRL *crl = d2i_X509_CRL(NULL, &der, (long)b.size);
        BIO *memory = BIO_new(BIO_s_mem());
        CHECK(crl && PEM_write_bio_X509_CRL(memory, crl));
        long size = BIO_get_mem_data(memory, &text);
        put_body(out, (struct bytes){(const uint8_t *)text, (size_t)size});
        X509_CRL_free(crl);
        BIO_free(memory);
    } else if (fault == PCCS_BAD_CRL) {
        put_body(out, (struct bytes){(const uint8_t *)"30820xyz", 8});
    } else {
        put_body(out, b);
    }
}

static void answer(FILE *out, const char *path)
{
    static const char base[] = "/sgx/certification/v4/";
    CHECK(!strncmp(path, base, sizeof(base) - 1));
    path += sizeof(base) - 1;
    if (fault == PCCS_NOT_FOUND) {
        fprintf(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    fprintf(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n");
    if (fault == PCCS_HUGE) {
        fprintf(out, "\r\n");
        while (fputs("{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{", out) >= 0 && !ferror(out))
            ;
    } else if (!strcmp(path, "tcb?fmspc=4D5953540001")) {
        put_header(out, "TCB-Info-Issuer-Chain", COLLATERAL_TCB_INFO_CHAIN);
        put_body(out, item(COLLATERAL_TCB_INFO));
    } else if (!strcmp(path, "qe/identity")) {
        put_header(out, "SGX-Enclave-Identity-Issuer-Chain", COLLATERAL_QE_IDENTITY_CHAIN);
        put_body(out, item(COLLATERAL_QE_IDENTITY));
    } else if (!strcmp(path, "pckcrl?ca=platform&encoding=der")) {
        put_header(out, "SGX-PCK-CRL-Issuer-Chain", COLLATERAL_PCK_CRL_CHAIN);
        put_crl(out, item(COLLATERAL_PCK_CRL));
    } else if (!strcmp(path, "rootcacrl")) {
        put_crl(out, item(COLLATERAL_ROOT_CA_CRL));
    } else {
        fprintf(stderr, "unexpected request: %s\n", path);
        exit(1);
    }
}

static void serve_connection(int fd)
{
    char line[2048], path[1024];
    FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
    CHECK(in && out);
    CHECK(fgets(line, sizeof(line), in) && sscanf(line, "GET %1023s HTTP/1.1", path) == 1);
    while (fgets(line, sizeof(line), in) && strcmp(line, "\r\n"))
        ;
    answer(out, path);
    fclose(out);
    fclose(in);
}

pid_t serve_pccs(struct emu_platform *p, enum pccs_fault f, unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct collateral_request request = {.ca = 1};
    socklen_t length = sizeof(address);
    size_t size;
    memcpy(request.fmspc, emu_platform_fmspc, sizeof(request.fmspc));
    CHECK(!emu_platform_collateral(p, &request, collateral, sizeof(collateral), &size));
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0 && !bind(listener, (struct sockaddr *)&address, length) && !listen(listener, 8));
    CHECK(!getsockname(listener, (struct sockaddr *)&address, &length));
    *ret_port = ntohs(address.sin_port);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid) {
        close(listener);
        return pid;
    }
    fault = f;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        CHECK(fd >= 0);
        serve_connection(fd);
    }
}
