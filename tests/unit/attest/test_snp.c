// SPDX-License-Identifier: MIT
//
// Real SEV-SNP reports with the certificates of their keys: the verdicts that the collection's manifest
// tells, every byte of a report changed, keys of other chips, a revoked CA, and policies.
#include "attest/snp.h"
#include "tests/unit/attest/evidence_files.h"
#include "tests/unit/attest/manifest.h"

static const struct attest_policy accept_all = {.accept_tees = ATTEST_ANY_TEE, .accept_debug = true};

struct sample {
    struct file report, vek;
    struct attest_collateral collateral;
    int64_t time;
};

static void sample_load(const char *name, int64_t time, struct sample *s)
{
    char file[128];
    *s = (struct sample){.time = time};
    snprintf(file, sizeof(file), "%s.report.bin", name);
    CHECK(file_load("snp-report", file, &s->report));
    snprintf(file, sizeof(file), "%s.vek.der", name);
    CHECK(file_load("snp-report", file, &s->vek));
    s->collateral.item[ATTEST_VEK] = (struct attest_bytes){s->vek.bytes, s->vek.size};
}

static void sample_unload(struct sample *s)
{
    free(s->report.bytes);
    free(s->vek.bytes);
}

static int sample_verify(const struct sample *s, const struct attest_policy *policy, struct attest_verdict *v)
{
    return attest_verify_evidence(s->report.bytes, s->report.size, &s->collateral, s->time, policy, v);
}

static void check_number(const char *text, const char *key, uint64_t number, int size)
{
    uint8_t big[8];
    for (int i = 0; i < size; i++)
        big[i] = (uint8_t)(number >> 8 * (size - 1 - i));
    check_hex(text, key, big, (size_t)size);
}

static void check_claims(const char *text, const struct attest_verdict *v)
{
    char decimal[64];
    const struct attest_snp *snp = &v->snp;
    snprintf(decimal, sizeof(decimal), "VERSION=%u GUEST_SVN=%u ", snp->version, snp->guest_svn);
    CHECK(strstr(text, decimal));
    check_number(text, "POLICY=", snp->policy, 8);
    check_number(text, "PLATFORM_INFO=", snp->platform_info, 8);
    check_hex(text, "REPORTED_TCB=", snp->reported_tcb, sizeof(snp->reported_tcb));
    check_hex(text, "CURRENT_TCB=", snp->current_tcb, sizeof(snp->current_tcb));
    check_hex(text, "COMMITTED_TCB=", snp->committed_tcb, sizeof(snp->committed_tcb));
    check_hex(text, "LAUNCH_TCB=", snp->launch_tcb, sizeof(snp->launch_tcb));
    check_hex(text, "MEASUREMENT=", snp->measurement, sizeof(snp->measurement));
    check_hex(text, "HOST_DATA=", snp->host_data, sizeof(snp->host_data));
    check_hex(text, "ID_KEY_DIGEST=", snp->id_key_digest, sizeof(snp->id_key_digest));
    check_hex(text, "CHIP_ID=", snp->chip_id, sizeof(snp->chip_id));
    check_hex(text, "REPORT_DATA=", v->report_data, sizeof(v->report_data));
}

static int accepted;

static void check_report(const char *columns[COLUMNS])
{
    struct sample s;
    struct attest_verdict v;
    char name[128];
    if (strncmp(columns[COLUMN_KIND], "SNP report", 10))
        return;
    snprintf(name, sizeof(name), "%s", columns[COLUMN_FILE] + strlen("snp-report/"));
    *strstr(name, ".report.bin") = 0;
    sample_load(name, atoll(columns[COLUMN_TIME]), &s);
    (void)sample_verify(&s, &accept_all, &v);
    printf("%s: %s: %s\n", name, attest_result_name(v.result), v.reason);
    CHECK(!strncmp(columns[COLUMN_EXPECTED], "VERIFIES", 8));
    CHECK_RESULT(v, ATTEST_OK);
    CHECK(v.tee == ATTEST_SNP && v.quote_size == SNP_REPORT_SIZE && v.tcb_status == ATTEST_TCB_NOT_STATED);
    CHECK(v.snp.vlek == (strstr(columns[COLUMN_KIND], "VLEK") != NULL) && !v.snp.crl_checked);
    CHECK(strstr(columns[COLUMN_KIND], v.snp.product));
    check_claims(columns[COLUMN_IDENTITY], &v);
    s.time = 4102444800; // 2100: every certificate is over
    CHECK(sample_verify(&s, &accept_all, &v));
    CHECK_RESULT(v, ATTEST_VEK_CHAIN_EXPIRED);
    sample_unload(&s);
    accepted++;
}

static void check_mutations(const char *name, int64_t time)
{
    struct sample s;
    struct attest_verdict v;
    sample_load(name, time, &s);
    for (size_t i = 0; i < SNP_REPORT_SIZE; i++) {
        s.report.bytes[i] ^= 1;
        CHECK(attest_verify_report(s.report.bytes, s.report.size, &s.collateral, s.time, &accept_all, &v));
        CHECK(sample_verify(&s, &accept_all, &v) && v.result != ATTEST_OK && !v.snp.version);
        s.report.bytes[i] ^= 1;
    }
    for (size_t i = 0; i < s.vek.size; i++) {
        s.vek.bytes[i] ^= 1;
        CHECK(sample_verify(&s, &accept_all, &v));
        s.vek.bytes[i] ^= 1;
    }
    for (size_t size = 0; size < SNP_REPORT_SIZE; size++)
        CHECK(attest_verify_report(s.report.bytes, size, &s.collateral, s.time, &accept_all, &v));
    CHECK(!sample_verify(&s, &accept_all, &v));
    sample_unload(&s);
}

static void check_other_keys(void)
{
    struct sample s, other;
    struct attest_verdict v;
    sample_load("virtee-milan-v2", 1683141823, &s);
    sample_load("trustee-milan-v2", 1683141823, &other);
    CHECK(sample_verify(&(struct sample){s.report, other.vek, other.collateral, s.time}, &accept_all, &v));
    CHECK_RESULT(v, ATTEST_REPORT_SIGNATURE);
    sample_unload(&other);
    sample_load("trustee-milan-v3-vlek", 1736460861, &other);
    CHECK(
        sample_verify(&(struct sample){s.report, other.vek, other.collateral, other.time}, &accept_all, &v));
    CHECK_RESULT(v, ATTEST_VEK_MISMATCH);
    sample_unload(&other);
    s.collateral.item[ATTEST_VEK].size = 0;
    CHECK(sample_verify(&s, &accept_all, &v));
    CHECK_RESULT(v, ATTEST_VEK_MISSING);
    static const char *const forged[] = {"snp_test-vcek-invalid-legacy.der", "snp_test-vcek-invalid-new.der"};
    for (int i = 0; i < 2; i++) {
        struct file vek;
        CHECK(file_load("negative", forged[i], &vek));
        s.collateral.item[ATTEST_VEK] = (struct attest_bytes){vek.bytes, vek.size};
        CHECK(sample_verify(&s, &accept_all, &v));
        CHECK(v.result == ATTEST_VEK_CHAIN_UNTRUSTED || v.result == ATTEST_VEK_MALFORMED);
        free(vek.bytes);
    }
    sample_unload(&s);
}

// The chain functions alone, because no report of a key under the revoked CA is known.
static void check_turin(void)
{
    struct file file;
    struct vek vek;
    struct attest_verdict v = {0};
    bool crl_checked = false;
    CHECK(file_load("snp-report", "virtee-turin.vcek.der", &file));
    X509 *leaf = certificate_parse((struct attest_bytes){file.bytes, file.size});
    CHECK(leaf && vek_parse(leaf, &vek) && !strcmp(vek.product, "Turin") && vek.has_spl[SNP_FMC]);
    CHECK(!vek_chain_verify(leaf, &vek, NULL, (struct attest_bytes){0}, false, 1767225600, &crl_checked, &v));
    CHECK(vek_chain_verify(leaf, &vek, NULL, (struct attest_bytes){0}, true, 1767225600, &crl_checked, &v));
    CHECK_RESULT(v, ATTEST_COLLATERAL_MISSING);
    snprintf(vek.product, sizeof(vek.product), "Genoa");
    CHECK(vek_chain_verify(leaf, &vek, NULL, (struct attest_bytes){0}, false, 1767225600, &crl_checked, &v));
    CHECK_RESULT(v, ATTEST_VEK_CHAIN_UNTRUSTED);
    X509_free(leaf);
    free(file.bytes);
}

static void check_crl(void)
{
    struct sample s;
    struct file milan, genoa;
    struct attest_verdict v;
    struct attest_policy policy = accept_all;
    sample_load("gosev-milan-v2-debug", 1666572928, &s);
    CHECK(file_load("collateral/amd", "milan-crl-2022-05-09.der", &milan));
    CHECK(file_load("collateral/amd", "genoa-crl-2022-10-31.der", &genoa));
    policy.require_snp_crl = true;
    CHECK(sample_verify(&s, &policy, &v));
    CHECK_RESULT(v, ATTEST_COLLATERAL_MISSING);
    s.collateral.item[ATTEST_VEK_CRL] = (struct attest_bytes){milan.bytes, milan.size};
    CHECK(!sample_verify(&s, &policy, &v) && v.snp.crl_checked);
    for (size_t i = 0; i < 8 * milan.size; i++) { // parts of a CRL stand outside what is signed
        milan.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        CHECK(sample_verify(&s, &policy, &v));
        CHECK_RESULT(v, ATTEST_CRL_INVALID);
        milan.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    s.time = 1690000000;
    CHECK(sample_verify(&s, &policy, &v));
    CHECK_RESULT(v, ATTEST_CRL_EXPIRED);
    s.time = 1668000000; // in the time of both
    s.collateral.item[ATTEST_VEK_CRL] = (struct attest_bytes){genoa.bytes, genoa.size};
    CHECK(sample_verify(&s, &policy, &v));
    CHECK_RESULT(v, ATTEST_CRL_INVALID);
    sample_unload(&s);
    free(milan.bytes);
    free(genoa.bytes);
}

static void check_policies(void)
{
    struct sample s;
    struct attest_verdict v;
    struct attest_policy policy = {0};
    struct attest_value value = {.size = 48};
    sample_load("gosev-milan-v2-debug", 1666572928, &s);
    CHECK(sample_verify(&s, &policy, &v) == -EPERM);
    CHECK_RESULT(v, ATTEST_POLICY_TEE);
    policy.accept_tees = ATTEST_TEE_BIT(ATTEST_SNP);
    CHECK(sample_verify(&s, &policy, &v) == -EPERM && v.debug);
    CHECK_RESULT(v, ATTEST_POLICY_DEBUG);
    policy.accept_debug = true;
    policy.measurements = &value;
    policy.measurements_count = 1;
    CHECK(sample_verify(&s, &policy, &v));
    CHECK_RESULT(v, ATTEST_POLICY_MEASUREMENT);
    memcpy(value.bytes, v.snp.measurement, 48);
    CHECK(!sample_verify(&s, &policy, &v));
    uint8_t least[8];
    memcpy(least, v.snp.reported_tcb, 8);
    policy.snp_min_tcb = least;
    CHECK(!sample_verify(&s, &policy, &v));
    least[7]++;
    CHECK(sample_verify(&s, &policy, &v));
    CHECK_RESULT(v, ATTEST_POLICY_TCB_VERSION);
    sample_unload(&s);
    sample_load("trustee-milan-v3-vlek", 1736460861, &s);
    policy = (struct attest_policy){.accept_tees = ATTEST_ANY_TEE, .check_snp_vmpl = true};
    CHECK(sample_verify(&s, &policy, &v));
    CHECK_RESULT(v, ATTEST_POLICY_VMPL);
    policy.snp_max_vmpl = 1;
    CHECK(!sample_verify(&s, &policy, &v) && v.snp.csp_id[0]);
    const char *providers[2] = {"CN=nobody", ""};
    policy.snp_providers = providers;
    policy.snp_providers_count = 2;
    CHECK(sample_verify(&s, &policy, &v) == -EPERM);
    CHECK_RESULT(v, ATTEST_POLICY_PROVIDER);
    char own[sizeof(v.snp.csp_id)];
    memcpy(own, v.snp.csp_id, sizeof(own));
    providers[0] = own;
    CHECK(!sample_verify(&s, &policy, &v));
    sample_unload(&s);
    sample_load("virtee-milan-v2", 1683141823, &s); // the chip's own key is no provider's, not even one without a name's
    policy.check_snp_vmpl = false;
    CHECK(sample_verify(&s, &policy, &v) == -EPERM && !v.snp.csp_id[0]);
    CHECK_RESULT(v, ATTEST_POLICY_PROVIDER);
    sample_unload(&s);
}

// Certificates that came along with the key's: those of its path, and others.
static void check_beside(void)
{
    struct sample s, other;
    struct attest_verdict v;
    const struct {
        const char *name;
        enum attest_result result;
    } files[] = {{"ask_ark_milan.pem", ATTEST_OK},
                 {"ask_ark_milan_vlek.pem", ATTEST_VEK_CHAIN_INVALID},
                 {"ask_ark_genoa.pem", ATTEST_VEK_CHAIN_INVALID}};
    sample_load("virtee-milan-v2", 1683141823, &s);
    sample_load("trustee-milan-v2", 1683141823, &other);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct file beside, both;
        CHECK(file_load("roots/amd", files[i].name, &beside));
        both = (struct file){malloc(s.vek.size + beside.size), s.vek.size + beside.size};
        CHECK(both.bytes);
        memcpy(both.bytes, s.vek.bytes, s.vek.size);
        memcpy(both.bytes + s.vek.size, beside.bytes, beside.size);
        s.collateral.item[ATTEST_VEK] = (struct attest_bytes){both.bytes, both.size};
        CHECK(!sample_verify(&s, &accept_all, &v) == !files[i].result);
        CHECK_RESULT(v, files[i].result);
        free(both.bytes);
        free(beside.bytes);
    }
    uint8_t *both = malloc(s.vek.size + other.vek.size); // which of two keys it was is not for the verifier to choose
    CHECK(both);
    memcpy(both, s.vek.bytes, s.vek.size);
    memcpy(both + s.vek.size, other.vek.bytes, other.vek.size);
    s.collateral.item[ATTEST_VEK] = (struct attest_bytes){both, s.vek.size + other.vek.size};
    CHECK(sample_verify(&s, &accept_all, &v));
    CHECK_RESULT(v, ATTEST_VEK_MALFORMED);
    free(both);
    sample_unload(&other);
    sample_unload(&s);
}

// The guest driver's table behind the report, with the certificate in it.
static void check_table(void)
{
    static const uint8_t vcek[16] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
                                     0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
    struct sample s;
    struct attest_verdict v;
    sample_load("veraison-genoa-v3", 1747765896, &s);
    const uint32_t offset = 48, size = (uint32_t)s.vek.size;
    uint8_t *both = calloc(1, SNP_REPORT_SIZE + offset + size);
    CHECK(both);
    memcpy(both, s.report.bytes, SNP_REPORT_SIZE);
    memcpy(both + SNP_REPORT_SIZE, vcek, 16);
    memcpy(both + SNP_REPORT_SIZE + 16, &offset, 4);
    memcpy(both + SNP_REPORT_SIZE + 20, &size, 4);
    memcpy(both + SNP_REPORT_SIZE + offset, s.vek.bytes, size);
    const struct attest_collateral nothing = {0};
    CHECK(!attest_verify_evidence(both, SNP_REPORT_SIZE + offset + size, &nothing, s.time, &accept_all, &v));
    CHECK(
        attest_verify_evidence(both, SNP_REPORT_SIZE + offset + size - 1, &nothing, s.time, &accept_all, &v));
    CHECK_RESULT(v, ATTEST_VEK_MISSING);
    free(both);
    sample_unload(&s);
}

int main(void)
{
    if (!evidence_folder()) {
        fprintf(stderr, "skipped: the collection of real evidence is not there (%s)\n", EVIDENCE);
        return SKIPPED;
    }
    each_row("MANIFEST.tsv", check_report);
    CHECK(accepted >= 9);
    check_mutations("virtee-milan-v2", 1683141823);
    check_mutations("oak-genoa-v5", 1757179301);
    check_other_keys();
    check_turin();
    check_crl();
    check_policies();
    check_beside();
    check_table();
    return 0;
}
