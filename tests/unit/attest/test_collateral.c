// SPDX-License-Identifier: MIT
//
// What the verifier makes of TCB info and QE identity. The test root's key is public, so this test signs its
// own, each with one thing changed in what the platform's own collateral says.
#include <openssl/pem.h>

#include "attest/signed_json.h"
#include "attest/tcb.h"
#include "emu/platform/certificate.h"
#include "tests/unit/attest/issue.h"
#include "tests/unit/attest/maker.h"

static const struct attest_policy accept_all = {
    .accept_debug = true, .accept_test_root = true, .accept_tcb = ACCEPT_ANY_TCB};

static struct maker maker;
static uint8_t *quote;
static size_t quote_size;
static EVP_PKEY *root_key;
static X509 *root;

// A key with a certificate of the given kind, directly under the root.
struct signer {
    EVP_PKEY *key;
    char *chain;
};

static struct signer signer_new(enum certificate_kind kind)
{
    struct signer s = {.key = EVP_EC_gen("P-256")};
    X509 *certificate = platform_certificate_issue(kind, s.key, root, root_key, NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    CHECK(certificate && bio && PEM_write_bio_X509(bio, certificate) && PEM_write_bio_X509(bio, root));
    const size_t size = (size_t)BIO_get_mem_data(bio, &text);
    s.chain = calloc(1, size + 1);
    CHECK(s.chain);
    memcpy(s.chain, text, size);
    BIO_free(bio);
    X509_free(certificate);
    return s;
}

static void signer_free(struct signer *s)
{
    EVP_PKEY_free(s->key);
    free(s->chain);
}

// r and s of a signature, as hex.
static void sign(EVP_PKEY *key, const char *body, char hex[129])
{
    uint8_t raw[64];
    sign_raw(key, body, strlen(body), raw);
    for (int i = 0; i < 64; i++)
        snprintf(hex + 2 * i, 3, "%02x", raw[i]);
}

// The platform's text with the first `from` replaced; malloc'ed. An empty `from` changes nothing.
static char *edited(enum attest_collateral_item item, const char *name, const char *from, const char *to)
{
    struct signed_json json;
    CHECK(signed_json_parse(maker.collateral.item[item], name, &json));
    char *old = strndup(json.body.data, json.body.size), *body = NULL;
    json_decref(json.value);
    char *at = old ? strstr(old, from) : NULL;
    if (!at) {
        fprintf(stderr, "the %s does not contain %s\n", name, from);
        exit(1);
    }
    CHECK(asprintf(&body, "%.*s%s%s", (int)(at - old), old, to, at + strlen(from)) > 0);
    free(old);
    return body;
}

static struct attest_verdict verdict;

static enum attest_result verify_signed(const struct signer *s, enum attest_collateral_item item,
                                        const char *from, const char *to)
{
    const char *name = item == ATTEST_TCB_INFO ? "tcbInfo" : "enclaveIdentity";
    char *body = edited(item, name, from, to), *text = NULL, hex[129];
    struct attest_collateral c = maker.collateral;
    sign(s->key, body, hex);
    CHECK(asprintf(&text, "{\"%s\":%s,\"signature\":\"%s\"}", name, body, hex) > 0);
    c.item[item] = (struct attest_bytes){text, strlen(text)};
    c.item[item + 1] = (struct attest_bytes){s->chain, strlen(s->chain)};
    const int r = attest_verify_quote(quote, quote_size, &c, maker.time, &accept_all, &verdict);
    CHECK(!r == (verdict.result == ATTEST_OK));
    free(body);
    free(text);
    return verdict.result;
}

static struct signer good;

#define CHECK_TCB(wanted, from, to)                                                                          \
    do {                                                                                                     \
        (void)verify_signed(&good, ATTEST_TCB_INFO, from, to);                                               \
        CHECK_RESULT(verdict, wanted);                                                                       \
    } while (0)
#define CHECK_QE(wanted, from, to)                                                                           \
    do {                                                                                                     \
        (void)verify_signed(&good, ATTEST_QE_IDENTITY, from, to);                                            \
        CHECK_RESULT(verdict, wanted);                                                                       \
    } while (0)

static void test_tcb_info_fields(void)
{
    CHECK_TCB(ATTEST_OK, "", "");
    CHECK_TCB(ATTEST_TCB_INFO_MISMATCH, "\"fmspc\":\"4D", "\"fmspc\":\"4E");
    CHECK_TCB(ATTEST_TCB_INFO_MISMATCH, "\"pceId\":\"0000\"", "\"pceId\":\"0001\"");
    CHECK_TCB(ATTEST_TCB_INFO_MISMATCH, "\"pceId\":\"0000\",", "");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "\"id\":\"SGX\"", "\"id\":\"TDX\""); // without TDX components
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "\"id\":\"SGX\"", "\"id\":\"sgx\"");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "\"version\":3", "\"version\":4");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "\"tcbType\":0", "\"tcbType\":1");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "\"tcbType\":0", "\"tcbType\":0,\"tcbType\":0"); // a member twice
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "UpToDate", "Excellent");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "{\"svn\":6}", "{\"svn\":65536}");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "{\"svn\":6},", "");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z");
    CHECK_TCB(ATTEST_TCB_INFO_MALFORMED, "\"UpToDate\"", "\"UpToDate\",\"advisoryIDs\":[\"a,b\"]");
    CHECK_TCB(ATTEST_TCB_INFO_EXPIRED, "\"issueDate\":\"20", "\"issueDate\":\"21");
    CHECK_TCB(ATTEST_TCB_INFO_EXPIRED, "\"nextUpdate\":\"202", "\"nextUpdate\":\"201");
    CHECK_QE(ATTEST_QE_IDENTITY_EXPIRED, "\"issueDate\":\"20", "\"issueDate\":\"21");
    CHECK_QE(ATTEST_QE_IDENTITY_EXPIRED, "\"nextUpdate\":\"202", "\"nextUpdate\":\"201");
}

static void test_tcb_levels(void)
{
    for (unsigned i = 0; i < ATTEST_TCB_STATUSES; i++) {
        char text[64];
        snprintf(text, sizeof(text), "\"%s\"", attest_tcb_status_name((enum attest_tcb_status)i));
        CHECK_TCB(i > ATTEST_TCB_REVOKED    ? ATTEST_TCB_INFO_MALFORMED // nothing that Intel publishes
                  : i == ATTEST_TCB_REVOKED ? ATTEST_TCB_IS_REVOKED
                                            : ATTEST_OK,
                  "\"UpToDate\"", text);
        CHECK(verdict.result || verdict.tcb_status == (enum attest_tcb_status)i);
    }
    CHECK_TCB(ATTEST_OK, "{\"svn\":6}", "{\"svn\":7}"); // the first level is too high now: the second
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE && !strncmp(verdict.tcb_date, "2025", 4));
    CHECK_TCB(ATTEST_OK, "{\"svn\":0}],\"pcesvn\"",
              "{\"svn\":1}],\"pcesvn\""); // the last component counts, too
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE);
    CHECK_TCB(ATTEST_OK, "\"pcesvn\":", "\"pcesvn\":9");
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE);
    CHECK_TCB(
        ATTEST_TCB_NOT_SUPPORTED, "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":6},",
        "\"tcbLevels\":[{\"tcb\":{\"pcesvn\":0,\"sgxtcbcomponents\":["
        "{\"svn\":255},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},"
        "{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0},{\"svn\":0}]},"
        "\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}],\"ignored\":[{\"tcb\":{\"x\":[{"
        "\"svn\":6},");
    CHECK_TCB(ATTEST_OK, "\"UpToDate\"", "\"UpToDate\",\"advisoryIDs\":[\"B-2\",\"A-1\",\"B-2\"]");
    CHECK(!strcmp(verdict.advisory_ids, "A-1,B-2"));
}

static void test_qe_identity(void)
{
    CHECK_QE(ATTEST_OK, "", "");
    CHECK_QE(ATTEST_QE_IDENTITY_MISMATCH, "\"id\":\"QE\"", "\"id\":\"TD_QE\"");
    CHECK_QE(ATTEST_QE_IDENTITY_MALFORMED, "\"version\":2", "\"version\":3");
    CHECK_QE(ATTEST_QE_IDENTITY_MISMATCH, "\"miscselect\":\"00", "\"miscselect\":\"01");
    CHECK_QE(ATTEST_QE_IDENTITY_MISMATCH, "\"attributes\":\"11", "\"attributes\":\"13");
    CHECK_QE(ATTEST_QE_IDENTITY_MISMATCH, "\"isvprodid\":1", "\"isvprodid\":2");
    CHECK_QE(ATTEST_QE_IDENTITY_MALFORMED, "\"mrsigner\":\"", "\"mrsigner\":\"00\",\"ignored\":\"");
    CHECK_QE(
        ATTEST_QE_IDENTITY_MISMATCH, "\"mrsigner\":",
        "\"mrsigner\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"ignored\":");
    CHECK_QE(ATTEST_OK, "\"attributesMask\":\"FB",
             "\"attributesMask\":\"FB"); // in memory order: bit 2 is MODE64BIT
}

// The quoting enclave's status and the platform's make one.
static void test_qe_levels(void)
{
    CHECK_QE(ATTEST_OK, "\"UpToDate\"", "\"OutOfDate\",\"advisoryIDs\":[\"QE-1\"]");
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE && !strcmp(verdict.advisory_ids, "QE-1"));
    CHECK_QE(ATTEST_TCB_IS_REVOKED, "\"UpToDate\"", "\"Revoked\"");
    CHECK_QE(ATTEST_OK, "{\"isvsvn\":", "{\"isvsvn\":9");
    CHECK(verdict.tcb_status == ATTEST_TCB_OUT_OF_DATE); // the second level
    CHECK_QE(ATTEST_TCB_NOT_SUPPORTED, "\"tcbLevels\":[",
             "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":65535},\"tcbDate\":"
             "\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}],\"ignored\":[");
    CHECK(tcb_converge(ATTEST_TCB_CONFIGURATION_NEEDED, ATTEST_TCB_OUT_OF_DATE) ==
          ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED);
    CHECK(tcb_converge(ATTEST_TCB_SW_HARDENING_NEEDED, ATTEST_TCB_OUT_OF_DATE) == ATTEST_TCB_OUT_OF_DATE);
    CHECK(tcb_converge(ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, ATTEST_TCB_OUT_OF_DATE) ==
          ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED);
    CHECK(tcb_converge(ATTEST_TCB_REVOKED, ATTEST_TCB_UP_TO_DATE) == ATTEST_TCB_REVOKED);
}

// A platform's certificate must not sign what is said about platforms, and a stranger must not at all.
static void test_signers(void)
{
    struct signer pck = signer_new(CERTIFICATE_PCK), stranger = signer_new(CERTIFICATE_TCB_SIGNING);
    CHECK(verify_signed(&pck, ATTEST_TCB_INFO, "", "") == ATTEST_TCB_INFO_CHAIN_INVALID);
    CHECK(verify_signed(&pck, ATTEST_QE_IDENTITY, "", "") == ATTEST_QE_IDENTITY_CHAIN_INVALID);
    EVP_PKEY *key = stranger.key;
    stranger.key = good.key; // not the certificate's
    CHECK(verify_signed(&stranger, ATTEST_TCB_INFO, "", "") == ATTEST_TCB_INFO_SIGNATURE);
    CHECK(verify_signed(&stranger, ATTEST_QE_IDENTITY, "", "") == ATTEST_QE_IDENTITY_SIGNATURE);
    stranger.key = key;
    signer_free(&pck);
    signer_free(&stranger);
}

// The certification data of a quote is not signed: anybody can put another chain there.
static enum attest_result verify_with_pck_chain(const char *chain)
{
    enum {
        SIZE_AT = 432,
        CERTIFICATION_AT = 436 + 576 + 2 + 32
    }; // with the emulator's 32 bytes of authentication data
    const uint32_t size = (uint32_t)strlen(chain), rest = 576 + 2 + 32 + 6 + size;
    uint8_t *other = malloc(CERTIFICATION_AT + 6 + size);
    CHECK(other && quote[436 + 576] == 32);
    memcpy(other, quote, CERTIFICATION_AT + 2);
    memcpy(other + SIZE_AT, &rest, 4);
    memcpy(other + CERTIFICATION_AT + 2, &size, 4);
    memcpy(other + CERTIFICATION_AT + 6, chain, size);
    (void)attest_verify_quote(other, CERTIFICATION_AT + 6 + size, &maker.collateral, maker.time, &accept_all,
                              &verdict);
    free(other);
    return verdict.result;
}

static void test_pck_chains(void)
{
    struct signer pck = signer_new(CERTIFICATE_PCK), signing = signer_new(CERTIFICATE_TCB_SIGNING);
    CHECK(verify_with_pck_chain(pck.chain) == ATTEST_PCK_CHAIN_INVALID); // directly under the root
    CHECK(verify_with_pck_chain(signing.chain) == ATTEST_PCK_CHAIN_INVALID);
    CHECK(verify_with_pck_chain("") == ATTEST_PCK_CHAIN_MISSING);
    CHECK(verify_with_pck_chain("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n") ==
          ATTEST_PCK_CHAIN_MALFORMED);
    signer_free(&pck);
    signer_free(&signing);
}

// Base64 has unused bits before its padding: a place for bytes that do not count.
static void test_pem_padding(void)
{
    struct signer s = {0};
    char *padding;
    do {
        signer_free(&s);
        s = signer_new(CERTIFICATE_PCK);
    } while (!(padding = strchr(s.chain, '=')) || padding > strstr(s.chain, "-----END"));
    CHECK(verify_with_pck_chain(s.chain) == ATTEST_PCK_CHAIN_INVALID);
    padding[-1]++; // the used bits of an honest last character stay the same
    CHECK(verify_with_pck_chain(s.chain) == ATTEST_PCK_CHAIN_MALFORMED);
    signer_free(&s);
}

// Other certificates in a chain than those of its path.
static void test_riders(void)
{
    struct signer rider = signer_new(CERTIFICATE_PCK_CA);
    char *chain = NULL, *own = good.chain;
    CHECK(asprintf(&chain, "%s%s", own, rider.chain) > 0);
    good.chain = chain;
    CHECK_TCB(ATTEST_TCB_INFO_CHAIN_INVALID, "", "");
    good.chain = own;
    CHECK_TCB(ATTEST_OK, "", "");
    free(chain);
    signer_free(&rider);
}

int main(void)
{
    const uint8_t report_data[64] = {7};
    maker_open(&maker);
    BIO *key_file = BIO_new_file(TEST_ROOT "/root_key.pem", "r"),
        *root_file = BIO_new_file(TEST_ROOT "/root.pem", "r");
    CHECK(key_file && root_file && (root_key = PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL)));
    CHECK((root = PEM_read_bio_X509(root_file, NULL, NULL, NULL)));
    CHECK(!maker_quote(&maker, report_data, &quote, &quote_size));
    good = signer_new(CERTIFICATE_TCB_SIGNING);
    test_tcb_info_fields();
    test_tcb_levels();
    test_qe_identity();
    test_qe_levels();
    test_signers();
    test_riders();
    test_pck_chains();
    test_pem_padding();
    signer_free(&good);
    EVP_PKEY_free(root_key);
    X509_free(root);
    BIO_free(key_file);
    BIO_free(root_file);
    free(quote);
    maker_close(&maker);
    return 0;
}
