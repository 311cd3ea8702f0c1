// SPDX-License-Identifier: MIT
//
// The data structures of the SGX architecture (SDM vol. 3D, chapter 38) as C types. Field names are the
// manual's in lower case. Little-endian, naturally aligned: no type here needs packing, and every size and
// offset that software outside this tree sees is asserted.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SGX_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define SGX_ASSERT_OFFSET(type, field, offset)                                                               \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field)

enum { SGX_PAGE_SIZE = 4096, SGX_HASH_SIZE = 32, SGX_KEY_SIZE = 16, SGX_MODULUS_SIZE = 384 };

// ATTRIBUTES.FLAGS
enum sgx_attribute {
    SGX_ATTRIBUTE_INIT = 1u << 0,
    SGX_ATTRIBUTE_DEBUG = 1u << 1,
    SGX_ATTRIBUTE_MODE64BIT = 1u << 2,
    SGX_ATTRIBUTE_PROVISIONKEY = 1u << 4,
    SGX_ATTRIBUTE_EINITTOKEN_KEY = 1u << 5,
    SGX_ATTRIBUTE_CET = 1u << 6,
    SGX_ATTRIBUTE_KSS = 1u << 7,
    SGX_ATTRIBUTE_AEXNOTIFY = 1u << 10,
};

struct sgx_attributes {
    uint64_t flags; // enum sgx_attribute
    uint64_t xfrm;
};
SGX_ASSERT_SIZE(struct sgx_attributes, 16);

enum { SGX_MISCSELECT_EXINFO = 1u << 0, SGX_XFRM_LEGACY = 3 };

// SECINFO.FLAGS. The EPCM of the software SGX keeps the same bits.
enum sgx_secinfo_flag {
    SGX_SECINFO_R = 1u << 0,
    SGX_SECINFO_W = 1u << 1,
    SGX_SECINFO_X = 1u << 2,
    SGX_SECINFO_RWX = 7u,
    SGX_SECINFO_PENDING = 1u << 3,
    SGX_SECINFO_MODIFIED = 1u << 4,
    SGX_SECINFO_PR = 1u << 5,
    SGX_SECINFO_TYPE = 0xff00u,
};

enum sgx_page_type {
    SGX_PT_SECS = 0,
    SGX_PT_TCS = 1,
    SGX_PT_REG = 2,
    SGX_PT_VA = 3,
    SGX_PT_TRIM = 4,
    SGX_PT_SS_FIRST = 5,
    SGX_PT_SS_REST = 6,
};
#define SGX_SECINFO_PT(type) ((uint64_t)(type) << 8)

struct sgx_secinfo {
    uint64_t flags;
    uint64_t reserved[7];
} __attribute__((aligned(64)));
SGX_ASSERT_SIZE(struct sgx_secinfo, 64);

struct sgx_secs {
    uint64_t size, base;
    uint32_t ssa_frame_size; // pages
    uint32_t miscselect;
    uint64_t cet_leg_bitmap_offset;
    uint8_t cet_attributes;
    uint8_t reserved1[15];
    struct sgx_attributes attributes;
    uint8_t mrenclave[SGX_HASH_SIZE];
    uint8_t reserved2[32];
    uint8_t mrsigner[SGX_HASH_SIZE];
    uint8_t reserved3[32];
    uint8_t configid[64];
    uint16_t isvprodid, isvsvn, configsvn;
    uint8_t reserved4[3834];
};
SGX_ASSERT_SIZE(struct sgx_secs, SGX_PAGE_SIZE);
SGX_ASSERT_OFFSET(struct sgx_secs, attributes, 48);
SGX_ASSERT_OFFSET(struct sgx_secs, mrsigner, 128);
SGX_ASSERT_OFFSET(struct sgx_secs, isvprodid, 256);

enum { SGX_TCS_DBGOPTIN = 1u << 0, SGX_TCS_AEXNOTIFY = 1u << 1 };

struct sgx_tcs { // the part that is not reserved; the page is zero behind it
    uint64_t state;
    uint64_t flags;
    uint64_t ossa; // offsets count from SECS.BASEADDR
    uint32_t cssa, nssa;
    uint64_t oentry;
    uint64_t aep;
    uint64_t ofsbase, ogsbase;
    uint32_t fslimit, gslimit;
    uint64_t ocetssa, prevssp;
};
SGX_ASSERT_SIZE(struct sgx_tcs, 88);
SGX_ASSERT_OFFSET(struct sgx_tcs, oentry, 32);
SGX_ASSERT_OFFSET(struct sgx_tcs, fslimit, 64);

struct sgx_gprsgx { // the last 184 bytes of an SSA frame
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags, rip;
    uint64_t ursp, urbp;
    uint32_t exitinfo;
    uint8_t reserved[3];
    uint8_t aexnotify;
    uint64_t fsbase, gsbase;
};
SGX_ASSERT_SIZE(struct sgx_gprsgx, 184);
SGX_ASSERT_OFFSET(struct sgx_gprsgx, rflags, 128);
SGX_ASSERT_OFFSET(struct sgx_gprsgx, exitinfo, 160);

#define SGX_EXITINFO_VALID    (1u << 31)
#define SGX_EXITINFO_HARDWARE (3u << 8) // EXIT_TYPE
#define SGX_EXITINFO_SOFTWARE (6u << 8)

struct sgx_exinfo { // before GPRSGX, when MISCSELECT says so
    uint64_t maddr;
    uint32_t errcd;
    uint32_t reserved;
};
SGX_ASSERT_SIZE(struct sgx_exinfo, 16);

struct sgx_sigstruct {
    uint8_t header[16];
    uint32_t vendor;
    uint32_t date; // BCD yyyymmdd
    uint8_t header2[16];
    uint32_t swdefined;
    uint8_t reserved1[84];
    uint8_t modulus[SGX_MODULUS_SIZE]; // numbers are little-endian
    uint32_t exponent;
    uint8_t signature[SGX_MODULUS_SIZE];
    uint32_t miscselect, miscmask;
    uint8_t cet_attributes, cet_attributes_mask;
    uint8_t reserved2[2];
    uint8_t isvfamilyid[16];
    struct sgx_attributes attributes, attributemask;
    uint8_t enclavehash[SGX_HASH_SIZE];
    uint8_t reserved3[16];
    uint8_t isvextprodid[16];
    uint16_t isvprodid, isvsvn;
    uint8_t reserved4[12];
    uint8_t q1[SGX_MODULUS_SIZE], q2[SGX_MODULUS_SIZE];
};
SGX_ASSERT_SIZE(struct sgx_sigstruct, 1808);
SGX_ASSERT_OFFSET(struct sgx_sigstruct, modulus, 128);
SGX_ASSERT_OFFSET(struct sgx_sigstruct, miscselect, 900);
SGX_ASSERT_OFFSET(struct sgx_sigstruct, attributes, 928);
SGX_ASSERT_OFFSET(struct sgx_sigstruct, enclavehash, 960);
SGX_ASSERT_OFFSET(struct sgx_sigstruct, isvprodid, 1024);
SGX_ASSERT_OFFSET(struct sgx_sigstruct, q1, 1040);

struct sgx_einittoken {
    uint32_t valid;
    uint8_t reserved1[44];
    struct sgx_attributes attributes;
    uint8_t mrenclave[SGX_HASH_SIZE];
    uint8_t reserved2[32];
    uint8_t mrsigner[SGX_HASH_SIZE];
    uint8_t reserved3[32];
    uint8_t cpusvnle[16];
    uint16_t isvprodidle, isvsvnle;
    uint8_t cet_masked_attributes_le;
    uint8_t reserved4[23];
    uint32_t maskedmiscselectle;
    struct sgx_attributes maskedattributesle;
    uint8_t keyid[32];
    uint8_t mac[16];
};
SGX_ASSERT_SIZE(struct sgx_einittoken, 304);

struct sgx_report_body { // what quotes embed
    uint8_t cpusvn[16];
    uint32_t miscselect;
    uint8_t cet_attributes;
    uint8_t reserved1[11];
    uint8_t isvextprodid[16];
    struct sgx_attributes attributes;
    uint8_t mrenclave[SGX_HASH_SIZE];
    uint8_t reserved2[32];
    uint8_t mrsigner[SGX_HASH_SIZE];
    uint8_t reserved3[32];
    uint8_t configid[64];
    uint16_t isvprodid, isvsvn, configsvn;
    uint8_t reserved4[42];
    uint8_t isvfamilyid[16];
    uint8_t reportdata[64];
};
SGX_ASSERT_SIZE(struct sgx_report_body, 384);
SGX_ASSERT_OFFSET(struct sgx_report_body, mrenclave, 64);
SGX_ASSERT_OFFSET(struct sgx_report_body, isvprodid, 256);
SGX_ASSERT_OFFSET(struct sgx_report_body, reportdata, 320);

struct sgx_report {
    struct sgx_report_body body;
    uint8_t keyid[32];
    uint8_t mac[16]; // over body
};
SGX_ASSERT_SIZE(struct sgx_report, 432);

struct sgx_targetinfo {
    uint8_t measurement[SGX_HASH_SIZE];
    struct sgx_attributes attributes;
    uint8_t cet_attributes;
    uint8_t reserved1;
    uint16_t configsvn;
    uint32_t miscselect;
    uint8_t reserved2[8];
    uint8_t configid[64];
    uint8_t reserved3[384];
};
SGX_ASSERT_SIZE(struct sgx_targetinfo, 512);
SGX_ASSERT_OFFSET(struct sgx_targetinfo, miscselect, 52);
SGX_ASSERT_OFFSET(struct sgx_targetinfo, configid, 64);

enum sgx_keyname {
    SGX_KEY_EINITTOKEN = 0,
    SGX_KEY_PROVISION = 1,
    SGX_KEY_PROVISION_SEAL = 2,
    SGX_KEY_REPORT = 3,
    SGX_KEY_SEAL = 4,
};

enum sgx_keypolicy {
    SGX_KEYPOLICY_MRENCLAVE = 1u << 0,
    SGX_KEYPOLICY_MRSIGNER = 1u << 1,
    SGX_KEYPOLICY_NOISVPRODID = 1u << 2,
    SGX_KEYPOLICY_CONFIGID = 1u << 3,
    SGX_KEYPOLICY_ISVFAMILYID = 1u << 4,
    SGX_KEYPOLICY_ISVEXTPRODID = 1u << 5,
    SGX_KEYPOLICY_NEEDS_KSS = 0x3cu,
    SGX_KEYPOLICY_ALL = 0x3fu,
};

struct sgx_keyrequest {
    uint16_t keyname, keypolicy, isvsvn;
    uint8_t cet_attributes_mask;
    uint8_t reserved1;
    uint8_t cpusvn[16];
    struct sgx_attributes attributemask;
    uint8_t keyid[32];
    uint32_t miscmask;
    uint16_t configsvn;
    uint8_t reserved2[434];
};
SGX_ASSERT_SIZE(struct sgx_keyrequest, 512);
SGX_ASSERT_OFFSET(struct sgx_keyrequest, attributemask, 24);
SGX_ASSERT_OFFSET(struct sgx_keyrequest, miscmask, 72);

// Leaves of ENCLU.
enum sgx_leaf {
    SGX_EREPORT = 0,
    SGX_EGETKEY = 1,
    SGX_EENTER = 2,
    SGX_ERESUME = 3,
    SGX_EEXIT = 4,
    SGX_EACCEPT = 5,
    SGX_EMODPE = 6,
    SGX_EACCEPTCOPY = 7,
};
