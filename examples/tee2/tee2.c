// SPDX-License-Identifier: MIT
//
// Makes credentials that carry the enclave's evidence, and verifies them as a peer would: by product and version.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <myst/tee.h>

struct wanted {
    uint8_t product_id[MYST_PRODUCT_ID_SIZE];
    uint32_t security_version; // at least
};

// 0 accepts.
static int check_identity(myst_tee_identity_t *identity, void *argument)
{
    const struct wanted *wanted = argument;
    if (memcmp(identity->product_id, wanted->product_id, sizeof(wanted->product_id))) {
        fprintf(stderr, "tee2: the certificate is of another product\n");
        return 1;
    }
    if (identity->security_version < wanted->security_version) {
        fprintf(stderr, "tee2: the certificate is of security version %u, older than %u\n", identity->security_version,
                wanted->security_version);
        return 1;
    }
    return 0;
}

static int use_credentials(void)
{
    static struct wanted wanted = {.product_id = {1}, .security_version = 1};
    uint8_t *certificate = NULL, *private_key = NULL;
    size_t certificate_size = 0, private_key_size = 0;

    if (syscall(SYS_myst_gen_creds, &certificate, &certificate_size, &private_key, &private_key_size)) {
        fprintf(stderr, "tee2: cannot generate credentials: %s\n", strerror(errno));
        return 1;
    }
    printf("Generated a self-signed certificate and a private key\n");

    long verdict = syscall(SYS_myst_verify_cert, certificate, certificate_size, check_identity, &wanted);
    if (verdict)
        fprintf(stderr, "tee2: the certificate is not accepted (%ld)\n", verdict);
    else
        printf("Verified the self-signed certificate\n");

    syscall(SYS_myst_free_creds, certificate, certificate_size, private_key, private_key_size, NULL, 0);
    return verdict != 0;
}

int main(void)
{
    const char *target = getenv("MYST_TARGET");
    if (!target || strcmp(target, "sgx")) {
        printf("Not inside SGX (MYST_TARGET is %s): there is nobody to vouch for credentials, nothing done\n",
               target ? target : "not set");
        return 0;
    }
    return use_credentials();
}
