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

// The vector state below *sp, stored where the program will look for it. Its software bytes say how much there is (struct _fpx_sw_bytes).
static int push_xstate(uint64_t *sp)
{
    const uint32_t size = (uint32_t)xstate_size(), magic2 = FP_XSTATE_MAGIC2;
    const uint64_t at = (*sp - size - sizeof(magic2)) & ~63ul, features = xstate_features();
    const struct _fpx_sw_bytes sw = {
        .magic1 = FP_XSTATE_MAGIC1,
        .extended_size = size + (uint32_t)sizeof(magic2),
        .xfeatures = features,
        .xstate_size = size,
    };
    uint64_t USER *present = (uint64_t USER *)(at + offsetof(struct _xstate, xstate_hdr.xfeatures));
    uint64_t p;
    if (clear_user((void USER *)(at + offsetof(struct _xstate, xstate_hdr)), sizeof(struct _header)) || // XSAVE leaves reserved bytes
        xsave_to_user((void USER *)at, size, (uint32_t)features) || GET_USER(p, present) ||
        PUT_USER(p | XSTATE_LEGACY, present) || // as Linux: a handler may change them where they were initial
        PUT_USER(sw, (struct _fpx_sw_bytes USER *)(at + offsetof(struct _fpstate, sw_reserved))) ||
        PUT_USER(magic2, (uint32_t USER *)(at + size)))
        return -EFAULT;
    *sp = at;
    return 0;
}

static void context_save(struct sigcontext *c, const struct regs *r, const struct fault_details *fault)
{
    c->r8 = r->r8, c->r9 = r->r9, c->r10 = r->r10, c->r11 = r->r11;
    c->r12 = r->r12, c->r13 = r->r13, c->r14 = r->r14, c->r15 = r->r15;
    c->rdi = r->rdi, c->rsi = r->rsi, c->rbp = r->rbp, c->rbx = r->rbx;
    c->rdx = r->rdx, c->rax = r->rax, c->rcx = r->rcx, c->rsp = r->rsp;
    c->rip = r->rip, c->eflags = r->rflags;
    c->cs = USER_CS, c->ss = USER_SS;
    c->err = fault->error, c->trapno = fault->vector, c->cr2 = fault->address;
}

static void context_restore(struct regs *r, const struct sigcontext *c)
{
    r->r8 = c->r8, r->r9 = c->r9, r->r10 = c->r10, r->r11 = c->r11;
    r->r12 = c->r12, r->r13 = c->r13, r->r14 = c->r14, r->r15 = c->r15;
    r->rdi = c->rdi, r->rsi = c->rsi, r->rbp = c->rbp, r->rbx = c->rbx;
    r->rdx = c->rdx, r->rax = c->rax, r->rcx = c->rcx, r->rsp = c->rsp;
    r->rip = c->rip;
    r->rflags = (c->eflags & RFLAGS_FROM_FRAME) | RFLAGS_FIXED;
}

int frame_push(struct regs *regs, const struct sigaction *action, const struct siginfo *info, uint64_t mask,
               const struct fault_details *fault, bool restart)
{
    struct thread *t = current_thread();
    if (!(action->sa_flags & SA_RESTORER) || (uint64_t)action->sa_handler >= USER_END)
        return -EFAULT;
    uint64_t sp = frame_stack(t, regs, action->sa_flags);
    if (push_xstate(&sp))
        return -EFAULT;
    struct frame f = {
        .return_address = (uint64_t)action->sa_restorer,
        .uc.uc_flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
        .uc.uc_mcontext.fpstate = (struct _fpstate *)sp,
        .uc.uc_mcontext.oldmask = mask,
        .uc.uc_sigmask = mask,
        .info = *info,
    };
    altstack_get(t, regs->rsp, &f.uc.uc_stack);
    context_save(&f.uc.uc_mcontext, regs, fault);
    f.uc.uc_mcontext.rip = rewrite_original(regs->rip);
    if (restart) {
        f.uc.uc_mcontext.rip -= SYSCALL_LENGTH;
        f.uc.uc_mcontext.rax = regs->orig_rax;
    }
    uint64_t at = ((sp - sizeof(f)) & ~15ul) - 8; // as if the handler had been called
    if (copy_to_user((void USER *)at, &f, sizeof(f)))
        return -EFAULT;
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
}

static bool is_extended(const struct _fpx_sw_bytes *sw, uint64_t at)
{
    const uint64_t size = xstate_size();
    uint32_t magic2 = 0;
    return sw->magic1 == FP_XSTATE_MAGIC1 && sw->xstate_size == size && !GET_USER(magic2, (const uint32_t USER *)(at + size)) &&
           magic2 == FP_XSTATE_MAGIC2;
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
    struct _fpx_sw_bytes sw;
    if (!at) {
        xstate_reset();
        return 0;
    }
    if (GET_USER(sw, (const struct _fpx_sw_bytes USER *)(at + offsetof(struct _fpstate, sw_reserved))))
        return -EFAULT;
    if (!is_extended(&sw, at))
        return pop_legacy(t, at);
    return xrstor_from_user((const void USER *)at, xstate_size(), (uint32_t)xstate_features());
}

int frame_pop(struct regs *regs)
{
    struct thread *t = current_thread();
    struct frame f;
    // The handler's `ret` took the return address.
    if (copy_from_user(&f, (const void USER *)(regs->rsp - sizeof(f.return_address)), sizeof(f)))
        return -EFAULT;
    f.uc.uc_mcontext.rip = rewrite_moved(f.uc.uc_mcontext.rip);
    // Jumping there would fault in the kernel, or run it.
    if (f.uc.uc_mcontext.rip >= USER_END || pop_xstate(t, (uint64_t)f.uc.uc_mcontext.fpstate))
        return -EFAULT;
    (void)signal_mask_set(f.uc.uc_sigmask);
    context_restore(regs, &f.uc.uc_mcontext);
    altstack_restore(t, regs->rsp, &f.uc.uc_stack);
    regs->orig_rax = (uint64_t)-1;
    return 0;
}
