// SPDX-License-Identifier: MIT
//
// Nanoseconds per operation of attestation:
//   attest quote               writes a quote to stdout (in an enclave)
//   attest credentials         SYS_myst_gen_creds, again and again (in an enclave)
//   attest verify QUOTE DIR    judges the quote with the collateral in DIR, all in memory
#include <fcntl.h>
#include <myst/attest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

enum { LARGEST = 1 << 18 };

static size_t read_all(const char *path, uint8_t *to)
{
    int fd = open(path, O_RDONLY);
    size_t size = 0;
    for (ssize_t n = 1; fd >= 0 && n > 0; size += (size_t)n)
        if ((n = read(fd, to + size, LARGEST - size)) < 0)
            abort();
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    close(fd);
    return size;
}

static void credentials(void)
{
    uint8_t *certificate, *key;
    size_t certificate_size, key_size;
    if (syscall(SYS_myst_gen_creds, &certificate, &certificate_size, &key, &key_size))
        abort();
    syscall(SYS_myst_free_creds, certificate, certificate_size, key, key_size, NULL, 0);
}

static int make_quote(void)
{
    static uint8_t quote[LARGEST];
    const uint8_t data[64] = {1};
    int fd = open("/dev/attestation/user_report_data", O_WRONLY);
    if (fd < 0 || write(fd, data, sizeof(data)) != sizeof(data))
        return 1;
    close(fd);
    size_t size = read_all("/dev/attestation/quote", quote);
    return fwrite(quote, 1, size, stdout) != size;
}

static struct attest_bytes quote;
static struct attest_collateral collateral;
static struct attest_policy policy = {.accept_debug = true, .accept_test_root = true};

static void verify(void)
{
    struct attest_verdict verdict;
    if (attest_verify_quote(quote.data, quote.size, &collateral, time(NULL), &policy, &verdict)) {
        fprintf(stderr, "%s\n", verdict.reason);
        exit(1);
    }
}

static struct attest_bytes load(const char *path)
{
    uint8_t *bytes = malloc(LARGEST);
    return (struct attest_bytes){bytes, bytes ? read_all(path, bytes) : 0};
}

static void load_all(const char *file, const char *folder)
{
    static const struct {
        enum attest_collateral_item item;
        const char *name;
    } files[] = {
        {ATTEST_TCB_INFO, "tcb_info.json"},       {ATTEST_TCB_INFO_CHAIN, "tcb_signing_chain.pem"},
        {ATTEST_QE_IDENTITY, "qe_identity.json"}, {ATTEST_QE_IDENTITY_CHAIN, "tcb_signing_chain.pem"},
        {ATTEST_PCK_CRL, "pck_crl.der"},          {ATTEST_ROOT_CA_CRL, "root_ca_crl.der"},
    };
    quote = load(file);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
        collateral.item[files[i].item] = load(path);
    }
}

int main(int argc, char **argv)
{
    static const struct measurement make = {"gen_creds", credentials, 5}, judge = {"verify", verify, 20};
    if (argc == 2 && !strcmp(argv[1], "quote"))
        return make_quote();
    if (argc == 2 && !strcmp(argv[1], "credentials")) {
        measure(&make);
        return 0;
    }
    if (argc != 4)
        return 2;
    load_all(argv[2], argv[3]);
    measure(&judge);
    return 0;
}
