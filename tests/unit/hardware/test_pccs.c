// SPDX-License-Identifier: MIT
//
// Where collateral is looked for, and that what a PCCS serves arrives byte for byte.
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "emu/platform.h"
#include "host/pccs/pccs.h"
#include "tests/unit/hardware/check.h"

static char reason[1024];

static struct pccs_service configured(const char *file, const char *content)
{
    struct pccs_service s = {.url = ""};
    FILE *f = fopen(file, "w");
    CHECK(f && fputs(content, f) >= 0 && !fclose(f));
    int r = pccs_configuration(file, &s, reason, sizeof(reason));
    if (r)
        fprintf(stderr, "%s\n", reason);
    CHECK(!r);
    return s;
}

static void refused(const char *file, const char *content)
{
    struct pccs_service s;
    FILE *f = fopen(file, "w");
    CHECK(f && fputs(content, f) >= 0 && !fclose(f));
    reason[0] = 0;
    CHECK(pccs_configuration(file, &s, reason, sizeof(reason)) == -EINVAL && strstr(reason, file));
}

static void test_configuration(const char *directory)
{
    char file[PATH_MAX];
    struct pccs_service s;
    unsetenv("MYST_PCCS_URL");
    snprintf(file, sizeof(file), "%s/qcnl.conf", directory);
    CHECK(!pccs_configuration(file, &s, reason, sizeof(reason)));
    CHECK(!strcmp(s.url, "https://api.trustedservices.intel.com/sgx/certification/v4") && s.verify_tls);
    s = configured(file, "{\n  // a \"comment\": {\n  \"pccs_url\": \"https://a:8081/sgx/certification/v4/\",\n"
                         "//  \"collateral_service\": \"https://c\",\n  \"use_secure_cert\": false }\n");
    CHECK(!strcmp(s.url, "https://a:8081/sgx/certification/v4") && !s.verify_tls);
    s = configured(file, "{\"pccs_url\":\"https://a\",\"collateral_service\":\"https://b\"}");
    CHECK(!strcmp(s.url, "https://b/sgx/certification/v4") && s.verify_tls);
    s = configured(file, "# PCCS server address\nPCCS_URL=https://localhost:8081/sgx/certification/v3/\n"
                         "USE_SECURE_CERT=FALSE\n");
    CHECK(!strcmp(s.url, "https://localhost:8081/sgx/certification/v3") && !s.verify_tls);
    refused(file, "");
    refused(file, "{\"pccs_url\":}");
    refused(file, "{\"pccs_url\":\"file:///etc/passwd\"}");
    refused(file, "PCCS_URL=gopher://x\n");
    char many[2 * PCCS_URL_SIZE] = "PCCS_URL=https://";
    memset(many + strlen(many), 'a', sizeof(many) - strlen(many) - 1);
    many[sizeof(many) - 1] = 0;
    refused(file, many);
    setenv("MYST_PCCS_URL", "http://localhost:1/", 1);
    CHECK(!pccs_configuration(file, &s, reason, sizeof(reason)));
    CHECK(!strcmp(s.url, "http://localhost:1/sgx/certification/v4"));
}

static int fetch(unsigned port, uint8_t *ret, size_t size, size_t *ret_size)
{
    struct pccs_service s;
    struct collateral_request request = {.ca = 1};
    char url[64];
    memcpy(request.fmspc, emu_platform_fmspc, sizeof(request.fmspc));
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
    setenv("MYST_PCCS_URL", url, 1);
    CHECK(!pccs_configuration(NULL, &s, reason, sizeof(reason)));
    reason[0] = 0;
    return pccs_collateral(&s, &request, ret, size, ret_size, reason, sizeof(reason));
}

static void test_whole(struct emu_platform *p, enum pccs_fault form)
{
    static uint8_t expected[COLLATERAL_MAX_SIZE], got[COLLATERAL_MAX_SIZE];
    struct collateral_request request = {.ca = 1};
    size_t expected_size, size = 0;
    unsigned port;
    memcpy(request.fmspc, emu_platform_fmspc, sizeof(request.fmspc));
    pid_t server = serve_pccs(p, form, &port);
    CHECK(!emu_platform_collateral(p, &request, expected, sizeof(expected), &expected_size));
    CHECK(fetch(port, got, 100, &size) == -ENOBUFS && size == expected_size);
    int r = fetch(port, got, sizeof(got), &size);
    if (r)
        fprintf(stderr, "form %d: %s\n", (int)form, reason);
    CHECK(!r && size == expected_size && !memcmp(got, expected, size));
    stop(server);
}

static void test_fails(struct emu_platform *p, enum pccs_fault fault, int error)
{
    static uint8_t got[COLLATERAL_MAX_SIZE];
    size_t size;
    unsigned port;
    pid_t server = serve_pccs(p, fault, &port);
    int r = fetch(port, got, sizeof(got), &size);
    if (r != error)
        fprintf(stderr, "fault %d: %s, not %s (%s)\n", (int)fault, strerror(-r), strerror(-error), reason);
    CHECK(r == error && strstr(reason, "127.0.0.1"));
    stop(server);
    if (fault == PCCS_NOT_FOUND)
        CHECK(fetch(port, got, sizeof(got), &size) == -EHOSTUNREACH); // nobody there any more
}

void test_pccs(struct emu_platform *p, const char *directory)
{
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    test_configuration(directory);
    test_whole(p, PCCS_WELL);
    test_whole(p, PCCS_HEX_CRL);
    test_whole(p, PCCS_PEM_CRL);
    test_fails(p, PCCS_BAD_CRL, -EPROTO);
    test_fails(p, PCCS_NO_HEADER, -EPROTO);
    test_fails(p, PCCS_NOT_FOUND, -ENOENT);
    test_fails(p, PCCS_HUGE, -EPROTO);
}
