// SPDX-License-Identifier: MIT
//
// A relying party verifies for as long as it runs: a thousand verifications, accepted ones and refused ones, leave no more memory
// in use than the thousand before did.
#include <malloc.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/unit/attest/maker.h"

enum { FIRST = 200, MORE = 1000, KINDS = 5 };

static const struct attest_policy accept_all = {
    .accept_debug = true, .accept_test_root = true, .accept_tcb = ACCEPT_ANY_TCB};

static struct maker maker;
static uint8_t *quote;
static size_t quote_size;
static struct attest_credentials credentials;

// One that is accepted, one for each of the ways in which most are refused, and a certificate.
static void verify(int kind)
{
    static const struct attest_policy strict = {0};
    struct attest_collateral c = maker.collateral;
    struct attest_verdict v;
    if (kind == 4) {
        CHECK(!attest_verify_certificate(credentials.certificate, credentials.certificate_size, &c, maker.time, &accept_all, NULL, &v));
        return;
    }
    if (kind == 1)
        c.item[ATTEST_TCB_INFO].size -= 2;
    if (kind == 2)
        c.item[ATTEST_TCB_INFO_CHAIN] = c.item[ATTEST_PCK_CRL_CHAIN];
    const int r = attest_verify_quote(quote, quote_size, &c, maker.time, kind == 3 ? &strict : &accept_all, &v);
    CHECK(!r == (kind == 0));
}

static void many(int count)
{
    for (int i = 0; i < count; i++)
        verify(i % KINDS);
}

static long peak_kb(void)
{
    struct rusage usage;
    CHECK(!getrusage(RUSAGE_SELF, &usage));
    return usage.ru_maxrss;
}

int main(void)
{
    const uint8_t report_data[64] = {7};
    struct timespec begin, end;
    maker_open(&maker);
    CHECK(!maker_quote(&maker, report_data, &quote, &quote_size));
    CHECK(!attest_generate(maker_quote, &maker, &credentials));
    many(FIRST);
    const size_t used = mallinfo2().uordblks; // the first ones leave what OpenSSL and malloc keep for later
    const long peak = peak_kb();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    many(MORE);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    const size_t after = mallinfo2().uordblks;
    printf("%.2f ms each, %zu bytes and then %zu, %ld kB at most and then %ld\n",
           ((double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6) / MORE, used, after,
           peak, peak_kb());
    CHECK(after <= used + 1024);
    CHECK(peak_kb() <= peak + 1024);
    attest_credentials_free(&credentials);
    free(quote);
    maker_close(&maker);
    return 0;
}
