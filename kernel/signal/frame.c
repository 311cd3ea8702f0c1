// SPDX-License-Identifier: MIT
//
// Signal frames in Linux's layout: return address, ucontext, siginfo, and above them the XSAVE area.
//
// A restarted system call is made again by what stands where the program made it, `syscall` or a jump of the rewriter's: the frame's
// rip is there, its rax the number, as on Linux. musl's thread cancellation looks for it.
#include "kernel/signal/frame.h"

#include <stddef.h>

#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include <linux/errno.h>

#include "abi/layout.h"
#include "kernel/entry/regs.h"
#include "kernel/mm/user.h"
#include "kernel/rewrite/rewrite.h"
#include "kernel/signal/altstack.h"
#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/task/xstate.h"

#define XSTATE_LEGACY 3ul // x87 and SSE
#define FXSAVE_ALIGNMENT 16u
#define RED_ZONE 128u
#define SYSCALL_LENGTH 2u
#define USER_CS 0x33
#define USER_SS 0x2b
#define RFLAGS_FROM_FRAME 0x50dd5ul // + TF DF RF AC: what Linux lets a frame set
#define RFLAGS_FIXED 0x202ul        // always one, interrupts on
#define RFLAGS_TF_DF_RF 0x10500ul

struct frame {
    uint64_t return_address;
    struct ucontext uc;
    struct siginfo info;
};

static uint64_t frame_stack(const struct thread *t, const struct regs *regs, uint64_t flags)
{
    if ((flags & SA_ONSTACK) && altstack_usable(t, regs->rsp))
        return t->altstack_sp + t->altstack_size;
    return regs->rsp - RED_ZONE;
}

// The header of an XSAVE area, of which XSAVE writes only the first word, and that by what stands there.
static int clear_header(struct _header *h)
{
    PUT_WORD(h->xfeatures, 0, faulted);
    for (unsigned i = 0; i < 2; i++)
        PUT_WORD(h->reserved1[i], 0, faulted);
    for (unsigned i = 0; i < 5; i++)
        PUT_WORD(h->reserved2[i], 0, faulted);
    return 0;
faulted:
    return -EFAULT;
}

// Software bytes, which say how much there is.
static int put_software_bytes(struct _fpx_sw_bytes *sw, uint64_t size, uint64_t features)
{
    PUT_WORD(sw->magic1, FP_XSTATE_MAGIC1 | (size + FP_XSTATE_MAGIC2_SIZE) << 32, faulted);
    PUT_WORD(sw->xfeatures, features, faulted);
    PUT_WORD(sw->xstate_size, size, faulted);
    for (unsigned i = 1; i < 7; i += 2)
        PUT_WORD(sw->padding[i], 0, faulted);
    return 0;
faulted:
    return -EFAULT;
}

// The vector state below *sp, stored where the program will look for it. *ret_used: its components that were not initial.
static int push_xstate(uint64_t *sp, uint64_t *ret_used)
{
    const uint64_t size = xstate_size(), features = xstate_features(), at = (*sp - size - FP_XSTATE_MAGIC2_SIZE) & ~63ul;
    const uint32_t magic2 = FP_XSTATE_MAGIC2;
    struct _xstate *x = user_place((const void USER *)at, size + sizeof(magic2));
    uint64_t used;
    if (!x || clear_header(&x->xstate_hdr) || xsave_to_user((void USER *)at, size, (uint32_t)features) ||
        GET_USER(used, (const uint64_t USER *)&x->xstate_hdr.xfeatures) ||
        put_software_bytes(&x->fpstate.sw_reserved, size, features) || PUT_USER(magic2, (uint32_t USER *)(at + size)))
        return -EFAULT;
    PUT_WORD(x->xstate_hdr.xfeatures, used | XSTATE_LEGACY, faulted); // as Linux: a handler may change them where they were initial
    *sp = at;
    *ret_used = used & features; // the program could have changed it
    return 0;
faulted:
    return -EFAULT;
}

// rip and rax as the program is to see them are the caller's.
static int put_context(struct sigcontext *c, const struct regs *r, const struct fault_details *fault)
{
    PUT_WORD(c->r8, r->r8, faulted);
    PUT_WORD(c->r9, r->r9, faulted);
    PUT_WORD(c->r10, r->r10, faulted);
    PUT_WORD(c->r11, r->r11, faulted);
    PUT_WORD(c->r12, r->r12, faulted);
    PUT_WORD(c->r13, r->r13, faulted);
    PUT_WORD(c->r14, r->r14, faulted);
    PUT_WORD(c->r15, r->r15, faulted);
    PUT_WORD(c->rdi, r->rdi, faulted);
    PUT_WORD(c->rsi, r->rsi, faulted);
    PUT_WORD(c->rbp, r->rbp, faulted);
    PUT_WORD(c->rbx, r->rbx, faulted);
    PUT_WORD(c->rdx, r->rdx, faulted);
    PUT_WORD(c->rcx, r->rcx, faulted);
    PUT_WORD(c->rsp, r->rsp, faulted);
    PUT_WORD(c->eflags, r->rflags, faulted);
    PUT_WORD(c->cs, USER_CS | (uint64_t)USER_SS << 48, faulted); // and gs, fs, ss
    PUT_WORD(c->err, fault->error, faulted);
    PUT_WORD(c->trapno, fault->vector, faulted);
    PUT_WORD(c->cr2, fault->address, faulted);
    return 0;
faulted:
    return -EFAULT;
}

static int put_stack(stack_t *to, const stack_t *stack)
{
    PUT_WORD(to->ss_sp, stack->ss_sp, faulted);
    PUT_WORD(to->ss_flags, (uint32_t)stack->ss_flags, faulted); // and what follows it
    PUT_WORD(to->ss_size, stack->ss_size, faulted);
    return 0;
faulted:
    return -EFAULT;
}

static int put_info(struct siginfo *to, const struct siginfo *info)
{
    const uint64_t *from = (const uint64_t *)info;
    uint64_t *words = (uint64_t *)to;
#pragma GCC unroll 16
    for (unsigned i = 0; i < sizeof(*info) / sizeof(*from); i++)
        PUT_WORD(words[i], from[i], faulted);
    return 0;
faulted:
    return -EFAULT;
}

static void get_context(struct regs *r, const struct sigcontext *c, bool *failed)
{
    GET_WORD(r->r8, c->r8, failed);
    GET_WORD(r->r9, c->r9, failed);
    GET_WORD(r->r10, c->r10, failed);
    GET_WORD(r->r11, c->r11, failed);
    GET_WORD(r->r12, c->r12, failed);
    GET_WORD(r->r13, c->r13, failed);
    GET_WORD(r->r14, c->r14, failed);
    GET_WORD(r->r15, c->r15, failed);
    GET_WORD(r->rdi, c->rdi, failed);
    GET_WORD(r->rsi, c->rsi, failed);
    GET_WORD(r->rbp, c->rbp, failed);
    GET_WORD(r->rbx, c->rbx, failed);
    GET_WORD(r->rdx, c->rdx, failed);
    GET_WORD(r->rax, c->rax, failed);
    GET_WORD(r->rcx, c->rcx, failed);
    GET_WORD(r->rsp, c->rsp, failed);
    GET_WORD(r->rip, c->rip, failed);
    GET_WORD(r->rflags, c->eflags, failed);
}

static int put_frame(struct frame *f, const struct regs *regs, const struct siginfo *info, uint64_t mask, const struct fault_details *fault,
                     bool restart)
{
    stack_t stack;
    altstack_get(current_thread(), regs->rsp, &stack);
    PUT_WORD(f->uc.uc_flags, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, faulted);
    PUT_WORD(f->uc.uc_link, 0, faulted);
    PUT_WORD(f->uc.uc_mcontext.rip, rewrite_original(regs->rip) - (restart ? SYSCALL_LENGTH : 0), faulted);
    PUT_WORD(f->uc.uc_mcontext.rax, restart ? regs->orig_rax : regs->rax, faulted);
    PUT_WORD(f->uc.uc_mcontext.oldmask, mask, faulted);
    PUT_WORD(f->uc.uc_sigmask, mask, faulted);
    if (!put_stack(&f->uc.uc_stack, &stack) && !put_context(&f->uc.uc_mcontext, regs, fault) && !put_info(&f->info, info))
        return 0;
faulted:
    return -EFAULT;
}

int frame_push(struct regs *regs, const struct sigaction *action, const struct siginfo *info, uint64_t mask,
               const struct fault_details *fault, bool restart)
{
    struct thread *t = current_thread();
    if (!(action->sa_flags & SA_RESTORER) || (uint64_t)action->sa_handler >= USER_END)
        return -EFAULT;
    uint64_t sp = frame_stack(t, regs, action->sa_flags), used;
    if (push_xstate(&sp, &used))
        return -EFAULT;
    const uint64_t at = ((sp - sizeof(struct frame)) & ~15ul) - 8; // as if the handler had been called
    struct frame *f = user_place((const void USER *)at, sizeof(*f));
    if (!f || put_frame(f, regs, info, mask, fault, restart))
        return -EFAULT;
    PUT_WORD(f->return_address, action->sa_restorer, faulted);
    PUT_WORD(f->uc.uc_mcontext.fpstate, sp, faulted);
    xstate_begin_handler(used);
    if (t->altstack_flags & SS_AUTODISARM)
        altstack_disarm(t);
    regs->rip = (uint64_t)action->sa_handler;
    regs->rsp = at;
    regs->rdi = (uint64_t)info->si_signo;
    regs->rsi = at + offsetof(struct frame, info);
    regs->rdx = at + offsetof(struct frame, uc);
    regs->rax = 0;
    regs->rflags &= ~RFLAGS_TF_DF_RF;
    regs->orig_rax = (uint64_t)-1;
    return 0;
faulted:
    return -EFAULT;
}

static bool is_extended(const struct _xstate *x, uint64_t size, bool *failed)
{
    uint64_t magic1, said;
    uint32_t magic2 = 0;
    GET_WORD(magic1, x->fpstate.sw_reserved.magic1, failed); // and what follows it
    GET_WORD(said, x->fpstate.sw_reserved.xstate_size, failed);
    return (uint32_t)magic1 == FP_XSTATE_MAGIC1 && (uint32_t)said == size &&
           !GET_USER(magic2, (const uint32_t USER *)((const uint8_t *)x + size)) && magic2 == FP_XSTATE_MAGIC2;
}

// Without the header only the image of FXSAVE counts, and what is not in it becomes initial.
static int pop_legacy(struct thread *t, uint64_t at)
{
    uint8_t *area = xstate_buffer(t);
    if (!area || at % FXSAVE_ALIGNMENT || copy_from_user(area, (const void USER *)at, sizeof(struct _fpstate)))
        return -EFAULT;
    xstate_sanitize(area);
    xstate_restore(area);
    return 0;
}

static int pop_xstate(struct thread *t, uint64_t at)
{
    const uint64_t size = xstate_size();
    const struct _xstate *x = user_place((const void USER *)at, sizeof(struct _fpstate));
    bool failed = false;
    if (!at) {
        xstate_reset();
        return 0;
    }
    if (!x)
        return -EFAULT;
    const bool extended = is_extended(x, size, &failed);
    if (failed)
        return -EFAULT;
    return extended ? xstate_from_frame(t, (const void USER *)at) : pop_legacy(t, at);
}

static int get_frame(struct regs *r, const struct ucontext *uc, stack_t *ret_stack, uint64_t *ret_mask, uint64_t *ret_fpstate)
{
    bool failed = false;
    uint64_t sp, flags, size;
    get_context(r, &uc->uc_mcontext, &failed);
    GET_WORD(*ret_fpstate, uc->uc_mcontext.fpstate, &failed);
    GET_WORD(*ret_mask, uc->uc_sigmask, &failed);
    GET_WORD(sp, uc->uc_stack.ss_sp, &failed);
    GET_WORD(flags, uc->uc_stack.ss_flags, &failed);
    GET_WORD(size, uc->uc_stack.ss_size, &failed);
    *ret_stack = (stack_t){.ss_sp = (void *)sp, .ss_flags = (int)flags, .ss_size = size};
    return failed ? -EFAULT : 0;
}

int frame_pop(struct regs *regs)
{
    struct thread *t = current_thread();
    const struct ucontext *uc = user_place((const void USER *)regs->rsp, sizeof(*uc)); // here the handler's `ret` left the stack
    struct regs r;
    stack_t stack;
    uint64_t mask, fpstate;
    if (!uc || get_frame(&r, uc, &stack, &mask, &fpstate))
        return -EFAULT;
    r.rip = rewrite_moved(r.rip);
    r.rflags = (r.rflags & RFLAGS_FROM_FRAME) | RFLAGS_FIXED;
    r.orig_rax = (uint64_t)-1;
    *regs = r; // as on Linux also when the rest is bad: the handler of that sees them
    (void)signal_mask_set(mask);
    // Jumping there would fault in the kernel, or run it.
    if (r.rip >= USER_END || pop_xstate(t, fpstate))
        return -EFAULT;
    altstack_restore(t, r.rsp, &stack);
    return 0;
}
