// SPDX-License-Identifier: MIT
//
// Host calls of the sgx target, seen from the host: nothing is in the registers when the enclave is left, and they are back afterwards,
// whatever the host puts there. ENCLU is a fault here, whose handler stands for the host.
#include <cpuid.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "abi/xfeatures.h"
#include "target/sgx/enclu.h"

enum { STATE_SIZE = 0x3000, LEGACY_USED = 416, HEADER = 512, EXTENDED = 576, EEXIT = 4, SET_GS = 0x1001 };
enum { MXCSR_AT = 24, ST_AT = 32, XMM_AT = 160, XMM_END = 416, MXCSR_INITIAL = 0x1f80, CONTROL_INITIAL = 0x37f };

extern const char target_entry[];
void sgx_trap(void);
_Noreturn void kernel_boot(struct thread_block *tb, const struct boot_info *untrusted)
{
    abort();
}
_Noreturn void kernel_thread_start(struct thread_block *tb)
{
    abort();
}
void sgx_trap(void)
{
    abort();
}

static uint8_t *area; // of the thread
static uint64_t components;
static unsigned failures, exits;
static uint8_t before[STATE_SIZE] __attribute__((aligned(64))), after[STATE_SIZE] __attribute__((aligned(64))),
    own[STATE_SIZE] __attribute__((aligned(64)));

static void check(bool right, const char *what, uint64_t used)
{
    if (right)
        return;
    failures++;
    printf("FAILED: %s, components %lx\n", what, (unsigned long)used);
}

static bool are_zero(const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (p[i])
            return false;
    return true;
}

static void place_of(unsigned component, unsigned *ret_offset, unsigned *ret_size)
{
    unsigned c, d;
    __cpuid_count(0xd, component, *ret_size, *ret_offset, c, d);
}

static uint64_t used_now; // of the call under way

static void look_at_vectors(const uint8_t *state)
{
    uint32_t mxcsr;
    uint16_t control;
    memcpy(&mxcsr, state + MXCSR_AT, sizeof(mxcsr));
    memcpy(&control, state, sizeof(control));
    check(mxcsr == MXCSR_INITIAL, "MXCSR", used_now);
    check(control == CONTROL_INITIAL && are_zero(state + 2, MXCSR_AT - 2), "x87 control", used_now);
    check(are_zero(state + ST_AT, XMM_AT - ST_AT), "x87 registers", used_now);
    check(are_zero(state + XMM_AT, XMM_END - XMM_AT), "xmm", used_now);
    for (unsigned i = 2; i < 8; i++) {
        unsigned offset, size;
        if (!(components >> i & 1))
            continue;
        place_of(i, &offset, &size);
        check(are_zero(state + offset, size), "another component", used_now);
    }
}

// What the host leaves in all of them.
static void spoil_vectors(uint8_t *state)
{
    memset(state + ST_AT, 0xee, XMM_END - ST_AT);
    for (unsigned i = 2; i < 8; i++) {
        unsigned offset, size;
        if (!(components >> i & 1))
            continue;
        place_of(i, &offset, &size);
        memset(state + offset, 0xee, size);
    }
    const uint32_t mxcsr = 0x9fc0;
    const uint16_t control = 0xf7f;
    memcpy(state + MXCSR_AT, &mxcsr, sizeof(mxcsr));
    memcpy(state, &control, sizeof(control));
    state[4] = 0xff; // all x87 registers hold something
    memcpy(state + HEADER, &components, sizeof(components));
}

static void host(int sig, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    uint8_t *state = (uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
    const uint8_t *code = (const uint8_t *)r[REG_RIP];
    if (code[0] != 0x0f || code[1] != 0x01 || code[2] != 0xd7)
        _exit(98);
    exits++;
    check(r[REG_RAX] == EEXIT && r[REG_RDI] == EXIT_HOST_CALL && r[REG_RSI] == 0x5555, "leaf and request", used_now);
    check(!r[REG_RCX] && !r[REG_RDX] && !r[REG_R8] && !r[REG_R9] && !r[REG_R10] && !r[REG_R11] && !r[REG_R12] && !r[REG_R13] &&
              !r[REG_R14] && !r[REG_R15],
          "general registers", used_now);
    look_at_vectors(state);
    spoil_vectors(state);
    r[REG_RAX] = 0; // CSSA
    r[REG_RBX] = (greg_t)(area + THREAD_TCS_OFFSET);
    r[REG_RCX] = 0x6666;
    r[REG_RDI] = ENTRY_RETURN;
    r[REG_RIP] = (greg_t)target_entry;
}

// `before` is what the program has, with these components; `after` is what it has when the call is over.
static void call(uint64_t used)
{
    const uint32_t mask = (uint32_t)components;
    uint32_t mxcsr = 0x3f80;
    used_now = used;
    for (unsigned i = 0; i < STATE_SIZE; i++)
        before[i] = (uint8_t)(i * 7 + 1);
    const uint16_t control = 0xb7f;
    memset(before, 0, ST_AT);
    memcpy(before, &control, sizeof(control));
    before[4] = 0xff;
    memcpy(before + MXCSR_AT, &mxcsr, sizeof(mxcsr));
    memset(before + HEADER, 0, EXTENDED - HEADER);
    memcpy(before + HEADER, &used, sizeof(used));
    memset(own + HEADER, 0, EXTENDED - HEADER);
    memset(after, 0, sizeof(after));
    struct thread_block *tb = (struct thread_block *)(area + THREAD_BLOCK_OFFSET);
    tb->state = THREAD_BLOCK_RUNNING;
    __asm__ volatile("xsave64 %[own]\n\txrstor64 %[before]\n\t"
                     "mov %%rsp, %%rbx\n\tand $-16, %%rsp\n\tmov %%rsp, %[host_rsp]\n\tsub $256, %%rsp\n\t"
                     "mov %%rbx, %%rcx\n\tmov %%rbx, %%r8\n\tmov %%rbx, %%r9\n\tmov %%rbx, %%r10\n\tmov %%rbx, %%r11\n\t"
                     "mov %%rbx, %%r12\n\tmov %%rbx, %%r13\n\tmov %%rbx, %%r14\n\tmov %%rbx, %%r15\n\t"
                     "push %%rax\n\tpush %%rdx\n\tcall sgx_host_call\n\tpop %%rdx\n\tpop %%rax\n\tmov %%rbx, %%rsp\n\t"
                     "xsave64 %[after]\n\txrstor64 %[own]"
                     : [own] "+m"(own), [after] "+m"(after), [host_rsp] "=m"(tb->host_rsp)
                     : [before] "m"(before), "a"(mask), "d"(0), "D"((uint64_t)EXIT_HOST_CALL), "S"(0x5555ul)
                     : "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
}

static void compare(uint64_t used)
{
    uint64_t now;
    memcpy(&now, after + HEADER, sizeof(now));
    check(!(used & 1) || !memcmp(before + ST_AT, after + ST_AT, 10), "x87 is back", used);
    check(used & 1 || are_zero(after + ST_AT, XMM_AT - ST_AT), "x87 is initial again", used);
    check(used & 2 ? !memcmp(before + XMM_AT, after + XMM_AT, XMM_END - XMM_AT) : are_zero(after + XMM_AT, XMM_END - XMM_AT), "xmm is back",
          used);
    for (unsigned i = 2; i < 8; i++) {
        unsigned offset, size;
        if (!(components >> i & 1))
            continue;
        place_of(i, &offset, &size);
        check(used >> i & 1 ? !memcmp(before + offset, after + offset, size) : are_zero(after + offset, size), "another component is back",
              used);
    }
}

static bool prepare(void)
{
    unsigned a, b, c, d;
    uint32_t low, high;
    __cpuid(1, a, b, c, d);
    if (!(c & bit_OSXSAVE))
        return false;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    components = low & XFEATURES_OFFERED;
    area = mmap(NULL, THREAD_AREA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return false;
    struct thread_block *tb = (struct thread_block *)(area + THREAD_BLOCK_OFFSET);
    tb->self = tb;
    const struct sigaction act = {.sa_sigaction = host, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static uint8_t stack[65536];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    return !sigaltstack(&alternate, NULL) && !sigaction(SIGILL, &act, NULL) && !sigaction(SIGSEGV, &act, NULL) &&
           !syscall(SYS_arch_prctl, SET_GS, tb);
}

int main(void)
{
    static const uint64_t used[] = {0, 1, 2, 3, 4, 6, 7, 0x20, 0x42, 0x46, 0x80, 0xa2, 0xa3, 0xe2, 0xe6, 0xe7};
    if (!prepare())
        return 77;
    for (unsigned i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
        if (used[i] & ~components)
            continue;
        call(used[i]);
        compare(used[i]);
    }
    printf("%u host calls, %u failures\n", exits, failures);
    return failures || !exits;
}
