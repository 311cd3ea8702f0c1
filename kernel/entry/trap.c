// SPDX-License-Identifier: MIT
//
// Stage 1 of a trap: classifies what interrupted the thread and redirects the interrupted context to kernel code that
// deals with it on the kernel stack. Runs on the trap stack, makes no host calls, edits only *t and kernel stack memory.
//
// What a hostile host can try here, and the answer:
// - report an exception that did not happen: on sgx the vector comes from EXITINFO, which the processor writes; an entry
//   without a valid one is an interrupt, which only sets a flag.
// - enter twice for one exception: the target clears EXITINFO when it has consumed it.
// - interrupt at any instruction of the kernel: harmless, see the windows in entry.S.
#include <stddef.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/entry/extable.h"
#include "kernel/entry/regs.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"

#define BLOCK_OFFSET_IS(field, offset) _Static_assert(offsetof(struct thread_block, field) == (offset), #field)
BLOCK_OFFSET_IS(kernel_stack_top, THREAD_BLOCK_KERNEL_STACK_TOP);
BLOCK_OFFSET_IS(user_rsp, THREAD_BLOCK_USER_RSP);
BLOCK_OFFSET_IS(user_rip, THREAD_BLOCK_USER_RIP);
BLOCK_OFFSET_IS(host_call_rsp, THREAD_BLOCK_HOST_CALL_RSP);
BLOCK_OFFSET_IS(canary, THREAD_BLOCK_CANARY);
BLOCK_OFFSET_IS(current, THREAD_BLOCK_CURRENT);
BLOCK_OFFSET_IS(trap_stack_top, THREAD_BLOCK_TRAP_STACK_TOP);
BLOCK_OFFSET_IS(interrupt_pending, THREAD_BLOCK_INTERRUPT_PENDING);
BLOCK_OFFSET_IS(syscall_entry, THREAD_BLOCK_SYSCALL_ENTRY);
BLOCK_OFFSET_IS(return_frame, THREAD_BLOCK_RETURN_FRAME);
BLOCK_OFFSET_IS(cpuid_entry, THREAD_BLOCK_CPUID_ENTRY);
BLOCK_OFFSET_IS(cpuid_back, THREAD_BLOCK_CPUID_BACK);
_Static_assert(offsetof(struct regs, rip) == 128 && sizeof(struct regs) == 152, "entry.S depends on struct regs");

enum { VECTOR_DB = 1, VECTOR_UD = 6, VECTOR_GP = 13, VECTOR_PF = 14 };
#define FLAGS_NOT_FOR_C 0x40500ul // AC, DF and TF, which may be the program's

extern const char syscall_entry_trapped[], trap_return[], interrupt_return[], kernel_fault_return[], return_again[];
extern const char syscall_fast_return_start[], syscall_fast_return_end[], enter_program_start[], enter_program_end[];
void kernel_fault(struct regs *regs, const struct trap *t);

// What lies on the kernel stack while a trap is dealt with.
struct trap_frame {
    struct regs regs;
    uint64_t align;
    struct trap trap;
};

static bool in_kernel(uint64_t rip)
{
    return rip >= KERNEL_IMAGE_BASE && rip < KERNEL_IMAGE_END;
}

static void regs_from_trap(struct regs *r, const struct trap *t)
{
    *r = (struct regs){
        .r15 = t->r15, .r14 = t->r14, .r13 = t->r13, .r12 = t->r12, .rbp = t->rbp, .rbx = t->rbx,
        .r11 = t->r11, .r10 = t->r10, .r9 = t->r9, .r8 = t->r8, .rax = t->rax, .rcx = t->rcx,
        .rdx = t->rdx, .rsi = t->rsi, .rdi = t->rdi, .orig_rax = (uint64_t)-1,
        .rip = t->rip, .rflags = t->rflags, .rsp = t->rsp,
    };
}

// Continues at `to` with a frame below stack_top; rdi: its struct regs, rsi: its struct trap.
static void redirect_with_frame(struct trap *t, uint64_t stack_top, const char *to)
{
    struct trap_frame *f = (struct trap_frame *)((stack_top - sizeof(*f)) & ~15ul);
    regs_from_trap(&f->regs, t);
    f->trap = *t;
    t->rdi = (uint64_t)&f->regs;
    t->rsi = (uint64_t)&f->trap;
    t->rsp = (uint64_t)f;
    t->rip = (uint64_t)to;
    t->rflags &= ~FLAGS_NOT_FOR_C;
}

static void interrupt_in_kernel(struct thread_block *tb, struct trap *t)
{
    tb->interrupt_pending = 1;
    if (t->rip >= (uint64_t)syscall_fast_return_start && t->rip < (uint64_t)syscall_fast_return_end)
        t->rdi = tb->kernel_stack_top - sizeof(struct regs);
    else if (t->rip >= (uint64_t)enter_program_start && t->rip < (uint64_t)enter_program_end)
        t->rdi = tb->return_frame;
    else
        return;
    t->rsp = t->rdi & ~15ul;
    t->rip = (uint64_t)return_again;
    t->rflags &= ~FLAGS_NOT_FOR_C; // they are back already near the end of a window
}

// CPUID in the kernel (libraries ask at boot), which an enclave forbids. The program's is dealt with by cpuid.c.
static bool emulate(struct trap *t)
{
    const uint8_t *code = (const uint8_t *)t->rip;
    if (code[0] != 0x0f || code[1] != 0xa2)
        return false;
    uint32_t r[4];
    target_cpuid((uint32_t)t->rax, (uint32_t)t->rcx, r);
    t->rax = r[0], t->rbx = r[1], t->rcx = r[2], t->rdx = r[3];
    t->rip += 2;
    return true;
}

// Reading the bytes is safe: they were just fetched; a page taken away meanwhile by another thread ends in a fault of the trap entry,
// which is fatal.
static bool is_syscall(const struct trap *t)
{
    const uint8_t *code = (const uint8_t *)t->rip;
    return code[0] == 0x0f && code[1] == 0x05;
}

// A program that steps through itself (TF) comes with it, up to where its flags are kept, and goes with it, from where it has them again.
static void step_in_kernel(struct thread_block *tb, const struct trap *t)
{
    tb->step_begins = (t->rip >= (uint64_t)syscall_fast_return_start && t->rip < (uint64_t)syscall_fast_return_end) ||
                      (t->rip >= (uint64_t)enter_program_start && t->rip < (uint64_t)enter_program_end);
}

static void trap_in_kernel(struct thread_block *tb, struct trap *t)
{
    if (t->vector == TRAP_INTERRUPT) {
        interrupt_in_kernel(tb, t);
        return;
    }
    if (t->vector == VECTOR_DB) {
        step_in_kernel(tb, t);
        return;
    }
    if (t->vector == VECTOR_UD && emulate(t))
        return;
    redirect_with_frame(t, t->rsp - 128, kernel_fault_return);
}

void kernel_trap(struct thread_block *tb, struct trap *t)
{
    if (in_kernel(t->rip)) {
        trap_in_kernel(tb, t);
        return;
    }
    if (t->vector == TRAP_INTERRUPT) {
        tb->interrupt_pending = 1;
        redirect_with_frame(t, tb->kernel_stack_top, interrupt_return);
        return;
    }
    if (t->vector == VECTOR_UD && t->rip < USER_END && is_syscall(t)) {
        t->rcx = t->rip + 2;
        t->r11 = t->rflags;
        // On the kernel's stack from here on: the program's need not be an address, and returning to one that is not can fault.
        tb->user_rsp = t->rsp;
        t->rsp = tb->kernel_stack_top;
        t->rip = (uint64_t)syscall_entry_trapped;
        return;
    }
    if (t->vector == VECTOR_DB && tb->step_begins) {
        tb->step_begins = 0;
        return;
    }
    redirect_with_frame(t, tb->kernel_stack_top, trap_return);
}

static uint64_t find_fixup(uint64_t rip)
{
    for (const struct extable_entry *e = kernel_extable_start; e < kernel_extable_end; e++)
        if (e->instruction == rip)
            return e->fixup;
    return 0;
}

// Stage 2 of a fault in kernel code, on the kernel stack: kernel accesses to program memory commit pages like the program's
// own, and otherwise end at their fixup (EFAULT). Anything else is a bug of ours and stops the enclave.
void kernel_fault(struct regs *regs, const struct trap *t)
{
    const bool of_program = (t->vector == VECTOR_PF && t->address < USER_END) || t->vector == VECTOR_GP; // XRSTOR of what it wrote
    uint64_t fixup = of_program ? find_fixup(regs->rip) : 0;
    if (fixup) {
        struct mm *mm = t->vector == VECTOR_PF ? mm_current() : NULL;
        if (!mm || mm_fault(mm, t->address, t->error) != 0)
            regs->rip = fixup;
        return;
    }
    kernel_stop("kernel fault: vector %u at 0x%lx, address 0x%lx, error 0x%x", t->vector, (unsigned long)regs->rip,
                (unsigned long)t->address, t->error);
}
