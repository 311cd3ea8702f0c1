// SPDX-License-Identifier: MIT
//
// Only the certificate is wanted: who may have it is decided by the evidence in it, not by a public PKI. The
// handshake shows that the server has the key.
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/attest/input.h"

enum { TIMEOUT_SECONDS = 10 };

static int connect_to(const char *host, const char *port, char *reason, size_t size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    const struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    struct addrinfo *list;
    const int r = getaddrinfo(host, port, &hints, &list);
    if (r) {
        snprintf(reason, size, "%s", gai_strerror(r));
        return -EHOSTUNREACH;
    }
    int fd = -1, error = EHOSTUNREACH;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) ||
                        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
                        connect(fd, a->ai_addr, a->ai_addrlen))) {
            error = errno == EINPROGRESS ? ETIMEDOUT : errno;
            close(fd);
            fd = -1;
        } else if (fd < 0) {
            error = errno;
        }
    }
    freeaddrinfo(list);
    if (fd < 0)
        snprintf(reason, size, "%s", strerror(error));
    return fd < 0 ? -error : fd;
}

static int copy_certificate(SSL *ssl, uint8_t **ret_der, size_t *ret_size)
{
    unsigned char *der = NULL;
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    const int length = certificate ? i2d_X509(certificate, &der) : 0;
    uint8_t *copy = length > 0 ? malloc((size_t)length) : NULL;
    if (copy) {
        memcpy(copy, der, (size_t)length);
        *ret_der = copy;
        *ret_size = (size_t)length;
    }
    OPENSSL_free(der);
    return copy ? 0 : -EPROTO;
}

static int shake_hands(SSL_CTX *ctx, int fd, const char *host, uint8_t **ret_der, size_t *ret_size,
                       char *reason, size_t size)
{
    SSL *ssl = ctx ? SSL_new(ctx) : NULL;
    int r = -ENOMEM;
    snprintf(reason, size, "out of memory");
    if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1) {
        r = SSL_connect(ssl) == 1 ? copy_certificate(ssl, ret_der, ret_size) : -EPROTO;
        const char *why = ERR_reason_error_string(ERR_peek_error());
        snprintf(reason, size, "the TLS handshake failed: %s", why ? why : "the server hung up");
    }
    SSL_free(ssl);
    return r;
}

int tls_certificate(const char *host, const char *port, uint8_t **ret_der, size_t *ret_size, char *reason,
                    size_t reason_size)
{
    const int fd = connect_to(host, port, reason, reason_size);
    if (fd < 0)
        return fd;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    const int r = shake_hands(ctx, fd, host, ret_der, ret_size, reason, reason_size);
    SSL_CTX_free(ctx);
    close(fd);
    return r;
}
