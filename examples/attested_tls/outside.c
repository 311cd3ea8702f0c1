// SPDX-License-Identifier: MIT
//
// A client of an attested server, on a machine that need not have a TEE: outside POLICY COLLATERAL [TIME]
//
// Judges the server's evidence with the library libmyst-attest: POLICY is a JSON file (myst(1), "Policies"), COLLATERAL
// a folder as myst collateral makes it, TIME (seconds since 1970) stands in for now. The server is at standard input
// and output.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <myst/attest.h>

#include "channel.h"

struct rules {
    struct attest_policy *policy;
    struct attest_collateral collateral;
    int64_t time;
};

static struct attest_bytes read_file(const char *path)
{
    struct attest_bytes bytes = {NULL, 0};
    FILE *f = fopen(path, "rb");
    char *data = NULL;
    size_t size = 0;
    while (f && !feof(f) && !ferror(f)) {
        char *larger = realloc(data, size + 0x4000);
        if (!larger)
            break;
        data = larger;
        size += fread(data + size, 1, 0x4000, f);
    }
    if (f)
        fclose(f);
    bytes.data = data;
    bytes.size = size;
    return bytes;
}

// What is missing the verifier finds out, and refuses.
static void read_collateral(const char *folder, struct attest_collateral *ret)
{
    static const char *const names[ATTEST_COLLATERAL_ITEMS] = {
        [ATTEST_TCB_INFO] = "tcb_info.json",
        [ATTEST_TCB_INFO_CHAIN] = "tcb_signing_chain.pem",
        [ATTEST_QE_IDENTITY] = "qe_identity.json",
        [ATTEST_QE_IDENTITY_CHAIN] = "qe_identity_issuer_chain.pem",
        [ATTEST_PCK_CRL] = "pck_crl.der",
        [ATTEST_ROOT_CA_CRL] = "root_ca_crl.der",
    };
    char path[4096];
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i] ? names[i] : "");
        if (names[i])
            ret->item[i] = read_file(path);
    }
}

static bool judge(void *arg, const uint8_t *certificate, size_t size)
{
    const struct rules *rules = arg;
    struct attest_verdict verdict;
    if (!attest_verify_certificate(certificate, size, &rules->collateral, rules->time, rules->policy, NULL, &verdict))
        return true;
    fprintf(stderr, "outside: refused: %s (%s)\n", verdict.reason, attest_result_name(verdict.result));
    return false;
}

static int talk(SSL *channel)
{
    char text[256];
    if (!channel_receive(channel, text, sizeof(text)) || !channel_send(channel, "thank you from outside"))
        return 1;
    fprintf(stderr, "outside: received '%s'\n", text);
    return 0;
}

int main(int argc, char **argv)
{
    char reason[256] = "cannot be read";
    struct rules rules = {.time = argc > 3 ? strtoll(argv[3], NULL, 10) : (int64_t)time(NULL)};
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: outside POLICY COLLATERAL [TIME]\n");
        return 2;
    }
    const struct attest_bytes text = read_file(argv[1]);
    if (!text.size || attest_policy_parse(text.data, text.size, &rules.policy, reason, sizeof(reason))) {
        fprintf(stderr, "outside: %s: %s\n", argv[1], reason);
        return 2;
    }
    read_collateral(argv[2], &rules.collateral);
    SSL *channel = channel_open(false, STDIN_FILENO, STDOUT_FILENO, NULL, judge, &rules);
    const int status = channel ? talk(channel) : 1;
    if (channel)
        channel_close(channel);
    for (int i = 0; i < ATTEST_COLLATERAL_ITEMS; i++)
        free((void *)rules.collateral.item[i].data);
    free((void *)text.data);
    attest_policy_free(rules.policy);
    return status;
}
