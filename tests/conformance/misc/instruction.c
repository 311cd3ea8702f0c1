// SPDX-License-Identifier: MIT
//
// The system call instruction itself: which registers come back, the red zone, vector registers, flags; and calls that do not exist.
#include "conform.h"

struct registers {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, flags;
    uint64_t red[16];
};

// Everything set to known values, the red zone filled, one system call, everything saved.
static __attribute__((noinline)) void call(struct registers *r, uint64_t number)
{
    __asm__ volatile(
        "push %%rbp\n push %%rbx\n"
        "sub $256, %%rsp\n"
        "mov %0, 200(%%rsp)\n"
        "mov %1, %%rax\n"
        "movq $0x1001, -8(%%rsp)\n movq $0x1002, -16(%%rsp)\n movq $0x1003, -64(%%rsp)\n movq $0x1004, -128(%%rsp)\n"
        "mov $1, %%ebx\n mov $2, %%ecx\n mov $3, %%edx\n mov $4, %%esi\n mov $5, %%edi\n mov $6, %%ebp\n mov $8, %%r8d\n"
        "mov $9, %%r9d\n mov $10, %%r10d\n mov $11, %%r11d\n mov $12, %%r12d\n mov $13, %%r13d\n mov $14, %%r14d\n mov $15, %%r15d\n"
        "stc\n std\n"
        "syscall\n"
        "mov %%r15, 208(%%rsp)\n"
        "mov 200(%%rsp), %%r15\n"
        "mov %%rax, 0(%%r15)\n mov %%rbx, 8(%%r15)\n mov %%rcx, 16(%%r15)\n mov %%rdx, 24(%%r15)\n mov %%rsi, 32(%%r15)\n"
        "mov %%rdi, 40(%%r15)\n mov %%rbp, 48(%%r15)\n mov %%r8, 56(%%r15)\n mov %%r9, 64(%%r15)\n mov %%r10, 72(%%r15)\n"
        "mov %%r11, 80(%%r15)\n mov %%r12, 88(%%r15)\n mov %%r13, 96(%%r15)\n mov %%r14, 104(%%r15)\n"
        "mov 208(%%rsp), %%rax\n mov %%rax, 112(%%r15)\n"
        "mov -8(%%rsp), %%rax\n mov %%rax, 128(%%r15)\n mov -16(%%rsp), %%rax\n mov %%rax, 136(%%r15)\n"
        "mov -64(%%rsp), %%rax\n mov %%rax, 144(%%r15)\n mov -128(%%rsp), %%rax\n mov %%rax, 152(%%r15)\n"
        "lea -128(%%rsp), %%rsp\n pushfq\n pop %%rax\n lea 128(%%rsp), %%rsp\n mov %%rax, 120(%%r15)\n"
        "cld\n add $256, %%rsp\n"
        "pop %%rbx\n pop %%rbp\n" ::"r"(r), "r"(number)
        : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
}

static void show(const struct registers *r)
{
    printf("rbx %ld rdx %ld rsi %ld rdi %ld rbp %ld r8 %ld r9 %ld r10 %ld r12 %ld r13 %ld r14 %ld r15 %ld\n", r->rbx, r->rdx, r->rsi,
           r->rdi, r->rbp, r->r8, r->r9, r->r10, r->r12, r->r13, r->r14, r->r15);
    printf("red zone %lx %lx %lx %lx, carry %ld, direction %ld, r11 like flags %d\n", r->red[0], r->red[1],
           r->red[2], r->red[3], r->flags & 1, r->flags >> 10 & 1, ((r->r11 ^ r->flags) & 0xcd5) == 0);
}

static void vectors(int round)
{
    static const uint64_t in[2] = {0x0123456789abcdef, 0xfedcba9876543210};
    uint64_t out[16][2];
    double x87 = 0;
    long result;
    __asm__ volatile("movdqu %[in], %%xmm0\n movdqa %%xmm0, %%xmm1\n movdqa %%xmm0, %%xmm7\n movdqa %%xmm0, %%xmm15\n"
                     "fldpi\n"
                     "syscall\n"
                     "fstpl %[x]\n"
                     "movdqu %%xmm0, 0(%[out])\n movdqu %%xmm1, 16(%[out])\n movdqu %%xmm7, 32(%[out])\n movdqu %%xmm15, 48(%[out])\n"
                     : "=a"(result), [x] "=m"(x87)
                     : "0"(SYS_getppid), [in] "m"(in), [out] "r"(out)
                     : "rcx", "r11", "xmm0", "xmm1", "xmm7", "xmm15", "memory");
    bool same = true;
    for (int i = 0; i < 4; i++)
        same = same && !memcmp(out[i], in, 16);
    printf("round %d: vectors %d, x87 %.6f\n", round, same, x87);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct registers r;
    for (int round = 0; round < 5; round++) { // the same instruction: trapped first, then perhaps not
        call(&r, SYS_getppid);
        printf("round %d: result is the parent %d\n", round, (long)r.rax == getppid());
        show(&r);
        call(&r, 9999);
        printf("no such call: %ld\n", (long)r.rax);
        show(&r);
        vectors(round);
    }
    TRY(syscall(-1));
    TRY(syscall(100000));
    TRY(syscall(0x40000000));
    TRY(syscall(SYS_uselib));
    TRY(syscall(SYS_create_module));
    return 0;
}
