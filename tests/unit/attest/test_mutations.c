// SPDX-License-Identifier: MIT
//
// Every real quote that is to be accepted, with its collateral: in all of their parts bytes are changed and ends cut off, and
// each time the answer is no, for a reason of that part. The time of verification goes to the first and to the last second of
// everything, and one further.
#include <openssl/pem.h>
#include <time.h>

#include "attest/quote.h"
#include "tests/unit/attest/evidence_files.h"
#include "tests/unit/attest/manifest.h"

enum { SAMPLES = 10 };

static const struct attest_policy accept_all = {
    .accept_tees = ATTEST_ANY_TEE, .accept_debug = true, .accept_tcb = ACCEPT_ANY_TCB};

struct sample {
    const char *name;
    struct file quote;
    struct collateral_set set;
    int64_t time;
};

// A part, and what its damage may be called.
struct part {
    const char *name;
    uint8_t *bytes;
    size_t size;
    const enum attest_result *reasons; // ends with ATTEST_OK
};

static int changes;

static enum attest_result judge(const struct sample *s, int64_t time)
{
    struct attest_verdict v;
    const int r = attest_verify_quote(s->quote.bytes, s->quote.size, &s->set.collateral, time, &accept_all, &v);
    CHECK(!r == (v.result == ATTEST_OK));
    return v.result;
}

static void expect(const struct sample *s, const struct part *p, size_t at, const char *what)
{
    const enum attest_result result = judge(s, s->time);
    changes++;
    for (const enum attest_result *wanted = p->reasons; *wanted; wanted++)
        if (result == *wanted)
            return;
    fprintf(stderr, "%s: %s, byte %zu of %zu %s: %s\n", s->name, p->name, at, p->size, what, attest_result_name(result));
    exit(1);
}

static void change_part(const struct sample *s, const struct part *p)
{
    static const uint8_t masks[] = {0x01, 0x20, 0x80, 0xff, 0x04};
    const size_t step = p->size / SAMPLES + 1;
    for (size_t i = changes % step, n = (size_t)changes; i < p->size; i += step, n++) {
        const uint8_t old = p->bytes[i];
        if (!old && i + 1 == p->size)
            continue; // texts may end with zeros or with spaces
        p->bytes[i] ^= masks[n % sizeof(masks)];
        expect(s, p, i, "changed");
        p->bytes[i] = old;
    }
}

static void cut_item(struct sample *s, enum attest_collateral_item item, const struct part *p)
{
    struct attest_bytes *bytes = &s->set.collateral.item[item];
    const size_t size = bytes->size;
    for (size_t i = 1; i <= 3; i++) {
        bytes->size = size * i / 4;
        expect(s, p, bytes->size, "is the end");
    }
    bytes->size = size;
}

static void change_collateral(struct sample *s)
{
    static const struct {
        const char *name;
        enum attest_result reasons[3];
    } items[] = {
        [ATTEST_TCB_INFO] = {"TCB info", {ATTEST_TCB_INFO_MALFORMED, ATTEST_TCB_INFO_SIGNATURE}},
        [ATTEST_TCB_INFO_CHAIN] = {"TCB info's signer", {ATTEST_TCB_INFO_CHAIN_INVALID}},
        [ATTEST_QE_IDENTITY] = {"QE identity", {ATTEST_QE_IDENTITY_MALFORMED, ATTEST_QE_IDENTITY_SIGNATURE}},
        [ATTEST_QE_IDENTITY_CHAIN] = {"QE identity's signer", {ATTEST_QE_IDENTITY_CHAIN_INVALID}},
        [ATTEST_PCK_CRL] = {"PCK CRL", {ATTEST_CRL_INVALID, ATTEST_CRL_EXPIRED}},
        [ATTEST_PCK_CRL_CHAIN] = {"PCK CRL's issuer", {ATTEST_CRL_INVALID, ATTEST_CRL_EXPIRED}},
        [ATTEST_ROOT_CA_CRL] = {"root CA CRL", {ATTEST_CRL_INVALID, ATTEST_CRL_EXPIRED}},
    };
    for (int i = 0; i <= ATTEST_ROOT_CA_CRL; i++) {
        const struct part p = {items[i].name, s->set.files[i].bytes, s->set.files[i].size, items[i].reasons};
        if (!p.size)
            continue;
        change_part(s, &p);
        cut_item(s, (enum attest_collateral_item)i, &p);
    }
}

// The parts of a quote, as the formats of Intel have them.
static void change_quote(struct sample *s)
{
    static const enum attest_result signed_part[] = {ATTEST_QUOTE_SIGNATURE,      ATTEST_QUOTE_MALFORMED,
                                                     ATTEST_QUOTE_UNSUPPORTED,    ATTEST_TCB_INFO_MISMATCH,
                                                     ATTEST_QE_IDENTITY_MISMATCH, ATTEST_OK};
    static const enum attest_result length[] = {ATTEST_QUOTE_MALFORMED, ATTEST_OK};
    static const enum attest_result signature[] = {ATTEST_QUOTE_SIGNATURE, ATTEST_OK};
    static const enum attest_result binding[] = {ATTEST_QE_REPORT_BINDING, ATTEST_OK};
    static const enum attest_result report[] = {ATTEST_QE_REPORT_SIGNATURE, ATTEST_OK};
    static const enum attest_result head[] = {ATTEST_QUOTE_MALFORMED, ATTEST_PCK_CHAIN_MISSING, ATTEST_OK};
    static const enum attest_result chain[] = {ATTEST_PCK_CHAIN_MALFORMED, ATTEST_PCK_CHAIN_INVALID,
                                               ATTEST_PCK_CHAIN_UNTRUSTED, ATTEST_CRL_INVALID, ATTEST_OK};
    struct quote q;
    struct attest_verdict v;
    CHECK(!quote_parse((struct attest_bytes){s->quote.bytes, s->quote.size}, &q, &v));
    uint8_t *p = s->quote.bytes + q.signed_part.size, *const end = s->quote.bytes + q.size;
    struct part parts[] = {
        {"header and body", s->quote.bytes, q.signed_part.size, signed_part},
        {"length", p, 4, length},
        {"signature", p + 4, 64, signature},
        {"attestation key", p + 68, 64, binding},
        {"head of certification data", p + 132, q.header.version > 3 ? 6 : 0, length},
        {"QE report", NULL, 384, report},
        {"QE report's signature", NULL, 64, report},
        {"length of authentication data", NULL, 2, head},
        {"authentication data", NULL, q.authentication_data.size, binding},
        {"head of the chain", NULL, 6, head},
        {"PCK chain", NULL, q.certification_data.size, chain},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (!parts[i].bytes)
            parts[i].bytes = parts[i - 1].bytes + parts[i - 1].size;
        CHECK(parts[i].bytes + parts[i].size <= end);
        change_part(s, &parts[i]);
    }
    CHECK(parts[10].bytes + parts[10].size == end);
}

// From and until when everything holds: told by OpenSSL and by the text of JSON.
struct window {
    int64_t begin, end;
};

static void narrow(struct window *w, int64_t begin, int64_t end)
{
    w->begin = begin > w->begin ? begin : w->begin;
    w->end = end < w->end ? end : w->end;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm tm;
    CHECK(ASN1_TIME_to_tm(time, &tm) == 1);
    return (int64_t)timegm(&tm);
}

static void narrow_by_certificates(struct window *w, const void *text, size_t size)
{
    BIO *bio = BIO_new_mem_buf(text, (int)size);
    X509 *one;
    while ((one = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (X509_NAME_cmp(X509_get_subject_name(one), X509_get_issuer_name(one))) // roots are trusted as they are built in
            narrow(w, seconds_of(X509_get0_notBefore(one)), seconds_of(X509_get0_notAfter(one)));
        X509_free(one);
    }
    BIO_free(bio);
}

static void narrow_by_list(struct window *w, const struct file *file)
{
    const unsigned char *p = file->bytes;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)file->size);
    CHECK(crl);
    narrow(w, seconds_of(X509_CRL_get0_lastUpdate(crl)), seconds_of(X509_CRL_get0_nextUpdate(crl)));
    X509_CRL_free(crl);
}

static int64_t json_time(const struct file *file, const char *key)
{
    struct tm tm = {0};
    const char *at = strstr((const char *)file->bytes, key);
    CHECK(at && (at = strchr(at + strlen(key), ':')) && (at = strchr(at, '"')) && strptime(at + 1, "%Y-%m-%dT%H:%M:%SZ", &tm));
    return (int64_t)timegm(&tm);
}

static void check_edges(const struct sample *s)
{
    struct window w = {INT64_MIN, INT64_MAX};
    const struct file *files = s->set.files;
    const uint8_t *chain = memmem(s->quote.bytes, s->quote.size, "-----BEGIN", 10);
    CHECK(chain);
    narrow_by_certificates(&w, chain, (size_t)(s->quote.bytes + s->quote.size - chain));
    narrow_by_certificates(&w, files[ATTEST_TCB_INFO_CHAIN].bytes, files[ATTEST_TCB_INFO_CHAIN].size);
    narrow_by_list(&w, &files[ATTEST_PCK_CRL]);
    narrow_by_list(&w, &files[ATTEST_ROOT_CA_CRL]);
    for (int i = ATTEST_TCB_INFO; i <= ATTEST_QE_IDENTITY; i += ATTEST_QE_IDENTITY - ATTEST_TCB_INFO)
        narrow(&w, json_time(&files[i], "\"issueDate\""), json_time(&files[i], "\"nextUpdate\""));
    printf("%s: %lld to %lld\n", s->name, (long long)w.begin, (long long)w.end);
    CHECK(w.begin <= s->time && s->time <= w.end);
    CHECK(judge(s, w.begin) == ATTEST_OK && judge(s, w.begin - 1) != ATTEST_OK);
    CHECK(judge(s, w.end) == ATTEST_OK && judge(s, w.end + 1) != ATTEST_OK);
}

static int samples;

static void check_row(const char *columns[COLUMNS])
{
    const char *set_name = columns[COLUMN_SET];
    if (strncmp(columns[COLUMN_KIND], "quote v", 7) || !strncmp(columns[COLUMN_FILE], "negative/", 9) || !*set_name ||
        strstr(set_name, "crl") || strncmp(columns[COLUMN_EXPECTED], "VERIFIES", 8))
        return;
    struct sample s = {.name = columns[COLUMN_FILE], .time = atoll(columns[COLUMN_TIME])};
    CHECK(file_load(".", columns[COLUMN_FILE], &s.quote));
    collateral_load(set_name, &s.set);
    CHECK(judge(&s, s.time) == ATTEST_OK);
    check_edges(&s);
    change_quote(&s);
    change_collateral(&s);
    CHECK(judge(&s, s.time) == ATTEST_OK);
    free(s.quote.bytes);
    collateral_unload(&s.set);
    samples++;
}

int main(void)
{
    if (!evidence_folder()) {
        fprintf(stderr, "skipped: the collection of real evidence is not there (%s)\n", EVIDENCE);
        return SKIPPED;
    }
    each_row("MANIFEST.tsv", check_row);
    printf("%d quotes, %d changes\n", samples, changes);
    CHECK(samples >= 20 && changes > 2000);
    return 0;
}
