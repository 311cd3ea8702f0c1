// SPDX-License-Identifier: MIT
//
// The layout of a SEV-SNP report (AMD: SEV-SNP firmware ABI specification, "ATTESTATION_REPORT"), versions 2
// to 5. Numbers are little-endian; so are the two of the signature, which stand in 72 bytes each.
#include "attest/bytes.h"
#include "attest/snp.h"
#include "attest/verdict.h"

enum { FLAG_AUTHOR_KEY = 1, FLAG_MASK_CHIP_KEY = 2, SIGNING_KEY_SHIFT = 2, SIGNING_KEY_MASK = 7 };
enum { SIGNING_KEY_VCEK = 0, SIGNING_KEY_VLEK = 1, FLAGS_KNOWN = 0x1f };
enum { ALGORITHM_ECDSA_P384_SHA384 = 1, POLICY_RESERVED_ONE = 17 };
enum { FIRST_CPUID_VERSION = 3, FIRST_MITIGATION_VERSION = 5, LAST_VERSION = 5 };

static bool read_zeros(struct reader *in, size_t size)
{
    struct attest_bytes bytes;
    return read_bytes(in, size, &bytes) && only_zeros(bytes.data, size);
}

static bool read_u8(struct reader *in, uint8_t *ret)
{
    return read_copy(in, ret, 1);
}

struct head { // of which the verifier wants no more than its form
    uint32_t algorithm, flags;
};

static bool read_identity(struct reader *in, struct snp_report *report, struct head *head)
{
    struct attest_snp *c = &report->claims;
    return read_u32(in, &c->version) && read_u32(in, &c->guest_svn) && read_u64(in, &c->policy) &&
           read_copy(in, c->family_id, sizeof(c->family_id)) &&
           read_copy(in, c->image_id, sizeof(c->image_id)) && read_u32(in, &c->vmpl) &&
           read_u32(in, &head->algorithm) && read_copy(in, c->current_tcb, sizeof(c->current_tcb)) &&
           read_u64(in, &c->platform_info) && read_u32(in, &head->flags) && read_zeros(in, 4) &&
           read_copy(in, report->report_data, sizeof(report->report_data)) &&
           read_copy(in, c->measurement, sizeof(c->measurement)) &&
           read_copy(in, c->host_data, sizeof(c->host_data)) &&
           read_copy(in, c->id_key_digest, sizeof(c->id_key_digest)) &&
           read_copy(in, c->author_key_digest, sizeof(c->author_key_digest)) &&
           read_copy(in, c->report_id, sizeof(c->report_id)) &&
           read_copy(in, c->report_id_ma, sizeof(c->report_id_ma));
}

static bool read_platform(struct reader *in, struct attest_snp *c)
{
    const bool cpuid = c->version >= FIRST_CPUID_VERSION,
               mitigations = c->version >= FIRST_MITIGATION_VERSION;
    return read_copy(in, c->reported_tcb, sizeof(c->reported_tcb)) &&
           (cpuid ? read_u8(in, &c->cpuid_family) && read_u8(in, &c->cpuid_model) &&
                        read_u8(in, &c->cpuid_stepping)
                  : read_zeros(in, 3)) &&
           read_zeros(in, 21) && read_copy(in, c->chip_id, sizeof(c->chip_id)) &&
           read_copy(in, c->committed_tcb, sizeof(c->committed_tcb)) &&
           read_copy(in, c->current_version, sizeof(c->current_version)) && read_zeros(in, 1) &&
           read_copy(in, c->committed_version, sizeof(c->committed_version)) && read_zeros(in, 1) &&
           read_copy(in, c->launch_tcb, sizeof(c->launch_tcb)) &&
           (mitigations ? read_u64(in, &c->launch_mitigations) && read_u64(in, &c->current_mitigations)
                        : read_zeros(in, 16)) &&
           read_zeros(in, 152);
}

static bool read_number(struct reader *in, uint8_t ret_number[48])
{
    uint8_t little[48];
    if (!read_copy(in, little, sizeof(little)) || !read_zeros(in, 24))
        return false;
    for (size_t i = 0; i < sizeof(little); i++)
        ret_number[i] = little[sizeof(little) - 1 - i];
    return true;
}

static int check_form(struct snp_report *report, const struct head *head, struct attest_verdict *v)
{
    struct attest_snp *c = &report->claims;
    const unsigned key = head->flags >> SIGNING_KEY_SHIFT & SIGNING_KEY_MASK;
    if (head->algorithm != ALGORITHM_ECDSA_P384_SHA384)
        return refuse(v, ATTEST_REPORT_UNSUPPORTED,
                      "the report's signature is of algorithm %u, not ECDSA P-384 with SHA-384",
                      head->algorithm);
    if (!(c->policy >> POLICY_RESERVED_ONE & 1) || (head->flags & ~(uint32_t)FLAGS_KNOWN))
        return refuse(v, ATTEST_REPORT_MALFORMED, "reserved bits of the report are not what they must be");
    if (key != SIGNING_KEY_VCEK && key != SIGNING_KEY_VLEK)
        return refuse(v, ATTEST_REPORT_UNSUPPORTED, "the report is signed by no key that can be checked (%u)",
                      key);
    c->author_key_enabled = head->flags & FLAG_AUTHOR_KEY;
    c->chip_key_masked = head->flags & FLAG_MASK_CHIP_KEY;
    c->vlek = key == SIGNING_KEY_VLEK;
    return 0;
}

bool snp_report_looks_like(struct attest_bytes input)
{
    struct reader in = {input.data, input.size};
    uint32_t version; // a quote has its kind of key in the upper half
    return read_u32(&in, &version) && version >= 2 && version < 0x100;
}

int snp_report_parse(struct attest_bytes input, struct snp_report *report, struct attest_verdict *v)
{
    struct reader in = {input.data, input.size};
    struct head head;
    memset(report, 0, sizeof(*report));
    if (input.size < SNP_REPORT_SIZE)
        return refuse(v, ATTEST_REPORT_MALFORMED, "%zu bytes are too few for a SEV-SNP report", input.size);
    if (!read_identity(&in, report, &head))
        return refuse(v, ATTEST_REPORT_MALFORMED, "reserved bytes of the report are not zero");
    if (report->claims.version < 2 || report->claims.version > LAST_VERSION)
        return refuse(v, ATTEST_REPORT_UNSUPPORTED, "report version %u; only versions 2 to %u are understood",
                      report->claims.version, (unsigned)LAST_VERSION);
    const int r = check_form(report, &head, v);
    if (r)
        return r;
    if (!read_platform(&in, &report->claims) || !read_number(&in, report->r) ||
        !read_number(&in, report->s) || !read_zeros(&in, 368))
        return refuse(v, ATTEST_REPORT_MALFORMED, "reserved bytes of the report are not zero");
    report->signed_part = (struct attest_bytes){input.data, SNP_SIGNED_SIZE};
    report->rest = (struct attest_bytes){in.p, in.left};
    return 0;
}

bool snp_tcb_component(bool turin, const uint8_t tcb[8], enum snp_component component, uint8_t *ret_svn)
{
    static const int8_t places[2][SNP_COMPONENTS] = {
        {[SNP_FMC] = -1, [SNP_BOOT_LOADER] = 0, [SNP_TEE] = 1, [SNP_FIRMWARE] = 6, [SNP_MICROCODE] = 7},
        {[SNP_FMC] = 0, [SNP_BOOT_LOADER] = 1, [SNP_TEE] = 2, [SNP_FIRMWARE] = 3, [SNP_MICROCODE] = 7}};
    const int place = places[turin][component];
    if (place >= 0)
        *ret_svn = tcb[place];
    return place >= 0;
}
