// SPDX-License-Identifier: MIT
//
// Every version and body that quotes have, and what no published one shows: the versions 4 and 5 of SGX, report 1.0 in version 5,
// TDX modules and their updates, SGX extensions of every shape, and the seconds at which collateral begins and ends.
#include <time.h>

#include "attest/quote.h"
#include "tests/unit/attest/forge.h"
#include "tests/unit/attest/sgx_extension.h"

enum { TDX = 0x81, BODY_SGX = 1, BODY_TDX_1_0, BODY_TDX_1_5 };
#define ZEROS_48 "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

static const struct attest_policy accept_all = {
    .accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_test_root = true, .accept_tcb = ACCEPT_ANY_TCB};
static const struct extension_shape usual = {
    .component = {3, 255, 2}, .pcesvn = 300, .order = "1234567", .boolean_true = 0xff};

static struct forge forge;
static struct attest_tdx td;
static struct sgx_report_body enclave;
static struct attest_verdict verdict;
static uint8_t quote[FORGE_MAX_QUOTE];

// What the TCB info is to say; the platform reaches its first level.
static struct {
    bool tdx;
    const char *sgx_status, *module_status; // of the first level; of the outdated module
    int64_t begin, end;
    int first_tdx; // what the first level asks of the first TDX component
    const char *module; // name of the identity with levels
} say;

static void put_date(char text[32], int64_t seconds)
{
    struct tm tm;
    const time_t t = (time_t)seconds;
    CHECK(gmtime_r(&t, &tm) && strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm));
}

static void components(char text[256], int a, int b, int c)
{
    size_t n = (size_t)sprintf(text, "[{\"svn\":%d},{\"svn\":%d},{\"svn\":%d}", a, b, c);
    for (int i = 3; i < 16; i++)
        n += (size_t)sprintf(text + n, ",{\"svn\":0}");
    sprintf(text + n, "]");
}

static void levels(char text[2048])
{
    char high[256], low[256], tdx_high[300] = "", tdx_low[300] = "", list[256];
    components(high, 3, 255, 2);
    components(low, 1, 0, 0);
    if (say.tdx) {
        components(list, say.first_tdx, 0, 5);
        snprintf(tdx_high, sizeof(tdx_high), "\"tdxtcbcomponents\":%s,", list);
        components(list, 0, 0, 3);
        snprintf(tdx_low, sizeof(tdx_low), "\"tdxtcbcomponents\":%s,", list);
    }
    snprintf(text, 2048,
             "[{\"tcb\":{\"sgxtcbcomponents\":%s,%s\"pcesvn\":300},"
             "\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"%s\"},"
             "{\"tcb\":{\"sgxtcbcomponents\":%s,%s\"pcesvn\":5},"
             "\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]",
             high, tdx_high, say.sgx_status, low, tdx_low);
}

static void modules(char text[1024])
{
    static const char nobody[] =
        "\"mrsigner\":\"" ZEROS_48 "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
    snprintf(text, 1024,
             "\"tdxModule\":{%s},\"tdxModuleIdentities\":[{\"id\":\"%s\",%s,\"tcbLevels\":["
             "{\"tcb\":{\"isvsvn\":5},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\",\"advisoryIDs\":[\"M-1\"]},"
             "{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"%s\"}]}],",
             nobody, say.module, nobody, say.module_status);
}

static void publish(void)
{
    char begin[32], end[32], list[2048], more[1024] = "", body[4096];
    put_date(begin, say.begin);
    put_date(end, say.end);
    levels(list);
    if (say.tdx)
        modules(more);
    snprintf(body, sizeof(body),
             "{\"id\":\"%s\",\"version\":3,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",\"fmspc\":\"00806f050000\",\"pceId\":\"0000\","
             "\"tcbType\":0,\"tcbEvaluationDataNumber\":17,%s\"tcbLevels\":%s}",
             say.tdx ? "TDX" : "SGX", begin, end, more, list);
    forge_say(&forge, "tcbInfo", body);
    snprintf(body, sizeof(body),
             "{\"id\":\"%s\",\"version\":2,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",\"tcbEvaluationDataNumber\":16,"
             "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"11000000000000000000000000000000\","
             "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"%064d\",\"isvprodid\":%d,"
             "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}",
             say.tdx ? "TD_QE" : "QE", begin, end, 0, say.tdx ? 2 : 1);
    forge_say(&forge, "enclaveIdentity", body);
}

static void reset(bool tdx)
{
    say.tdx = tdx;
    say.sgx_status = "UpToDate";
    say.module_status = "OutOfDate";
    say.module = "TDX_01";
    say.begin = forge.time - 60;
    say.end = forge.time + 86400;
    say.first_tdx = 5;
    memset(&td, 0, sizeof(td));
    memcpy(td.tee_tcb_svn, (const uint8_t[]){5, 1, 5}, 3);
    memcpy(td.tee_tcb_svn_2, (const uint8_t[]){5, 1, 5}, 3);
    memset(td.mrtd, 0x17, sizeof(td.mrtd));
    memset(td.mrservicetd, 0x5e, sizeof(td.mrservicetd));
    memset(&enclave, 0, sizeof(enclave));
    memset(enclave.mrenclave, 0xe1, sizeof(enclave.mrenclave));
    memset(td.reportdata, 0xda, sizeof(td.reportdata));
    memset(enclave.reportdata, 0xda, sizeof(enclave.reportdata));
}

static void verify_form(uint16_t version, uint32_t tee, uint16_t type, uint32_t body_size)
{
    struct form form = {.version = version, .body_type = type, .tee_type = tee, .body_size = body_size};
    form.body = type == BODY_SGX ? (const void *)&enclave : &td;
    form.qe = (struct sgx_report_body){.attributes = {0x15, 7}, .isvprodid = say.tdx ? 2 : 1, .isvsvn = 4};
    const size_t size = forge_quote(&forge, &form, quote);
    const int r = attest_verify_quote(quote, size, &forge.collateral, forge.time, &accept_all, &verdict);
    CHECK(!r == (verdict.result == ATTEST_OK));
}

#define CHECK_FORM(wanted, ...)                                                                                        \
    do {                                                                                                               \
        verify_form(__VA_ARGS__);                                                                                      \
        CHECK_RESULT(verdict, wanted);                                                                                 \
    } while (0)

static void check_trust_domain(bool report_1_5)
{
    static const struct attest_tdx nothing;
    CHECK(verdict.tee == ATTEST_TDX && !memcmp(verdict.tdx.mrtd, td.mrtd, 48) && verdict.report_data[0] == 0xda);
    CHECK(verdict.tcb_status == ATTEST_TCB_UP_TO_DATE && !strcmp(verdict.advisory_ids, "M-1"));
    CHECK(verdict.report_body_size == (report_1_5 ? 648 : 584) && verdict.evaluation_number == 16);
    CHECK(!memcmp(verdict.tdx.tee_tcb_svn_2, (report_1_5 ? &td : &nothing)->tee_tcb_svn_2, 16));
    CHECK(!memcmp(verdict.tdx.mrservicetd, (report_1_5 ? &td : &nothing)->mrservicetd, 48));
}

static void test_bodies(void)
{
    reset(true);
    publish();
    CHECK_FORM(ATTEST_OK, 4, TDX, BODY_TDX_1_0, 584);
    check_trust_domain(false);
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_0, 584);
    check_trust_domain(false);
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_5, 648);
    check_trust_domain(true);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 5, TDX, BODY_TDX_1_5, 584);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 5, TDX, BODY_TDX_1_0, 648);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 5, TDX, BODY_SGX, 384);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 5, 0, BODY_TDX_1_0, 584);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 5, TDX, 4, 648);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 5, TDX, 0, 584);
    CHECK_FORM(ATTEST_QUOTE_MALFORMED, 3, TDX, BODY_SGX, 384);
    CHECK_FORM(ATTEST_QUOTE_UNSUPPORTED, 4, 0x82, BODY_TDX_1_0, 584);
    CHECK_FORM(ATTEST_QUOTE_UNSUPPORTED, 6, TDX, BODY_TDX_1_0, 584);
    CHECK_FORM(ATTEST_TCB_INFO_MISMATCH, 5, 0, BODY_SGX, 384); // what is said is about TDX
}

static void test_enclaves(void)
{
    reset(false);
    publish();
    for (uint16_t version = 3; version <= 5; version++) {
        CHECK_FORM(ATTEST_OK, version, 0, BODY_SGX, 384);
        CHECK(verdict.tee == ATTEST_SGX && !memcmp(verdict.mrenclave, enclave.mrenclave, 32) && verdict.version == version);
        CHECK(verdict.report_data[0] == 0xda && verdict.tcb_status == ATTEST_TCB_UP_TO_DATE && !verdict.debug);
    }
    CHECK_FORM(ATTEST_TCB_INFO_MISMATCH, 4, TDX, BODY_TDX_1_0, 584);
}

// An identity may be signed properly, and be of another quoting enclave.
static void test_other_identity(void)
{
    reset(false);
    publish();
    struct attest_bytes own = forge.collateral.item[ATTEST_QE_IDENTITY];
    forge.collateral.item[ATTEST_QE_IDENTITY].data = NULL;
    say.tdx = true;
    publish();
    struct attest_bytes *const item = forge.collateral.item, other = item[ATTEST_QE_IDENTITY];
    item[ATTEST_QE_IDENTITY] = own;
    CHECK_FORM(ATTEST_QE_IDENTITY_MISMATCH, 4, TDX, BODY_TDX_1_0, 584);
    item[ATTEST_QE_IDENTITY] = other;
    free((void *)(uintptr_t)own.data);
}

static void test_modules(void)
{
    reset(true);
    publish();
    td.tee_tcb_svn[1] = 3;
    CHECK_FORM(ATTEST_TDX_MODULE_MISMATCH, 4, TDX, BODY_TDX_1_0, 584);
    td.tee_tcb_svn[1] = 1;
    td.seamattributes = 1;
    CHECK_FORM(ATTEST_TDX_MODULE_MISMATCH, 4, TDX, BODY_TDX_1_0, 584);
    td.seamattributes = 0;
    td.mrsignerseam[0] = 1;
    CHECK_FORM(ATTEST_TDX_MODULE_MISMATCH, 4, TDX, BODY_TDX_1_0, 584);
    td.mrsignerseam[0] = 0;
    td.tee_tcb_svn[0] = 1;
    CHECK_FORM(ATTEST_TCB_NOT_SUPPORTED, 4, TDX, BODY_TDX_1_0, 584);
    td.tee_tcb_svn[1] = 0; // no levels of its own: a component of the platform's, and too low for the first level
    CHECK_FORM(ATTEST_OK, 4, TDX, BODY_TDX_1_0, 584);
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE);
    td.tee_tcb_svn[2] = 2; // the loader is below every level
    CHECK_FORM(ATTEST_TCB_NOT_SUPPORTED, 4, TDX, BODY_TDX_1_0, 584);
    for (int bit = 0; bit < 8; bit++) {
        reset(true);
        td.tdattributes = 1ull << bit;
        CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_5, 648);
        CHECK(verdict.debug);
    }
}

// The module beneath was updated while the trust domain ran.
static void test_relaunch(void)
{
    reset(true);
    publish();
    td.tee_tcb_svn[0] = 2;
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_5, 648);
    CHECK(verdict.tcb_status == ATTEST_TCB_TD_RELAUNCH_ADVISED);
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_0, 584); // does not tell what stands beneath
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE);
    td.tee_tcb_svn_2[0] = 4;
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_5, 648);
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE);
    td.tee_tcb_svn_2[1] = 7;
    CHECK_FORM(ATTEST_TDX_MODULE_MISMATCH, 5, TDX, BODY_TDX_1_5, 648);
    td.tee_tcb_svn[0] = 5; // with nothing outdated nobody asks
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_5, 648);
    reset(true);
    td.tee_tcb_svn[0] = 2;
    say.sgx_status = "ConfigurationNeeded";
    publish();
    CHECK_FORM(ATTEST_OK, 5, TDX, BODY_TDX_1_5, 648);
    CHECK(verdict.tcb_status == ATTEST_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
    say.module_status = "Revoked";
    publish();
    CHECK_FORM(ATTEST_TCB_IS_REVOKED, 5, TDX, BODY_TDX_1_5, 648);
    reset(true);
    say.sgx_status = "Revoked"; // though the TDX components would reach the other level only
    td.tee_tcb_svn[2] = 3;
    publish();
    CHECK_FORM(ATTEST_TCB_IS_REVOKED, 5, TDX, BODY_TDX_1_5, 648);
}

static void test_edges(void)
{
    const struct {
        int64_t begin, end;
        enum attest_result result;
    } rows[] = {{0, 60, ATTEST_OK}, {1, 60, ATTEST_TCB_INFO_EXPIRED}, {-60, 0, ATTEST_OK}, {-60, -1, ATTEST_TCB_INFO_EXPIRED}};
    reset(false);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        say.begin = forge.time + rows[i].begin;
        say.end = forge.time + rows[i].end;
        publish();
        CHECK_FORM(rows[i].result, 3, 0, BODY_SGX, 384);
        CHECK(verdict.result || verdict.collateral_expires == say.end);
    }
    say.end = forge.time + 3 * 86400;
    publish();
    CHECK_FORM(ATTEST_OK, 3, 0, BODY_SGX, 384);
    CHECK(verdict.collateral_expires == forge.time + 86400); // the lists
}

// A certificate with another SGX extension, and what the verdict says of it.
static void with_extension(const struct extension_shape *shape, enum attest_result wanted)
{
    ASN1_OCTET_STRING *extension = extension_make(shape);
    forge_close(&forge);
    forge_open(&forge, TEST_ROOT, extension);
    ASN1_OCTET_STRING_free(extension);
    reset(false);
    publish();
    CHECK_FORM(wanted, 3, 0, BODY_SGX, 384);
}

static void test_extensions(void)
{
    static const char *const incomplete[] = {"134567", "124567", "123567", "12234567", "11234567"};
    static const uint8_t ppid[16] = {0x11, 0x22}, instance[16] = {0x66, 0x77}, nothing[16];
    const struct attest_pck *pck = &verdict.pck;
    struct extension_shape s = usual;
    with_extension(&s, ATTEST_OK);
    CHECK(pck->has_ppid && !memcmp(pck->ppid, ppid, 16) && pck->has_sgx_type && pck->sgx_type == 2);
    CHECK(pck->has_instance_id && !memcmp(pck->instance_id, instance, 16) && pck->dynamic_platform == ATTEST_YES);
    CHECK(pck->cached_keys == ATTEST_NOT_SAID && pck->smt_enabled == ATTEST_NO && verdict.pcesvn == 300);
    CHECK(!memcmp(verdict.cpusvn, usual.component, 16) && !memcmp(verdict.fmspc, extension_fmspc, 6));
    s.order = "7x654321";
    s.tcb_backwards = true;
    with_extension(&s, ATTEST_OK);
    CHECK(verdict.tcb_status == ATTEST_TCB_UP_TO_DATE && pck->has_instance_id);
    s.order = "43152"; // of a processor CA
    with_extension(&s, ATTEST_OK);
    CHECK(!pck->has_instance_id && !memcmp(pck->instance_id, nothing, 16) && pck->smt_enabled == ATTEST_NOT_SAID);
    for (size_t i = 0; i < sizeof(incomplete) / sizeof(*incomplete); i++) {
        s.order = incomplete[i];
        with_extension(&s, ATTEST_PCK_CHAIN_MALFORMED);
    }
    s = usual;
    s.boolean_true = 1; // BER, not DER
    with_extension(&s, ATTEST_PCK_CHAIN_MALFORMED);
    s = usual;
    s.component[1] = 254; // each one counts, for itself
    s.component[0] = 200;
    with_extension(&s, ATTEST_OK);
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE);
    s.pcesvn = 4;
    with_extension(&s, ATTEST_TCB_NOT_SUPPORTED);
}

int main(void)
{
    ASN1_OCTET_STRING *extension = extension_make(&usual);
    forge_open(&forge, TEST_ROOT, extension);
    ASN1_OCTET_STRING_free(extension);
    test_bodies();
    test_enclaves();
    test_other_identity();
    test_modules();
    test_relaunch();
    test_edges();
    test_extensions();
    forge_close(&forge);
    return 0;
}
