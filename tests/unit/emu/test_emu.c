// SPDX-License-Identifier: MIT
//
// Software SGX against the manual's rules (SDM vol. 3D), with a tiny enclave of hand-written code.
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/emu.h"
#include "sgx/measurement.h"
#include "sgx/result.h"
#include "sgx/sigstruct.h"

#define BASE 0x100000000000ul
enum { SIZE = 0x100000, TCS = 0x1000, SSA = 0x2000, DATA = 0x10000, FREE_PAGE = 0x20000, NSSA = 2 };
enum { REG_RX = 0x205, REG_RW = 0x203, IS_TCS = 0x100, VECTOR_UD = 6, VECTOR_PF = 14 };
enum { SYSTEM_CALL = 1, BREAKPOINT, TOUCH, ACCEPT, REPORT, GETKEY, KEEP_REGISTERS, STAY, COPY_AND_READ, COPY, READ_FS, MOVE, EXTEND };

extern const uint8_t test_code[], test_code_end[];

static int failures;
#define CHECK(condition) \
    ((condition) ? (void)0 : (void)(failures++, printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition)))

static EVP_PKEY *author, *other_author;
static struct sgx_key_secrets processor = {.base = {{1}, {2}, {3}, {4}, {5}}, .cpusvn = {9}};

static const struct sgx_key_secrets *secrets(void *context)
{
    return context;
}

static struct emu_enclave *create(struct sgx_key_secrets *of)
{
    const struct sgx_secs secs = {.size = SIZE, .base = BASE, .ssa_frame_size = 1, .miscselect = SGX_MISCSELECT_EXINFO,
                                  .attributes = {SGX_ATTRIBUTE_MODE64BIT, SGX_XFRM_LEGACY}};
    struct emu_enclave *e = NULL;
    CHECK(emu_ecreate(&secs, secrets, of, &e) == 0);
    return e;
}

static void add(struct emu_enclave *e, struct sgx_measurement *m, uint64_t offset, const void *content, uint64_t flags)
{
    CHECK(emu_eadd(e, BASE + offset, content, SGX_PAGE_SIZE, flags) == 0);
    static const unsigned runs[] = {1, 3, 16}; // together or not, it is the same
    unsigned run = runs[offset / SGX_PAGE_SIZE % 3] * SGX_EEXTEND_SIZE;
    for (unsigned at = 0; at < SGX_PAGE_SIZE; at += run)
        CHECK(emu_eextend(e, BASE + offset + at, at + run < SGX_PAGE_SIZE ? run : SGX_PAGE_SIZE - at) == 0);
    sgx_measurement_page(m, offset, flags, content, true);
}

// Everything but EINIT. variant changes the measurement.
static void fill(struct emu_enclave *e, uint8_t variant, uint8_t ret_mrenclave[32])
{
    static uint8_t code[SGX_PAGE_SIZE], tcs_page[SGX_PAGE_SIZE], data[SGX_PAGE_SIZE];
    const struct sgx_tcs tcs = {.ossa = SSA, .nssa = NSSA, .ofsbase = DATA, .ogsbase = DATA, .fslimit = ~0u, .gslimit = ~0u};
    struct sgx_measurement *m = sgx_measurement_ecreate(SIZE, 1);
    memcpy(code, test_code, (size_t)(test_code_end - test_code));
    memcpy(tcs_page, &tcs, sizeof(tcs));
    data[0] = variant;
    add(e, m, 0, code, REG_RX);
    add(e, m, TCS, tcs_page, IS_TCS);
    for (unsigned i = 0; i < NSSA; i++)
        add(e, m, SSA + i * SGX_PAGE_SIZE, NULL, REG_RW);
    add(e, m, DATA, data, REG_RW);
    add(e, m, DATA + SGX_PAGE_SIZE, NULL, REG_RW);
    sgx_measurement_final(m, ret_mrenclave);
    sgx_measurement_free(m);
    CHECK(emu_map(e, BASE, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC) == 0);
    CHECK(emu_map(e, BASE + SSA, NSSA * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE) == 0);
    CHECK(emu_map(e, BASE + DATA, 2 * SGX_PAGE_SIZE, PROT_READ | PROT_WRITE) == 0);
}

static struct sgx_sigstruct sign(const uint8_t mrenclave[32], EVP_PKEY *key)
{
    struct sgx_sigstruct s = {.date = 0x20200101, .miscselect = SGX_MISCSELECT_EXINFO, .miscmask = ~0u,
                              .attributes = {SGX_ATTRIBUTE_MODE64BIT, SGX_XFRM_LEGACY},
                              .attributemask = {~(uint64_t)SGX_ATTRIBUTE_DEBUG, 0}, .isvprodid = 7, .isvsvn = 3};
    memcpy(s.enclavehash, mrenclave, 32);
    CHECK(sgx_sigstruct_sign(&s, key) == 0);
    return s;
}

static struct emu_enclave *build(uint8_t variant, EVP_PKEY *key, struct sgx_key_secrets *of)
{
    uint8_t mrenclave[32];
    struct emu_enclave *e = create(of);
    fill(e, variant, mrenclave);
    const struct sgx_sigstruct s = sign(mrenclave, key);
    CHECK(emu_einit(e, &s) == 0);
    CHECK(!memcmp(emu_secs(e)->mrenclave, mrenclave, 32)); // as computed beside it
    return e;
}

static struct emu_exit enter(struct emu_enclave *e, enum sgx_leaf leaf, uint64_t what, uint64_t with)
{
    struct emu_exit x = {0};
    CHECK(emu_enter(e, BASE + TCS, leaf, what, with, &x) == 0);
    return x;
}

// Each part of a signature, changed; and numbers whose quotients are right, that no author signed with.
static void signature_checks(void)
{
    const uint8_t mrenclave[32] = {1};
    const struct sgx_sigstruct good = sign(mrenclave, author);
    CHECK(sgx_sigstruct_verify(&good) == 0);
    const size_t parts[] = {
        offsetof(struct sgx_sigstruct, modulus),   offsetof(struct sgx_sigstruct, signature), offsetof(struct sgx_sigstruct, q1),
        offsetof(struct sgx_sigstruct, q2),        offsetof(struct sgx_sigstruct, date),      offsetof(struct sgx_sigstruct, miscmask),
        offsetof(struct sgx_sigstruct, isvprodid), offsetof(struct sgx_sigstruct, enclavehash),
    };
    struct sgx_sigstruct s;
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        s = good;
        ((uint8_t *)&s)[parts[i]] ^= 0x40;
        CHECK(sgx_sigstruct_verify(&s) == SGX_INVALID_SIGNATURE);
    }
    s = good;
    s.exponent = 5;
    CHECK(sgx_sigstruct_verify(&s) == SGX_INVALID_SIG_STRUCT);
    s = good;
    memset(s.signature, 0xff, sizeof(s.signature)); // not below the modulus
    CHECK(sgx_sigstruct_verify(&s) == SGX_INVALID_SIGNATURE);
    memset(s.signature, 0, sizeof(s.signature));
    memset(s.q1, 0, sizeof(s.q1));
    memset(s.q2, 0, sizeof(s.q2));
    CHECK(sgx_sigstruct_verify(&s) == SGX_INVALID_SIGNATURE);
    s.signature[0] = 1;
    CHECK(sgx_sigstruct_verify(&s) == SGX_INVALID_SIGNATURE);
}

static void einit_checks(void)
{
    uint8_t mrenclave[32], wrong[32];
    struct emu_enclave *e = create(&processor);
    fill(e, 0, mrenclave);
    CHECK(emu_eextend(e, BASE, 0) == -EINVAL);
    CHECK(emu_eextend(e, BASE, SGX_EEXTEND_SIZE / 2) == -EINVAL);
    CHECK(emu_eextend(e, BASE + SGX_EEXTEND_SIZE, SGX_PAGE_SIZE) == -EINVAL); // of two pages
    memcpy(wrong, mrenclave, 32);
    wrong[5] ^= 1;
    struct sgx_sigstruct s = sign(wrong, author);
    CHECK(emu_einit(e, &s) == SGX_INVALID_MEASUREMENT);
    s = sign(mrenclave, author);
    s.signature[10] ^= 1;
    CHECK(emu_einit(e, &s) == SGX_INVALID_SIGNATURE);
    s = sign(mrenclave, author);
    s.isvsvn++; // signed over
    CHECK(emu_einit(e, &s) == SGX_INVALID_SIGNATURE);
    struct emu_exit x;
    CHECK(emu_enter(e, BASE + TCS, SGX_EENTER, 0, 0, &x) == -EINVAL); // not initialised
    s = sign(mrenclave, author);
    CHECK(emu_einit(e, &s) == 0);
    CHECK(emu_einit(e, &s) == -EINVAL);
    CHECK(emu_eadd(e, BASE + FREE_PAGE, NULL, SGX_PAGE_SIZE, REG_RW) == -EINVAL);
    CHECK(emu_eextend(e, BASE, SGX_EEXTEND_SIZE) == -EINVAL);
    CHECK(emu_secs(e)->attributes.flags & SGX_ATTRIBUTE_DEBUG); // always
    emu_destroy(e);
}

static const struct sgx_gprsgx *ssa0(void)
{
    return (const struct sgx_gprsgx *)(BASE + SSA + SGX_PAGE_SIZE) - 1;
}

static void exceptions(void)
{
    struct emu_enclave *e = build(0, author, &processor);
    struct emu_exit x = enter(e, SGX_EENTER, 0, 42);
    CHECK(!x.exception && x.rdi == 0 && x.rsi == 42);
    x = enter(e, SGX_EENTER, SYSTEM_CALL, 0);
    CHECK(x.exception && x.vector == VECTOR_UD);
    CHECK((ssa0()->exitinfo & 0x800000ff) == (SGX_EXITINFO_VALID | VECTOR_UD) && ssa0()->rax == 39);
    CHECK(((const uint8_t *)ssa0()->rip)[0] == 0x0f && ((const uint8_t *)ssa0()->rip)[1] == 0x05);
    x = enter(e, SGX_EENTER, BREAKPOINT, 0); // CSSA 1: leaves at once
    CHECK(!x.exception);
    struct sgx_gprsgx *frame = (struct sgx_gprsgx *)(uintptr_t)ssa0();
    frame->rip += 2;
    x = enter(e, SGX_ERESUME, 0, 0); // behind the syscall
    CHECK(!x.exception && x.rdi == SYSTEM_CALL);
    struct emu_exit none;
    CHECK(emu_enter(e, BASE + TCS, SGX_ERESUME, 0, 0, &none) == -EINVAL); // CSSA 0
    x = enter(e, SGX_EENTER, BREAKPOINT, 0);
    CHECK(x.exception && x.vector == VECTOR_UD && *(const uint8_t *)ssa0()->rip == 0xcc); // fault class, not opted in
    emu_destroy(e);
}

static void pages(void)
{
    struct emu_enclave *e = build(0, author, &processor);
    uint64_t page = BASE + FREE_PAGE;
    struct emu_exit x = enter(e, SGX_EENTER, KEEP_REGISTERS, page);
    CHECK(x.exception && x.vector == VECTOR_PF && x.address == page);
    CHECK(emu_eaug(e, page, SGX_PAGE_SIZE) == 0 && emu_map(e, page, SGX_PAGE_SIZE, PROT_READ | PROT_WRITE) == 0);
    x = enter(e, SGX_ERESUME, 0, 0); // pending: still not accessible
    CHECK(x.exception && x.vector == VECTOR_PF);
    struct { struct sgx_secinfo info; uint64_t page; } *operand = (void *)(BASE + DATA);
    *operand = (__typeof__(*operand)){{.flags = SGX_SECINFO_PT(SGX_PT_REG) | SGX_SECINFO_R | SGX_SECINFO_PENDING}, page};
    struct emu_enclave *same = e;
    struct sgx_gprsgx saved = *ssa0();
    // The waiting frame stays; the accept runs on a fresh enclave thread, which there is none of: undo and use the one.
    struct sgx_gprsgx *frame = (struct sgx_gprsgx *)(uintptr_t)ssa0();
    frame->rip = BASE + 0; // starts over as an entry: rax is CSSA
    frame->rax = 0;
    frame->rdi = ACCEPT;
    frame->rsi = (uint64_t)operand;
    x = enter(same, SGX_ERESUME, 0, 0);
    (void)saved;
    CHECK(!x.exception && x.rsi == SGX_PAGE_ATTRIBUTES_MISMATCH); // EAUG pages are R and W
    operand->info.flags |= SGX_SECINFO_W;
    x = enter(e, SGX_EENTER, ACCEPT, (uint64_t)operand);
    CHECK(!x.exception && x.rsi == 0);
    x = enter(e, SGX_EENTER, TOUCH, page);
    CHECK(!x.exception && x.rsi == 0); // zero
    x = enter(e, SGX_EENTER, TOUCH, BASE + TCS);
    CHECK(x.exception && x.vector == VECTOR_PF); // a TCS belongs to the processor
    emu_destroy(e);
    e = build(0, author, &processor);
    x = enter(e, SGX_EENTER, KEEP_REGISTERS, page);
    CHECK(x.exception && emu_eaug(e, page, SGX_PAGE_SIZE) == 0);
    CHECK(emu_eremove(e, page, SGX_PAGE_SIZE) == -EPERM); // not given up by the enclave
    frame->rsi = BASE + DATA; // somewhere else will do
    x = enter(e, SGX_ERESUME, 0, 0);
    CHECK(!x.exception && x.rsi == 0x9999); // general and vector registers as they were
    emu_destroy(e);
}

// Pages with content, of a run that EAUG added together: each is there when its instruction is done, whatever follows.
static void content(void)
{
    enum { PAGES = 40 };
    struct emu_enclave *e = build(0, author, &processor);
    uint64_t run = BASE + FREE_PAGE, length = PAGES * SGX_PAGE_SIZE;
    struct { struct sgx_secinfo info; uint64_t page, from; } *operand = (void *)(BASE + DATA);
    uint64_t *from = (void *)(BASE + DATA + SGX_PAGE_SIZE);
    CHECK(emu_eaug(e, run, length) == 0 && emu_map(e, run, length, PROT_READ | PROT_EXEC) == 0);
    for (unsigned i = 0; i < PAGES; i++) {
        uint64_t page = run + i * SGX_PAGE_SIZE;
        *operand = (__typeof__(*operand)){{.flags = REG_RX}, page, (uint64_t)from};
        *from = 1000 + i;
        bool read = i % 8 == 5, last = i == PAGES - 1;
        struct emu_exit x = enter(e, SGX_EENTER, read ? COPY_AND_READ : COPY, (uint64_t)operand);
        CHECK(!x.exception && x.rsi == (read ? 1000 + i : 0));
        x = enter(e, SGX_EENTER, TOUCH, page);
        CHECK(!x.exception && x.rsi == 1000 + i);
        x = enter(e, SGX_EENTER, COPY, (uint64_t)operand); // no longer pending
        CHECK(!x.exception && x.rsi == SGX_PAGE_ATTRIBUTES_MISMATCH);
        if (!last) {
            *operand = (__typeof__(*operand)){{.flags = REG_RX}, page + SGX_PAGE_SIZE, page};
            x = enter(e, SGX_EENTER, COPY_AND_READ, (uint64_t)operand);
            CHECK(!x.exception && x.rsi == 1000 + i); // from a page that has just come
            i++;
        }
    }
    CHECK(emu_eaug(e, run + length, 2 * SGX_PAGE_SIZE) == 0);
    CHECK(emu_map(e, run + length, 2 * SGX_PAGE_SIZE, PROT_READ) == 0);
    const uint64_t reg_r = REG_RX & ~(uint64_t)SGX_SECINFO_X;
    *operand = (__typeof__(*operand)){{.flags = reg_r}, run + length + SGX_PAGE_SIZE, (uint64_t)from};
    struct emu_exit x = enter(e, SGX_EENTER, COPY_AND_READ, (uint64_t)operand); // out of order
    CHECK(!x.exception && x.rsi == *from);
    x = enter(e, SGX_EENTER, TOUCH, run + length);
    CHECK(x.exception && x.vector == VECTOR_PF); // its neighbour is still pending
    emu_destroy(e);
}

// Text that gets other content: open for a moment, moved to, closed again.
static void text(void)
{
    struct emu_enclave *e = build(0, author, &processor);
    const uint64_t run = BASE + FREE_PAGE, length = 2 * SGX_PAGE_SIZE;
    struct { struct sgx_secinfo info; uint64_t page, from; } *operand = (void *)(BASE + DATA);
    struct { uint64_t to, from, count; } *move = (void *)(BASE + DATA + 256);
    uint8_t *from = (void *)(BASE + DATA + SGX_PAGE_SIZE);
    CHECK(emu_eaug(e, run, length) == 0 && emu_map(e, run, length, PROT_READ | PROT_EXEC) == 0);
    memset(from, 1, SGX_PAGE_SIZE);
    for (uint64_t page = run; page < run + length; page += SGX_PAGE_SIZE) {
        *operand = (__typeof__(*operand)){{.flags = REG_RX}, page, (uint64_t)from};
        struct emu_exit x = enter(e, SGX_EENTER, COPY_AND_READ, (uint64_t)operand);
        CHECK(!x.exception && x.rsi == 0x0101010101010101);
    }
    *operand = (__typeof__(*operand)){{.flags = REG_RX | SGX_SECINFO_W}, run, 0};
    struct emu_exit x = enter(e, SGX_EENTER, EXTEND, (uint64_t)operand);
    CHECK(!x.exception && emu_map(e, run, length, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
    memset(from, 2, SGX_PAGE_SIZE);
    *move = (__typeof__(*move)){run + 100, (uint64_t)from, 3000};
    x = enter(e, SGX_EENTER, MOVE, (uint64_t)move);
    CHECK(!x.exception && x.rdi == 3000 && x.rsi == 0);
    const uint8_t *now = (const void *)run;
    CHECK(now[99] == 1 && now[100] == 2 && now[3099] == 2 && now[3100] == 1);
    *move = (__typeof__(*move)){run + 2000, (uint64_t)from, 4096}; // into a page that is not open
    x = enter(e, SGX_EENTER, MOVE, (uint64_t)move);
    CHECK(x.exception && x.vector == VECTOR_PF && x.address == run + SGX_PAGE_SIZE && ssa0()->rcx == 2000);
    CHECK(now[4095] == 2 && now[4096] == 1);
    CHECK(emu_emodpr(e, run, SGX_PAGE_SIZE, SGX_SECINFO_R | SGX_SECINFO_X) == 0);
    struct sgx_gprsgx *frame = (struct sgx_gprsgx *)(uintptr_t)ssa0();
    frame->rcx = 1000;
    frame->rdi = run; // closed again, as its neighbour
    x = enter(e, SGX_ERESUME, 0, 0);
    CHECK(x.exception && x.vector == VECTOR_PF && x.address == run && now[0] == 1);
    emu_destroy(e);
}

static _Thread_local int of_this_thread = 77;

// The FS of the enclave inside, the host's outside, and SSA frames that hold the enclave's, whether or not somebody looks at it.
static void fs_base(void)
{
    for (unsigned unseen = 0; unseen < 2; unseen++) {
        struct emu_enclave *e = build(0, author, &processor);
        *(uint64_t *)(BASE + DATA) = 12345;
        struct emu_exit x = enter(e, SGX_EENTER, READ_FS, 0);
        CHECK(!x.exception && x.rsi == 12345 && of_this_thread == 77);
        if (unseen)
            emu_entry_without_fs(e, BASE);
        x = enter(e, SGX_EENTER, SYSTEM_CALL, 0);
        CHECK(x.exception && ssa0()->fsbase == BASE + DATA && of_this_thread == 77);
        struct sgx_gprsgx *frame = (struct sgx_gprsgx *)(uintptr_t)ssa0();
        frame->rip = BASE; // once more from the start, with an FS of its own
        frame->rax = 0;
        frame->rcx = frame->rbx; // syscall has changed it
        frame->rdi = READ_FS;
        frame->fsbase = BASE + DATA + 8;
        *(uint64_t *)(BASE + DATA + 8) = 678;
        x = enter(e, SGX_ERESUME, 0, 0);
        CHECK(!x.exception && x.rsi == 678 && of_this_thread == 77);
        emu_destroy(e);
    }
}

static struct {
    unsigned calls;
    struct emu_exit exits[8];
} handled;

// Enters again with another value, then with what raises an exception, then at CSSA 1, and is through.
static unsigned handler(void *context, uint64_t tcs, const struct emu_exit *exit, uint64_t *rdi, uint64_t *rsi)
{
    static const uint64_t what[] = {0, SYSTEM_CALL, 0};
    CHECK(context == &handled && tcs == BASE + TCS);
    handled.exits[handled.calls] = *exit;
    *rsi = 100 + handled.calls;
    if (handled.calls == 3)
        return 0;
    *rdi = what[handled.calls++];
    return SGX_EENTER;
}

static void exit_handler(void)
{
    struct emu_enclave *e = build(0, author, &processor);
    emu_handle_exits(e, handler, &handled);
    struct emu_exit x = enter(e, SGX_EENTER, 0, 42);
    CHECK(handled.calls == 3 && !x.exception && x.rsi == 102 && of_this_thread == 77);
    CHECK(handled.exits[0].rsi == 42 && handled.exits[1].rsi == 100);
    CHECK(handled.exits[2].exception && handled.exits[2].vector == VECTOR_UD);
    emu_handle_exits(e, NULL, NULL);
    emu_destroy(e);
}

static void get_key(struct emu_enclave *e, uint16_t policy, uint8_t ret[16])
{
    struct sgx_keyrequest *q = (struct sgx_keyrequest *)(BASE + DATA);
    *q = (struct sgx_keyrequest){.keyname = SGX_KEY_SEAL, .keypolicy = policy};
    struct emu_exit x = enter(e, SGX_EENTER, GETKEY, (uint64_t)q);
    CHECK(!x.exception && x.rsi == 0);
    memcpy(ret, q + 1, 16);
}

static void keys(void)
{
    struct sgx_key_secrets another = processor;
    another.base[SGX_KEY_SEAL][3] ^= 1;
    const struct { uint8_t variant; EVP_PKEY *key; struct sgx_key_secrets *processor; } who[] = {
        {0, author, &processor}, {1, author, &processor}, {0, other_author, &processor}, {0, author, &another}};
    uint8_t enclave[4][16], signer[4][16], again[16];
    for (unsigned i = 0; i < 4; i++) {
        struct emu_enclave *e = build(who[i].variant, who[i].key, who[i].processor);
        get_key(e, SGX_KEYPOLICY_MRENCLAVE, enclave[i]);
        get_key(e, SGX_KEYPOLICY_MRSIGNER, signer[i]);
        get_key(e, SGX_KEYPOLICY_MRENCLAVE, again);
        CHECK(!memcmp(again, enclave[i], 16) && memcmp(enclave[i], signer[i], 16));
        emu_destroy(e);
    }
    CHECK(memcmp(enclave[0], enclave[1], 16) && !memcmp(signer[0], signer[1], 16)); // another enclave of the same author
    CHECK(!memcmp(enclave[0], enclave[2], 16) && memcmp(signer[0], signer[2], 16)); // the same enclave of another author
    CHECK(memcmp(enclave[0], enclave[3], 16) && memcmp(signer[0], signer[3], 16));  // another processor
}

static void reports(void)
{
    struct emu_enclave *e = build(0, author, &processor);
    struct { struct sgx_targetinfo target; uint8_t data[512]; struct sgx_report report; } *o = (void *)(BASE + DATA);
    memset(o, 0, sizeof(*o));
    memset(o->target.measurement, 0xab, 32);
    memset(o->data, 0xcd, 64);
    struct emu_exit x = enter(e, SGX_EENTER, REPORT, (uint64_t)o);
    CHECK(!x.exception);
    uint8_t key[16], mac[16];
    CHECK(sgx_report_key(&processor, &o->target, o->report.keyid, key) == 0);
    CHECK(sgx_report_mac(key, &o->report.body, mac) == 0 && !memcmp(mac, o->report.mac, 16));
    CHECK(!memcmp(o->report.body.mrenclave, emu_secs(e)->mrenclave, 32) && o->report.body.isvprodid == 7);
    CHECK(!memcmp(o->report.body.reportdata, o->data, 64) && (o->report.body.attributes.flags & SGX_ATTRIBUTE_DEBUG));
    emu_destroy(e);
}

static void *stay(void *e)
{
    (void)enter(e, SGX_EENTER, STAY, BASE + DATA);
    return NULL;
}

static void busy(void)
{
    struct emu_enclave *e = build(0, author, &processor);
    pthread_t other;
    struct emu_exit x;
    int r = 0;
    CHECK(!pthread_create(&other, NULL, stay, e));
    for (int i = 0; i < 1000 && r != -EBUSY; i++) { // until it is inside
        usleep(1000);
        r = emu_enter(e, BASE + TCS, SGX_EENTER, 0, 0, &x);
    }
    CHECK(r == -EBUSY);
    *(volatile uint32_t *)(BASE + DATA) = 1;
    pthread_join(other, NULL);
    CHECK(emu_enter(e, BASE + TCS, SGX_EENTER, 0, 0, &x) == 0);
    emu_destroy(e);
}

// ENCLU of an enclave's leaf where no enclave is entered.
static void outside(void)
{
    pid_t child = fork();
    if (!child) {
        __asm__ volatile(".byte 0x0f, 0x01, 0xd7" : : "a"(SGX_EREPORT) : "memory");
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
}

int main(void)
{
    author = sgx_sigstruct_generate_key();
    other_author = sgx_sigstruct_generate_key();
    signature_checks();
    einit_checks();
    exceptions();
    pages();
    content();
    text();
    fs_base();
    exit_handler();
    keys();
    reports();
    busy();
    outside();
    printf(failures ? "%d failures\n" : "ok\n", failures);
    return failures != 0;
}
