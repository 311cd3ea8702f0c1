// SPDX-License-Identifier: MIT
//
// The attestation service: an ordinary program of the measured system image, started by the kernel when a
// program asks for credentials or has a certificate verified. No environment; stdin and stdout are pipes to
// the kernel.
//
//     attestd generate     stdout: u32 certificate size, u32 key size (counts its NUL), u32 report size (0),
//     then the three;
//                          numbers are little-endian. EC P-256, evidence in the certificate
//     attestd generate-ex  the same with RSA-3072 and the evidence in the report
//     attestd verify       stdin: a certificate (DER); stdout: myst_tee_identity_t and exit status 0, or one
//     line that says
//                          why not and exit status 1
//
// Evidence under the published test root, and evidence of debug enclaves, is accepted by a debug enclave
// only: it has no secrets to give away itself.
#include <endian.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <myst/attest.h>

#include "service/device.h"
#include "service/stream.h"

enum { CERTIFICATE_LIMIT = 0x40000 };

// Tells the kernel why not; the exit status.
static int refuse_with(const char *what, const char *why)
{
    char line[300];
    const int n = snprintf(line, sizeof(line), "%s%s%s\n", what, why ? ": " : "", why ? why : "");
    (void)write_all(STDOUT_FILENO, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
    return 1;
}

static int write_credentials(const struct attest_credentials *c)
{
    const uint32_t sizes[3] = {htole32((uint32_t)c->certificate_size), htole32((uint32_t)c->key_size),
                               htole32((uint32_t)c->report_size)};
    int r = write_all(STDOUT_FILENO, sizes, sizeof(sizes));
    if (!r)
        r = write_all(STDOUT_FILENO, c->certificate, c->certificate_size);
    if (!r)
        r = write_all(STDOUT_FILENO, c->key, c->key_size);
    return r ? r : write_all(STDOUT_FILENO, c->report, c->report_size);
}

static int generate_with(int (*make)(attest_quote_fn *, void *, struct attest_credentials *))
{
    struct attest_credentials credentials;
    int r = make(device_quote, NULL, &credentials);
    if (r)
        return refuse_with("no credentials could be made", strerror(-r));
    r = write_credentials(&credentials);
    attest_credentials_free(&credentials);
    return r ? 1 : 0;
}

static int generate(void)
{
    return generate_with(attest_generate);
}

static int generate_ex(void)
{
    return generate_with(attest_generate_ex);
}

static int judge(const uint8_t *certificate, size_t size, const struct attest_collateral *collateral)
{
    myst_tee_identity_t identity;
    struct attest_verdict verdict;
    struct timespec now;
    bool debug = false;
    const int r = device_is_debug(&debug);
    if (r || clock_gettime(CLOCK_REALTIME, &now))
        return refuse_with("this enclave cannot tell about itself", strerror(r ? -r : errno));
    const struct attest_policy policy = {
        .accept_debug = debug, .accept_test_root = debug, .accept_tcb = ATTEST_TCB_CURRENT};
    if (attest_verify_certificate(certificate, size, collateral, now.tv_sec, &policy, &identity, &verdict))
        return refuse_with(attest_result_name(verdict.result), verdict.reason);
    return write_all(STDOUT_FILENO, &identity, sizeof(identity)) ? 1 : 0;
}

// Without collateral the verdict still names what is wrong with the certificate, or that the collateral is
// missing.
static int verify_bytes(const uint8_t *certificate, size_t size)
{
    struct attest_platform platform;
    struct attest_collateral collateral = {0};
    uint8_t *bytes = NULL;
    size_t bytes_size = 0;
    int r = attest_certificate_platform(certificate, size, &platform);
    if (!r) {
        r = device_collateral(&platform, &bytes, &bytes_size);
        if (r)
            return refuse_with("the host has no collateral for the platform", strerror(-r));
        if (attest_collateral_parse(bytes, bytes_size, &collateral)) {
            free(bytes);
            return refuse_with(attest_result_name(ATTEST_COLLATERAL_MALFORMED),
                               "what the host gave as collateral is none");
        }
    }
    r = judge(certificate, size, &collateral);
    free(bytes);
    return r;
}

static int verify(void)
{
    uint8_t *certificate;
    size_t size;
    const int r = read_all(STDIN_FILENO, CERTIFICATE_LIMIT, &certificate, &size);
    if (r)
        return refuse_with("the certificate cannot be read", strerror(-r));
    const int status = verify_bytes(certificate, size);
    free(certificate);
    return status;
}

static const struct command {
    const char *name;
    int (*run)(void);
} commands[] = {{"generate", generate}, {"generate-ex", generate_ex}, {"verify", verify}};

// The service is started for each request, so what OpenSSL sets up and nobody uses here is left out: texts of errors, names of
// ciphers. The usual random generator runs on AES, for which every cipher is set up; one on a hash is as good.
static bool prepare_openssl(void)
{
    // No configuration file: it would be looked for at each start, and must not change what we accept.
    const uint64_t without = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
                             OPENSSL_INIT_NO_ADD_ALL_CIPHERS;
    return OPENSSL_init_crypto(without, NULL) == 1 && RAND_set_DRBG_type(NULL, "HASH-DRBG", NULL, NULL, "SHA256") == 1;
}

int main(int argc, char **argv)
{
    if (!prepare_openssl())
        return refuse_with("the crypto library cannot be set up", NULL);
    for (size_t i = 0; argc == 2 && i < sizeof(commands) / sizeof(*commands); i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run();
    return refuse_with("usage: attestd generate|generate-ex|verify", NULL);
}
