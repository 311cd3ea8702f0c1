// SPDX-License-Identifier: MIT
//
// One side of an attested channel, in an enclave: inside server|client [--enclave MRENCLAVE] [--release] [--anyone]
//
// The other side is at standard input and output, as a super-server would pass it. It must be an enclave of our own
// signer and product; with --enclave exactly this build, with --release none that a debugger may look into; --anyone
// lets a server serve clients that are no enclaves. The server hands over a text, the client acknowledges it.
//
// A service with real secrets has its rules built in, or fixes its arguments in config.json: arguments that the host
// gives are the host's choice.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <myst/tee.h>

#include "channel.h"

struct wanted {
    myst_tee_identity_t own;
    uint8_t enclave[MYST_UNIQUE_ID_SIZE];
    bool check_enclave, release, anyone;
};

static int keep(myst_tee_identity_t *identity, void *arg)
{
    *(myst_tee_identity_t *)arg = *identity;
    return 0;
}

static int refuse(const char *reason)
{
    fprintf(stderr, "attested_tls: refused: %s\n", reason);
    return 1;
}

// The kernel has found the evidence genuine; whether this enclave is the one that we want to talk to is our decision.
static int check(myst_tee_identity_t *identity, void *arg)
{
    const struct wanted *w = arg;
    if (w->release && (identity->attributes & MYST_IDENTITY_ATTRIBUTE_DEBUG))
        return refuse("the peer is a debug enclave");
    if (w->check_enclave && memcmp(identity->unique_id, w->enclave, sizeof(w->enclave)))
        return refuse("the peer is another enclave");
    if (memcmp(identity->signer_id, w->own.signer_id, sizeof(w->own.signer_id)))
        return refuse("the peer is of another signer");
    if (memcmp(identity->product_id, w->own.product_id, sizeof(w->own.product_id)))
        return refuse("the peer is another product");
    if (identity->security_version < w->own.security_version)
        return refuse("the peer is of an older security version");
    return 0;
}

static bool judge(void *arg, const uint8_t *certificate, size_t size)
{
    const long r = syscall(SYS_myst_verify_cert, certificate, size, check, arg);
    if (r < 0)
        fprintf(stderr, "attested_tls: refused: the peer's evidence is not trusted: %s\n", strerror(errno));
    return r == 0;
}

static bool make_identity(struct wanted *w, struct identity *ret)
{
    uint8_t *certificate, *key;
    size_t certificate_size, key_size;
    if (syscall(SYS_myst_gen_creds, &certificate, &certificate_size, &key, &key_size)) {
        fprintf(stderr, "attested_tls: no credentials: %s\n", strerror(errno));
        return false;
    }
    const bool ok = identity_read(certificate, certificate_size, key, key_size, ret) &&
                    !syscall(SYS_myst_verify_cert, certificate, certificate_size, keep, &w->own);
    syscall(SYS_myst_free_creds, certificate, certificate_size, key, key_size, NULL, 0);
    if (!ok)
        fprintf(stderr, "attested_tls: the own credentials are not accepted: %s\n", strerror(errno));
    return ok;
}

static bool talk(SSL *channel, bool server)
{
    char text[256];
    const char *name = server ? "server" : "client";
    bool ok = server ? channel_send(channel, "the secret") : channel_receive(channel, text, sizeof(text));
    if (ok && !server)
        fprintf(stderr, "%s: received '%s'\n", name, text);
    ok = ok && (server ? channel_receive(channel, text, sizeof(text)) : channel_send(channel, "thank you"));
    if (ok && server)
        fprintf(stderr, "%s: received '%s'\n", name, text);
    return ok;
}

static bool hex(const char *text, uint8_t *bytes, size_t size)
{
    if (strlen(text) != 2 * size || strspn(text, "0123456789abcdefABCDEF") != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++)
        sscanf(text + 2 * i, "%2hhx", &bytes[i]);
    return true;
}

static bool parse(int argc, char **argv, struct wanted *w)
{
    if (argc < 2 || (strcmp(argv[1], "server") && strcmp(argv[1], "client")))
        return false;
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], "--release"))
            w->release = true;
        else if (!strcmp(argv[i], "--anyone") && !strcmp(argv[1], "server"))
            w->anyone = true;
        else if (!strcmp(argv[i], "--enclave") && i + 1 < argc && hex(argv[i + 1], w->enclave, sizeof(w->enclave)))
            w->check_enclave = true, i++;
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct wanted wanted = {0};
    struct identity own;
    if (!parse(argc, argv, &wanted)) {
        fprintf(stderr, "usage: inside server|client [--enclave MRENCLAVE] [--release] [--anyone]\n");
        return 2;
    }
    if (!make_identity(&wanted, &own))
        return 1;
    const bool server = !strcmp(argv[1], "server");
    SSL *channel =
        channel_open(server, STDIN_FILENO, STDOUT_FILENO, &own, wanted.anyone ? NULL : judge, &wanted);
    identity_free(&own);
    if (!channel)
        return 1;
    const bool ok = talk(channel, server);
    channel_close(channel);
    return ok ? 0 : 1;
}
