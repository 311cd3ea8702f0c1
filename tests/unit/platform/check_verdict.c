// SPDX-License-Identifier: MIT
#include <errno.h>
#include <myst/attest.h>
#include <string.h>
#include <time.h>

#include "tests/unit/platform/check.h"

enum { DAY = 24 * 3600 };

static enum attest_result judge(const uint8_t *quote, size_t size, const struct attest_collateral *c, int64_t when,
                                bool test_root, int *ret)
{
    const struct attest_policy policy = {.accept_debug = true, .accept_test_root = test_root};
    struct attest_verdict v;
    *ret = attest_verify_quote(quote, size, c, when, &policy, &v);
    if (v.result != ATTEST_OK && test_root && when == time(NULL))
        fprintf(stderr, "verdict: %s\n", v.reason);
    if (v.result == ATTEST_OK) {
        CHECK(v.test_root && v.debug && v.tcb_status == ATTEST_TCB_UP_TO_DATE && v.quote_size == size);
        CHECK(!memcmp(v.fmspc, emu_platform_fmspc, sizeof(v.fmspc)));
    }
    return v.result;
}

void check_verdict(const uint8_t *quote, size_t size, const uint8_t *collateral, size_t collateral_size)
{
    struct attest_collateral c;
    struct attest_platform platform;
    int64_t now = time(NULL);
    int r;
    CHECK(!attest_collateral_parse(collateral, collateral_size, &c));
    CHECK(!attest_quote_platform(quote, size, &platform) && platform.ca == 1 && platform.tee_type == 0);
    CHECK(!memcmp(platform.fmspc, emu_platform_fmspc, sizeof(platform.fmspc)));
    CHECK(judge(quote, size, &c, now, true, &r) == ATTEST_OK && r == 0);
    CHECK(judge(quote, size, &c, now, false, &r) == ATTEST_POLICY_TEST_ROOT && r == -EPERM);
    CHECK(judge(quote, size, &c, now + 29 * DAY, true, &r) == ATTEST_OK);
    CHECK(judge(quote, size, &c, now + 31 * DAY, true, &r) != ATTEST_OK && r == -EBADMSG);
    CHECK(judge(quote, size, &c, now - DAY, true, &r) != ATTEST_OK && r == -EBADMSG);
}
