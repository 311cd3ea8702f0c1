// SPDX-License-Identifier: MIT
//
// Runs in an enclave and gives its evidence away on standard output: "quote", "report" (Open Enclave's form),
// or "credentials" (u32 size and certificate, then the key).
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <myst/tee.h>

static int quote(void)
{
    static char data[65536];
    uint8_t report_data[64];
    memset(report_data, 0x5a, sizeof(report_data));
    const int in = open("/dev/attestation/user_report_data", O_WRONLY);
    if (in < 0 || write(in, report_data, sizeof(report_data)) != sizeof(report_data) || close(in))
        return perror("/dev/attestation/user_report_data"), 1;
    FILE *f = fopen("/dev/attestation/quote", "rb");
    const size_t size = f ? fread(data, 1, sizeof(data), f) : 0;
    if (!size)
        return perror("/dev/attestation/quote"), 1;
    return fwrite(data, 1, size, stdout) == size ? 0 : 1;
}

static int report(void)
{
    uint8_t *certificate, *key, *bytes;
    size_t certificate_size, key_size, size;
    if (syscall(SYS_myst_gen_creds_ex, &certificate, &certificate_size, &key, &key_size, &bytes, &size))
        return perror("gen_creds_ex"), 1;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : 1;
}

static int credentials(void)
{
    uint8_t *certificate, *key;
    size_t certificate_size, key_size;
    if (syscall(SYS_myst_gen_creds, &certificate, &certificate_size, &key, &key_size))
        return perror("gen_creds"), 1;
    const uint32_t size = (uint32_t)certificate_size;
    fwrite(&size, sizeof(size), 1, stdout);
    fwrite(certificate, 1, certificate_size, stdout);
    return fwrite(key, 1, key_size - 1, stdout) == key_size - 1 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "quote"))
        return quote();
    if (!strcmp(what, "report"))
        return report();
    return !strcmp(what, "credentials") ? credentials() : 2;
}
