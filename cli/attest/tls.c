// SPDX-License-Identifier: MIT
//
// Only the certificate is wanted: who may have it is decided by the evidence in it, not by a public PKI. The
// handshake shows that the server has the key.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/attest/input.h"

// For all of it together: a server that sends a byte now and then would hold us for ever.
enum { TIMEOUT_SECONDS = 10 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// 0 when it happened, or -ETIMEDOUT.
static int wait_for(int fd, short events, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (int64_t left; (left = deadline - now_ms()) > 0;) {
        const int n = poll(&p, 1, (int)left);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
    return -ETIMEDOUT;
}

static int finish_connect(int fd, int64_t deadline)
{
    int error = 0;
    socklen_t size = sizeof(error);
    const int r = wait_for(fd, POLLOUT, deadline);
    if (r)
        return r;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? -errno : -error;
}

// A descriptor that does not block, or negative errno.
static int connect_one(const struct addrinfo *a, int64_t deadline)
{
    const int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0)
        return -errno;
    int r = connect(fd, a->ai_addr, a->ai_addrlen) ? -errno : 0;
    if (r == -EINPROGRESS)
        r = finish_connect(fd, deadline);
    if (!r)
        return fd;
    close(fd);
    return r;
}

// The addresses in turn, none of them for all of the time.
static int connect_to(const char *host, const char *port, int64_t deadline, char *reason, size_t size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    int left = 0, fd = -EHOSTUNREACH;
    const int r = getaddrinfo(host, port, &hints, &list);
    if (r) {
        snprintf(reason, size, "%s", gai_strerror(r));
        return -EHOSTUNREACH;
    }
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        left++;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        const int64_t now = now_ms();
        fd = connect_one(a, now + (deadline - now) / left--);
    }
    freeaddrinfo(list);
    if (fd < 0)
        snprintf(reason, size, "%s", strerror(-fd));
    return fd;
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

// 0, -EPROTO or -ETIMEDOUT.
static int handshake(SSL *ssl, int fd, int64_t deadline)
{
    for (;;) {
        ERR_clear_error();
        const int n = SSL_connect(ssl);
        const int want = n == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, n);
        if (want == SSL_ERROR_NONE)
            return 0;
        if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
            return -EPROTO;
        const int r = wait_for(fd, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline);
        if (r)
            return r;
    }
}

static bool is_address(const char *host)
{
    struct in6_addr ignored;
    return inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, host, &ignored) == 1 || strchr(host, '%');
}

static int shake_hands(SSL_CTX *ctx, int fd, const char *host, int64_t deadline, uint8_t **ret_der, size_t *ret_size,
                       char *reason, size_t size)
{
    SSL *ssl = ctx ? SSL_new(ctx) : NULL;
    int r = -ENOMEM;
    snprintf(reason, size, "out of memory");
    // Only names may be asked for by name.
    if (ssl && SSL_set_fd(ssl, fd) == 1 && (is_address(host) || SSL_set_tlsext_host_name(ssl, host) == 1)) {
        r = handshake(ssl, fd, deadline);
        const char *why = ERR_reason_error_string(ERR_peek_error());
        if (!r)
            r = copy_certificate(ssl, ret_der, ret_size);
        snprintf(reason, size, "the TLS handshake failed: %s", r == -ETIMEDOUT ? "the server did not answer in time"
                                                               : why           ? why
                                                                               : "the server hung up");
    }
    SSL_free(ssl);
    return r;
}

int tls_certificate(const char *host, const char *port, uint8_t **ret_der, size_t *ret_size, char *reason,
                    size_t reason_size)
{
    const int64_t deadline = now_ms() + TIMEOUT_SECONDS * 1000;
    const int fd = connect_to(host, port, deadline, reason, reason_size);
    if (fd < 0)
        return fd;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    const int r = shake_hands(ctx, fd, host, deadline, ret_der, ret_size, reason, reason_size);
    SSL_CTX_free(ctx);
    close(fd);
    return r;
}
