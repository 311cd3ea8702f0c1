// SPDX-License-Identifier: MIT
//
// Exceptions reach us as signals. Those of enclave code become an instruction that we execute (ENCLU), an access that the EPCM allows and
// the page tables did not yet, or an AEX.
#include <asm/prctl.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "emu/epcm.h"

enum { VECTOR_DE = 0, VECTOR_DB = 1, VECTOR_BP = 3, VECTOR_UD = 6, VECTOR_GP = 13, VECTOR_PF = 14 };
enum { SYSCALL_LENGTH = 2, CPUID_LENGTH = 2, ENCLU_LENGTH = 3 };
enum { INT3 = 0xcc }; // the breakpoint of one byte; the other one is cd 03
#define FLAG_AC 0x40000ul
#define FLAG_RF 0x10000l
#define FLAG_TF 0x100l
#define TRAP_PERF_CODE 6 // TRAP_PERF, which older C libraries do not name
enum { ERROR_WRITE = 2, ERROR_FETCH = 16, ERROR_SGX = 1 << 15 };

static int interrupt_signal;
static void (*interrupt_outside)(ucontext_t *context);

void emu_interrupt_signal(int number, void (*outside)(ucontext_t *context))
{
    interrupt_signal = number;
    interrupt_outside = outside;
}

// Linux leaves AC to a handler as the enclave had it, and our accesses may be unaligned.
static inline void clear_alignment_check(void)
{
    __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~FLAG_AC);
}

static struct emu_thread *thread_here(void)
{
    return emu_thread_of_signal_stack(__builtin_frame_address(0));
}

static bool inside(const struct emu_thread *t, const greg_t *g)
{
    return t->inside && emu_in_range(t->enclave, (uint64_t)g[REG_RIP], 1);
}

// A jump out of the enclave. In hardware the jump is #GP; here the processor has made it, and its fetch faults.
static bool left_by_jump(const struct emu_thread *t, const greg_t *g)
{
    return t->inside && g[REG_TRAPNO] == VECTOR_PF && (g[REG_ERR] & ERROR_FETCH) && g[REG_RIP] == g[REG_CR2];
}

static void leave(struct emu_thread *t, ucontext_t *uc, uint32_t vector, uint32_t error, uint64_t address)
{
    t->resume_mask = uc->uc_sigmask;
    if (interrupt_signal)
        sigaddset(&uc->uc_sigmask, interrupt_signal); // until ERESUME: an interrupt must find the program, not its host
    emu_aex(t, uc, vector, error, address);
}

static bool is_enclu(const struct emu_thread *t, uint64_t rip)
{
    static const uint8_t enclu[ENCLU_LENGTH] = {0x0f, 0x01, 0xd7};
    return emu_in_range(t->enclave, rip, ENCLU_LENGTH) && !memcmp((const void *)rip, enclu, ENCLU_LENGTH);
}

static void execute(struct emu_thread *t, ucontext_t *uc)
{
    greg_t *g = uc->uc_mcontext.gregs;
    struct emu_registers r = {
        .rax = (uint64_t)g[REG_RAX], .rbx = (uint64_t)g[REG_RBX], .rcx = (uint64_t)g[REG_RCX], .rdx = (uint64_t)g[REG_RDX],
        .rflags = (uint64_t)g[REG_EFL], .rip = (uint64_t)g[REG_RIP] + ENCLU_LENGTH,
    };
    struct emu_fault fault;
    if (emu_enclu(t, &r, &fault)) {
        leave(t, uc, fault.vector, fault.error, fault.address);
        return;
    }
    g[REG_RAX] = (greg_t)r.rax;
    g[REG_RCX] = (greg_t)r.rcx;
    g[REG_EFL] = (greg_t)r.rflags;
    g[REG_RIP] = (greg_t)r.rip;
}

// The page tables are behind the EPCM: make them agree, for neighbours too.
static bool catch_up(const struct emu_thread *t, uint64_t address, uint32_t error)
{
    struct emu_enclave *e = t->enclave;
    uint64_t page = address & ~(uint64_t)(SGX_PAGE_SIZE - 1);
    if (!emu_in_range(e, page, SGX_PAGE_SIZE))
        return false;
    unsigned entry = epcm_get(e, page), wanted = error & ERROR_FETCH ? SGX_SECINFO_X : error & ERROR_WRITE ? SGX_SECINFO_W : SGX_SECINFO_R;
    if ((entry & EPCM_OPEN) || !(epcm_access(entry) & wanted))
        return false;
    uint64_t end = page + SGX_PAGE_SIZE, last = e->secs.base + e->secs.size;
    while (end < last && end - page < 64 * SGX_PAGE_SIZE && !(epcm_get(e, end) & EPCM_OPEN) &&
           epcm_access(epcm_get(e, end)) == epcm_access(entry))
        end += SGX_PAGE_SIZE;
    return !epcm_apply(e, page, end - page);
}

// A string move over all of a run of pages that can be written by now, as far as the EPCM is concerned: what writes text opens it for a
// moment. Changes of page tables in use would cost more than the instruction, so it is executed here.
static bool move_string(const struct emu_thread *t, greg_t *g, uint64_t address, uint32_t error)
{
    const struct emu_enclave *e = t->enclave;
    const uint64_t rip = (uint64_t)g[REG_RIP], to = (uint64_t)g[REG_RDI], from = (uint64_t)g[REG_RSI], count = (uint64_t)g[REG_RCX];
    enum { LENGTH = 2, DIRECTION = 1 << 10, LEAST = 512 };
    static const uint8_t rep_movsb[LENGTH] = {0xf3, 0xa4};
    if (!(error & ERROR_WRITE) || to != address || count < LEAST || (g[REG_EFL] & DIRECTION) || e->place.memory < 0 ||
        !emu_in_range(e, rip, LENGTH) || memcmp((const void *)rip, rep_movsb, LENGTH))
        return false;
    uint64_t end = to & ~(uint64_t)(SGX_PAGE_SIZE - 1);
    while (end <= to + EMU_LAZY_SIZE && emu_in_range(e, end, SGX_PAGE_SIZE) && !(epcm_get(e, end) & EPCM_OPEN) &&
           (epcm_access(epcm_get(e, end)) & SGX_SECINFO_W))
        end += SGX_PAGE_SIZE;
    const uint64_t n = end > to && end - to < count ? end - to : count;
    if (end <= to || end - to - n >= SGX_PAGE_SIZE || (from < to + n && to < from + n) ||
        emu_raw(SYS_pwrite64, (uint64_t)e->place.memory, from, n, to) != (long)n)
        return false;
    g[REG_RDI] += (greg_t)n;
    g[REG_RSI] += (greg_t)n;
    g[REG_RCX] -= (greg_t)n;
    g[REG_RIP] += n == count ? LENGTH : 0;
    return true;
}

// A page that this thread has accepted with content, and whose run goes on.
static bool just_accepted(struct emu_thread *t, uint64_t address)
{
    bool so = t->run.copied && address >= t->run.start && address < t->run.next;
    if (so)
        emu_settle(t);
    return so;
}

static void on_page_fault(struct emu_thread *t, ucontext_t *uc, uint32_t error, uint64_t address)
{
    if (just_accepted(t, address) || move_string(t, uc->uc_mcontext.gregs, address, error) || catch_up(t, address, error))
        return;
    if (emu_in_range(t->enclave, address, 1)) {
        unsigned entry = epcm_get(t->enclave, address);
        if ((entry & EPCM_VALID) && !(epcm_access(entry) == (entry & SGX_SECINFO_RWX)))
            error |= ERROR_SGX;
    }
    leave(t, uc, VECTOR_PF, error, address);
}

// Not in an enclave: whoever runs this process has a bug. Die as any process does.
static void die_of(int number)
{
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    sigaction(number, &dfl, NULL);
}

static void on_exception(int number, siginfo_t *info, void *context)
{
    clear_alignment_check();
    ucontext_t *uc = context;
    greg_t *g = uc->uc_mcontext.gregs;
    struct emu_thread *t = thread_here();
    uint32_t vector = (uint32_t)g[REG_TRAPNO];
    const bool traps = vector == VECTOR_GP || (number == SIGTRAP && info->si_code == TRAP_PERF_CODE);
    const bool cpuid = traps && !memcmp((const void *)g[REG_RIP], (const uint8_t[]){0x0f, 0xa2}, CPUID_LENGTH);
    if (!inside(t, g) && cpuid) {
        (void)emu_cpuid_trap(false); // a library's; the instruction is executed again
        return;
    }
    if (!inside(t, g) && !left_by_jump(t, g)) {
        die_of(number);
        return;
    }
    vector = cpuid ? VECTOR_UD : vector;
    if (number == SIGTRAP && info->si_code == TRAP_PERF_CODE && !cpuid) { // a breakpoint at what was CPUID
        g[REG_EFL] |= FLAG_RF;
        return;
    }
    if (vector == VECTOR_DB && info->si_code == TRAP_TRACE) { // an enclave does not single-step unless a debugger may look in
        g[REG_EFL] &= ~FLAG_TF;
        return;
    }
    if (vector == VECTOR_PF) {
        on_page_fault(t, uc, (uint32_t)g[REG_ERR], (uint64_t)g[REG_CR2]);
        return;
    }
    if ((vector == VECTOR_UD || vector == VECTOR_GP) && is_enclu(t, (uint64_t)g[REG_RIP])) {
        execute(t, uc);
        return;
    }
    if (vector == VECTOR_BP) { // fault-class in an enclave, and #UD unless the thread opted in for debugging
        g[REG_RIP] -= *(const uint8_t *)(g[REG_RIP] - 1) == INT3 ? 1 : 2;
        vector = t->tcs->page.flags & SGX_TCS_DBGOPTIN ? VECTOR_BP : VECTOR_UD;
    }
    leave(t, uc, vector, vector == VECTOR_GP ? (uint32_t)g[REG_ERR] : 0, 0);
}

static void on_syscall(int number, siginfo_t *info, void *context)
{
    clear_alignment_check();
    ucontext_t *uc = context;
    greg_t *g = uc->uc_mcontext.gregs;
    struct emu_thread *t = thread_here();
    g[REG_RIP] -= SYSCALL_LENGTH;
    if (inside(t, g))
        leave(t, uc, VECTOR_UD, 0, 0);
    else
        die_of(number);
}

static void on_interrupt(int number, siginfo_t *info, void *context)
{
    clear_alignment_check();
    ucontext_t *uc = context;
    // A thread may be interrupted before it has a signal stack, and with it its emu_thread: then it is certainly outside.
    struct emu_thread *t = uc->uc_stack.ss_flags & SS_DISABLE ? NULL : thread_here();
    if (t && inside(t, uc->uc_mcontext.gregs))
        leave(t, uc, EMU_INTERRUPT, 0, 0);
    else if ((!t || !t->inside) && interrupt_outside)
        interrupt_outside(uc);
}

int emu_cpuid_trap(bool on)
{
    return (int)emu_raw(SYS_arch_prctl, ARCH_SET_CPUID, !on, 0, 0);
}

int emu_signals_setup(void)
{
    const struct {
        int number;
        void (*handler)(int, siginfo_t *, void *);
    } rows[] = {
        {SIGSEGV, on_exception}, {SIGBUS, on_exception}, {SIGILL, on_exception},         {SIGFPE, on_exception},
        {SIGTRAP, on_exception}, {SIGSYS, on_syscall},   {interrupt_signal, on_interrupt},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sigaction sa = {.sa_sigaction = rows[i].handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigfillset(&sa.sa_mask);
        if (rows[i].number && sigaction(rows[i].number, &sa, NULL))
            return -errno;
    }
    return 0;
}
