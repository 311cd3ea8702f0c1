// SPDX-License-Identifier: MIT
#include "channel.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct peer {
    judge_fn *judge;
    void *arg;
};

bool identity_read(const void *certificate, size_t certificate_size, const void *key, size_t key_size,
                   struct identity *ret)
{
    const unsigned char *der = certificate;
    BIO *text = BIO_new_mem_buf(key, (int)key_size);
    ret->certificate = d2i_X509(NULL, &der, (long)certificate_size);
    ret->key = text ? PEM_read_bio_PrivateKey(text, NULL, NULL, NULL) : NULL;
    BIO_free(text);
    if (ret->certificate && ret->key && X509_check_private_key(ret->certificate, ret->key) == 1)
        return true;
    identity_free(ret);
    return false;
}

void identity_free(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    *identity = (struct identity){0};
}

// Stands in for OpenSSL's search for a path to a known authority.
static int ask_judge(X509_STORE_CTX *store, void *arg)
{
    const struct peer *peer = arg;
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    unsigned char *der = NULL;
    const int size = certificate ? i2d_X509(certificate, &der) : 0;
    const bool accepted = size > 0 && peer->judge && peer->judge(peer->arg, der, (size_t)size);
    OPENSSL_free(der);
    if (!accepted)
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return accepted;
}

static SSL_CTX *prepare(bool server, const struct identity *own, struct peer *peer)
{
    SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!ctx)
        return NULL;
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    // A resumed session would not ask the judge again.
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    if (!server || peer->judge) { // a client without a judge accepts nobody
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        SSL_CTX_set_cert_verify_callback(ctx, ask_judge, peer);
    }
    if (!own || (SSL_CTX_use_certificate(ctx, own->certificate) == 1 && SSL_CTX_use_PrivateKey(ctx, own->key) == 1))
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

// One byte each way: with TLS 1.3 a client otherwise learns only later that the server did not accept it.
static bool both_accepted(SSL *channel)
{
    char theirs = 0;
    return SSL_write(channel, "+", 1) == 1 && SSL_read(channel, &theirs, 1) == 1 && theirs == '+';
}

static const char *why(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "it hung up";
}

SSL *channel_open(bool server, int in, int out, const struct identity *own, judge_fn *judge, void *arg)
{
    struct peer peer = {judge, arg};
    signal(SIGPIPE, SIG_IGN); // a peer that hangs up is an error like others
    SSL_CTX *ctx = prepare(server, own, &peer);
    SSL *channel = ctx ? SSL_new(ctx) : NULL;
    SSL_CTX_free(ctx); // now the channel's
    if (!channel || SSL_set_rfd(channel, in) != 1 || SSL_set_wfd(channel, out) != 1) {
        fprintf(stderr, "attested_tls: TLS cannot be set up: %s\n", why());
        SSL_free(channel);
        return NULL;
    }
    if ((server ? SSL_accept(channel) : SSL_connect(channel)) == 1 && both_accepted(channel))
        return channel;
    fprintf(stderr, "attested_tls: no channel to the peer: %s\n", why());
    SSL_free(channel);
    return NULL;
}

void channel_close(SSL *channel)
{
    (void)SSL_shutdown(channel);
    SSL_free(channel);
}

bool channel_send(SSL *channel, const char *text)
{
    const size_t size = strlen(text);
    const uint8_t head[2] = {(uint8_t)(size >> 8), (uint8_t)size};
    return size > 0 && size < 0x10000 && SSL_write(channel, head, 2) == 2 &&
           SSL_write(channel, text, (int)size) == (int)size;
}

static bool read_all(SSL *channel, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const int n = SSL_read(channel, (char *)bytes + done, (int)(size - done));
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

bool channel_receive(SSL *channel, char *ret_text, size_t size)
{
    uint8_t head[2];
    if (!read_all(channel, head, 2))
        return false;
    const size_t length = (size_t)head[0] << 8 | head[1];
    if (length >= size || !read_all(channel, ret_text, length))
        return false;
    ret_text[length] = 0;
    return true;
}
