// SPDX-License-Identifier: MIT
//
// Runs in an enclave and gives its evidence away on standard output: "quote", "report" (Open Enclave's form),
// or "credentials" (u32 size and certificate, then the key); "extended" checks those with a report. For enclaves of one platform:
// "target" (the own target info), "for" (a report for the target on standard input), "check" (the report on standard input).
// "key NAME": a sealing key, in hexadecimal.
#include <fcntl.h>
#include <stdbool.h>
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

static bool is_there(const void *p)
{
    int ends[2];
    if (pipe(ends))
        return true;
    const bool there = write(ends[1], p, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return there;
}

// What the two calls with a report give, and take back.
static int extended(void)
{
    uint8_t *parts[3];
    size_t sizes[3];
    if (syscall(SYS_myst_gen_creds_ex, &parts[0], &sizes[0], &parts[1], &sizes[1], &parts[2], &sizes[2]))
        return perror("gen_creds_ex"), 1;
    const bool good = parts[0][0] == 0x30 && !memcmp(parts[1], "-----BEGIN RSA PRIVATE KEY-----\n", 32) && !parts[1][sizes[1] - 1] &&
                      sizes[2] > 16 && parts[2][4] == 2;
    for (int i = 0; i < 3; i++)
        if (!is_there(parts[i]))
            return 1;
    if (syscall(SYS_myst_free_creds_ex, parts[0], sizes[0], parts[1], sizes[1], parts[2], sizes[2]))
        return perror("free_creds_ex"), 1;
    for (int i = 0; i < 3; i++)
        if (is_there(parts[i]))
            return 1;
    if (!syscall(SYS_myst_gen_creds_ex, &parts[0], &sizes[0], &parts[1], &sizes[1], &parts[2], NULL))
        return 1;
    return good && !syscall(SYS_myst_free_creds_ex, NULL, 0, NULL, 0, NULL, 0) ? 0 : 1;
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

static int copy(const char *from, const char *to)
{
    char bytes[4096];
    const int in = open(from, O_RDONLY), out = open(to, O_WRONLY);
    const ssize_t size = in >= 0 ? read(in, bytes, sizeof(bytes)) : -1;
    if (size < 0 || out < 0)
        return perror(from), 1;
    return write(out, bytes, (size_t)size) == size ? 0 : (perror(to), 1);
}

static int report_for_target(void)
{
    return copy("/dev/stdin", "/dev/attestation/target_info") || copy("/dev/attestation/report", "/dev/stdout");
}

static int key(const char *name)
{
    char path[256];
    uint8_t bytes[64];
    snprintf(path, sizeof(path), "/dev/attestation/keys/%s", name);
    const int in = open(path, O_RDONLY);
    const ssize_t size = in >= 0 ? read(in, bytes, sizeof(bytes)) : -1;
    if (size < 0)
        return perror(path), 1;
    for (ssize_t i = 0; i < size; i++)
        printf("%02x", bytes[i]);
    return printf("\n") == 1 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "target"))
        return copy("/dev/attestation/my_target_info", "/dev/stdout");
    if (!strcmp(what, "for"))
        return report_for_target();
    if (!strcmp(what, "check"))
        return copy("/dev/stdin", "/dev/attestation/peer_report");
    if (argc == 3 && !strcmp(what, "key"))
        return key(argv[2]);
    if (!strcmp(what, "quote"))
        return quote();
    if (!strcmp(what, "report"))
        return report();
    if (!strcmp(what, "extended"))
        return extended();
    return !strcmp(what, "credentials") ? credentials() : 2;
}
