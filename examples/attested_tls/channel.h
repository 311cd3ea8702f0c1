// SPDX-License-Identifier: MIT
//
// TLS in which both sides show a certificate, and a judge of the caller's decides about the peer's. No certificate
// authority takes part: the certificates carry evidence of what runs on the other side.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

// True accepts the peer. The certificate is DER; whether the peer has its key is TLS's part.
typedef bool judge_fn(void *arg, const uint8_t *certificate, size_t size);

struct identity {
    X509 *certificate;
    EVP_PKEY *key;
};

// From DER and PEM; false when they are none, or do not belong together.
bool identity_read(const void *certificate, size_t certificate_size, const void *key, size_t key_size,
                   struct identity *ret);
void identity_free(struct identity *identity);

// TLS over the descriptors, which may be the two of a pair of pipes. NULL after a message when there is no channel to
// an accepted peer. An `own` of NULL shows no certificate; a `judge` of NULL, on a server, asks for none.
SSL *channel_open(bool server, int in, int out, const struct identity *own, judge_fn *judge, void *arg);
void channel_close(SSL *channel);

// Whole messages: a size of two bytes and the text. False when the channel ends.
bool channel_send(SSL *channel, const char *text);
bool channel_receive(SSL *channel, char *ret_text, size_t size);
