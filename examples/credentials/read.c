// SPDX-License-Identifier: MIT
//
// Reads the three files that MYST_WANT_TEE_CREDENTIALS=CERT_PEMKEY_REPORT asks for, with OpenSSL, and checks that they
// belong together: the key is the certificate's, and the report speaks of it.
//
//     gcc read.c -o appdir/read -lcrypto
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

// A header of 16 bytes and a quote, which has a header of 48 bytes and the enclave's report; that one has 64 bytes of the
// enclave's choice at 320, here the SHA-256 of the public key (DER SubjectPublicKeyInfo).
enum { REPORT_DATA = 16 + 48 + 320 };

static int matches(X509 *certificate, const unsigned char *report, size_t size)
{
    unsigned char *der = NULL, digest[SHA256_DIGEST_LENGTH];
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (length <= 0)
        return 0;
    SHA256(der, (size_t)length, digest);
    OPENSSL_free(der);
    return size >= REPORT_DATA + sizeof(digest) && !memcmp(report + REPORT_DATA, digest, sizeof(digest));
}

int main(void)
{
    static unsigned char report[65536];
    FILE *certificate_file = fopen("/tmp/myst.crt", "rb"), *key_file = fopen("/tmp/myst.key", "r");
    FILE *report_file = fopen("/tmp/myst.report", "rb");
    if (!certificate_file || !key_file || !report_file) {
        fprintf(stderr, "read: no credentials: is MYST_WANT_TEE_CREDENTIALS=CERT_PEMKEY_REPORT in config.json?\n");
        return 1;
    }
    X509 *certificate = d2i_X509_fp(certificate_file, NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(key_file, NULL, NULL, NULL);
    size_t size = fread(report, 1, sizeof(report), report_file);
    if (!certificate || !key) {
        fprintf(stderr, "read: the certificate or the key cannot be parsed\n");
        return 1;
    }
    printf("Subject: ");
    X509_NAME_print_ex_fp(stdout, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    printf("\nReport: %zu bytes\n", size);
    int ours = X509_check_private_key(certificate, key) == 1, bound = matches(certificate, report, size);
    puts(ours ? "The key is the certificate's" : "The key is of another certificate");
    puts(bound ? "The report is of this key" : "The report is of another key");
    EVP_PKEY_free(key);
    X509_free(certificate);
    fclose(certificate_file);
    fclose(key_file);
    fclose(report_file);
    return !(ours && bound);
}
