// SPDX-License-Identifier: MIT
//
// What a program that runs under Mystikos can ask of its trusted execution environment. Everything is a
// system call:
//
//     syscall(SYS_myst_gen_creds, &cert, &cert_size, &key, &key_size);
//
// Natively (outside Mystikos) these numbers are unknown to Linux: the calls fail with ENOSYS. The environment
// variable MYST_TARGET tells where a program runs: "sgx", "linux" (no TEE: the credential calls fail with
// EINVAL: there is no TEE whose evidence they could make or verify), or unset.
//
// Plain C and C++; needs nothing but <stddef.h> and <stdint.h>.
#ifndef MYST_TEE_H
#define MYST_TEE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// long syscall(SYS_myst_max_threads)
//
// How many threads the enclave can run at once; a very large number where there is no limit.
#define SYS_myst_max_threads 1008

// long syscall(SYS_myst_gen_creds, uint8_t **cert, size_t *cert_size, uint8_t **private_key, size_t
// *private_key_size)
//
// Makes an EC P-256 key and a self-signed certificate that carries this enclave's quote over it. The
// certificate is DER, the key PEM ("BEGIN EC PRIVATE KEY"; its size counts the terminating NUL). The buffers
// belong to the caller until SYS_myst_free_creds. Returns 0, or -1 with errno (EINVAL on the linux target),
// and then the outputs are NULL and 0.
#define SYS_myst_gen_creds 1009

// long syscall(SYS_myst_free_creds, uint8_t *cert, size_t cert_size, uint8_t *private_key, size_t
// private_key_size,
//              uint8_t *report, size_t report_size)
//
// Wipes and frees what SYS_myst_gen_creds or SYS_myst_gen_creds_ex returned. Any of the pointers may be NULL.
// Returns 0.
#define SYS_myst_free_creds 1010

// long syscall(SYS_myst_verify_cert, uint8_t *cert, size_t cert_size, myst_tee_identity_verifier_t verifier,
// void *arg)
//
// Verifies a peer's certificate: its self-signature, that a quote in it is bound to its key, and every link
// of the quote up to the root of trust. Then asks `verifier` (NULL accepts every enclave that passed) whether
// this identity is the one wanted. Evidence of debug enclaves, and evidence under the published test root, is
// accepted by debug enclaves only. Returns 0 when the certificate is accepted; the verifier's answer when
// that is not 0; or -1 with errno EPERM when the certificate or its evidence is not trusted: the verifier is
// not asked then, and myst exec --strace shows the reason. Other errno values tell that nothing was judged:
// EINVAL (the linux target, or an argument that cannot be right), EFAULT, ENOMEM.
#define SYS_myst_verify_cert 1011

// long syscall(SYS_myst_gen_creds_ex, uint8_t **cert, size_t *cert_size, uint8_t **private_key, size_t
// *private_key_size,
//              uint8_t **report, size_t *report_size)
//
// As SYS_myst_gen_creds with an RSA-3072 key ("BEGIN RSA PRIVATE KEY"); the certificate carries no quote, the
// report (16 bytes header and quote, over the SHA-256 of the key's DER SubjectPublicKeyInfo) comes
// separately. EINVAL on the linux target.
#define SYS_myst_gen_creds_ex 1012

// As SYS_myst_free_creds.
#define SYS_myst_free_creds_ex 1013

#define MYST_UNIQUE_ID_SIZE  32
#define MYST_SIGNER_ID_SIZE  32
#define MYST_PRODUCT_ID_SIZE 16

// Written before the program starts when MYST_WANT_TEE_CREDENTIALS is CERT_PEMKEY or CERT_PEMKEY_REPORT (the
// report only for the latter, which stands for the credentials of SYS_myst_gen_creds_ex).
#define MYST_CERTIFICATE_PATH        "/tmp/myst.crt"
#define MYST_PRIVATE_KEY_PATH        "/tmp/myst.key"
#define MYST_ATTESTATION_REPORT_PATH "/tmp/myst.report"

// Bits of myst_tee_identity_t.attributes
#define MYST_IDENTITY_ATTRIBUTE_DEBUG  1ull
#define MYST_IDENTITY_ATTRIBUTE_REMOTE 2ull

// Who a peer is, as its hardware says. 96 bytes.
typedef struct myst_tee_identity {
    uint32_t id_version; // 0
    uint32_t security_version;
    uint64_t attributes;
    uint8_t unique_id[MYST_UNIQUE_ID_SIZE];   // MRENCLAVE: this very build
    uint8_t signer_id[MYST_SIGNER_ID_SIZE];   // MRSIGNER: whoever signed it
    uint8_t product_id[MYST_PRODUCT_ID_SIZE]; // ISVPRODID in the first two bytes, little-endian
} myst_tee_identity_t;

// Decides about an identity: 0 accepts, anything else refuses and becomes the result of SYS_myst_verify_cert.
typedef int (*myst_tee_identity_verifier_t)(myst_tee_identity_t *identity, void *arg);

#ifdef __cplusplus
}
#endif

#endif
