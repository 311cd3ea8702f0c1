// SPDX-License-Identifier: MIT
//
// Shows an enclave's certificate as its own, over a key of its own: impostor server|client CERTIFICATE. Everything in
// the certificate is genuine but the key and the signature.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "examples/attested_tls/channel.h"

static bool accept_all(void *arg, const uint8_t *certificate, size_t size)
{
    (void)arg, (void)certificate, (void)size;
    return true;
}

int main(int argc, char **argv)
{
    char text[256];
    FILE *f = argc == 3 ? fopen(argv[2], "rb") : NULL;
    struct identity own = {f ? d2i_X509_fp(f, NULL) : NULL, EVP_EC_gen("P-256")};
    if (!own.certificate || !own.key || X509_set_pubkey(own.certificate, own.key) != 1 ||
        X509_sign(own.certificate, own.key, EVP_sha256()) <= 0)
        return 2;
    fclose(f);
    const bool server = !strcmp(argv[1], "server");
    SSL *channel = channel_open(server, STDIN_FILENO, STDOUT_FILENO, &own, accept_all, NULL);
    identity_free(&own);
    if (!channel)
        return 1;
    if (!server && channel_receive(channel, text, sizeof(text)))
        fprintf(stderr, "impostor: received '%s'\n", text);
    channel_close(channel);
    return 0;
}
