// SPDX-License-Identifier: MIT
//
// The AESM client against a service that is right, and against services that are not.
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "emu/platform.h"
#include "host/aesm/aesm.h"
#include "host/aesm/message.h"
#include "tests/unit/hardware/check.h"

static char reason[512];

static void test_messages(void)
{
    static const uint8_t long_varint[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    static const uint8_t too_long[] = {0x0a, 0x05, 'a', 'b'}, group[] = {0x0b}, field_0[] = {0x00, 0x01};
    uint8_t buffer[64];
    struct aesm_writer w = {.data = buffer, .size = sizeof(buffer)}, small = {.data = buffer, .size = 3};
    struct aesm_field f;
    aesm_put_number(&w, 22, 300);
    aesm_put_bytes(&w, 15, "ab", 2);
    CHECK(w.used == 8 && !memcmp(buffer, "\xb0\x01\xac\x02\x7a\x02" "ab", 8)); // field numbers as the protocol has them
    CHECK(!aesm_find(buffer, w.used, 22, &f) && !f.is_bytes && f.value == 300);
    CHECK(!aesm_find(buffer, w.used, 15, &f) && f.is_bytes && f.size == 2 && !memcmp(f.data, "ab", 2));
    CHECK(aesm_find(buffer, w.used, 3, &f) == -ENOENT);
    for (size_t i = 1; i < w.used; i++)
        CHECK(aesm_find(buffer, i, 3, &f) == (i == 4 ? -ENOENT : -EBADMSG));
    CHECK(aesm_find(long_varint, sizeof(long_varint), 1, &f) == -EBADMSG);
    const uint8_t *at = too_long;
    CHECK(aesm_next(&at, too_long + sizeof(too_long), &f) == -EBADMSG);
    CHECK(aesm_find(group, sizeof(group), 1, &f) == -EBADMSG);
    CHECK(aesm_find(field_0, sizeof(field_0), 1, &f) == -EBADMSG);
    aesm_put_bytes(&small, 1, "ab", 2);
    CHECK(small.overflow);
}

static void make_report(struct emu_platform *p, const uint8_t target[512], struct sgx_report *ret)
{
    const struct sgx_identity id = {.attributes = {SGX_ATTRIBUTE_INIT | SGX_ATTRIBUTE_MODE64BIT, 3}};
    struct sgx_targetinfo t;
    const uint8_t data[64] = {1, 2, 3}, keyid[32] = {4};
    memcpy(&t, target, sizeof(t));
    CHECK(!sgx_create_report(emu_platform_secrets(p), &id, &t, data, keyid, ret));
}

static void test_quote(struct emu_platform *p, const char *path)
{
    uint8_t target[512], quote[16384];
    struct sgx_report report;
    size_t size = 0;
    pid_t server = serve_aesm(path, p, AESM_WELL);
    CHECK(!aesm_target_info(path, target, reason, sizeof(reason)));
    make_report(p, target, &report);
    const uint8_t *bytes = (const uint8_t *)&report;
    CHECK(aesm_quote(path, bytes, quote, 100, &size, reason, sizeof(reason)) == -ENOBUFS);
    CHECK(size == emu_platform_quote_size(p)); // cut at its own size
    CHECK(!aesm_quote(path, bytes, quote, size, &size, reason, sizeof(reason)));
    CHECK(size == emu_platform_quote_size(p) && !memcmp(quote + 48, bytes, 384));
    report.mac[0] ^= 1;
    CHECK(aesm_quote(path, bytes, quote, sizeof(quote), &size, reason, sizeof(reason)) == -EACCES);
    CHECK(strstr(reason, "refuses the report") && strstr(reason, path));
    stop(server);
}

static void target_fails(struct emu_platform *p, const char *path, enum aesm_fault fault, int error)
{
    uint8_t target[512];
    pid_t server = serve_aesm(path, p, fault);
    reason[0] = 0;
    int r = aesm_target_info(path, target, reason, sizeof(reason));
    if (r != error)
        fprintf(stderr, "fault %d: %s, not %s (%s)\n", (int)fault, strerror(-r), strerror(-error), reason);
    CHECK(r == error && strstr(reason, path));
    stop(server);
}

static void test_faults(struct emu_platform *p, const char *path)
{
    uint8_t quote[16384];
    struct sgx_targetinfo target;
    struct sgx_report report;
    size_t size;
    target_fails(p, path, AESM_NO_ECDSA, -ENOTSUP);
    target_fails(p, path, AESM_UNSUPPORTED, -ENOTSUP);
    target_fails(p, path, AESM_ERROR, -ENODATA);
    target_fails(p, path, AESM_GARBAGE, -EPROTO);
    target_fails(p, path, AESM_HUGE, -EPROTO);
    target_fails(p, path, AESM_CUT, -EPROTO);
    target_fails(p, path, AESM_WRONG_TARGET, -EPROTO);
    CHECK(!emu_platform_target_info(p, &target));
    make_report(p, (const uint8_t *)&target, &report);
    pid_t server = serve_aesm(path, p, AESM_SHORT_QUOTE);
    CHECK(aesm_quote(path, (uint8_t *)&report, quote, sizeof(quote), &size, reason, sizeof(reason)) == -EPROTO);
    stop(server);
    server = serve_aesm(path, p, AESM_FORGETS_KEY);
    CHECK(!aesm_quote(path, (uint8_t *)&report, quote, sizeof(quote), &size, reason, sizeof(reason)));
    stop(server);
}

static void test_no_service(const char *path)
{
    uint8_t target[512];
    (void)unlink(path);
    CHECK(aesm_target_info(path, target, reason, sizeof(reason)) == -ENOENT && strstr(reason, path));
}

void test_aesm(struct emu_platform *p, const char *directory)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/aesm.socket", directory);
    test_messages();
    test_quote(p, path);
    test_faults(p, path);
    test_no_service(path);
}
