// SPDX-License-Identifier: MIT
//
// Signals of the linux target: what the processor would report to an enclave, Linux reports as signals. The handler turns
// the context into struct trap, lets the kernel's stage 1 edit it, and returns into the edited context.
//
// The handler runs with the program's FS: no thread-local storage, no stack protector, no libc that uses either.
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "abi/entry.h"
#include "abi/layout.h"
#include "host/hostcall/cpuid.h"
#include "host/hostcall/server.h"
#include "host/linux/linux.h"

enum { VECTOR_UD = 6, VECTOR_GP = 13, VECTOR_PF = 14, ERROR_FETCH = 16, SYSCALL_LENGTH = 2 };
#define FLAG_AC 0x40000ul
#define FLAG_RF 0x10000l

static struct thread_block *current_block(void)
{
    struct thread_block *tb;
    __asm__("mov %%gs:0, %0" : "=r"(tb));
    return tb;
}

// GPRSGX order of struct trap in terms of ucontext registers.
static const int order[18] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8,
                              REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_EFL, REG_RIP};

// Linux leaves AC to a handler as the program had it, and our accesses may be unaligned.
static inline void clear_alignment_check(void)
{
    __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~FLAG_AC);
}

static void deliver(greg_t *g, uint32_t vector, uint32_t error, uint64_t address)
{
    struct thread_block *tb = current_block();
    struct trap t = {.vector = vector, .error = error, .address = address};
    uint64_t *words = &t.rax;
    for (unsigned i = 0; i < 18; i++)
        words[i] = (uint64_t)g[order[i]];
    ((void (*)(struct thread_block *, struct trap *))tb->target_scratch[0])(tb, &t);
    for (unsigned i = 0; i < 18; i++)
        g[order[i]] = (greg_t)words[i];
}

static bool in_enclave(const greg_t *g)
{
    return (uint64_t)g[REG_RIP] < ENCLAVE_SIZE;
}

// The program jumped to an address outside. (We do not: our own calls through bad pointers would be reported as the program's.)
static bool left_by_jump(const greg_t *g)
{
    return g[REG_TRAPNO] == VECTOR_PF && (g[REG_ERR] & ERROR_FETCH) && g[REG_RIP] == g[REG_CR2];
}

// As where CPUID traps by itself. What is another instruction by now goes on.
static void on_break(greg_t *g)
{
    if (is_cpuid((const void *)g[REG_RIP]))
        deliver(g, VECTOR_GP, 0, 0);
    else
        g[REG_EFL] |= FLAG_RF;
}

static void on_exception(int signal_number, siginfo_t *info, void *context)
{
    clear_alignment_check();
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (!in_enclave(g) && g[REG_TRAPNO] == VECTOR_GP && is_cpuid((const void *)g[REG_RIP])) {
        (void)host_cpuid_trap(false); // a library's; the instruction is executed again
        return;
    }
    if (!in_enclave(g) && !left_by_jump(g)) { // our own bug: die as any process does
        struct sigaction dfl = {.sa_handler = SIG_DFL};
        sigaction(signal_number, &dfl, NULL);
        return;
    }
    if (is_break(signal_number, info->si_code))
        on_break(g);
    else
        deliver(g, (uint32_t)g[REG_TRAPNO], (uint32_t)g[REG_ERR], (uint64_t)g[REG_CR2]);
}

static void on_syscall(int signal_number, siginfo_t *info, void *context)
{
    clear_alignment_check();
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    g[REG_RIP] -= SYSCALL_LENGTH; // as #UD in an enclave: at the instruction
    deliver(g, VECTOR_UD, 0, 0);
}

static void on_interrupt(int signal_number, siginfo_t *info, void *context)
{
    clear_alignment_check();
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (in_enclave(g)) {
        host_threads[current_block()->area_index].interrupted = 0;
        deliver(g, TRAP_INTERRUPT, 0, 0);
    } else {
        host_syscall_cancel(context);
    }
}

int linux_signals_setup(void)
{
    static const struct {
        int number;
        void (*handler)(int, siginfo_t *, void *);
    } rows[] = {
        {SIGSEGV, on_exception}, {SIGBUS, on_exception},  {SIGILL, on_exception},
        {SIGFPE, on_exception},  {SIGTRAP, on_exception}, {SIGSYS, on_syscall},
        {HOST_INTERRUPT_SIGNAL, on_interrupt},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sigaction sa = {.sa_sigaction = rows[i].handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
        sigfillset(&sa.sa_mask);
        if (sigaction(rows[i].number, &sa, NULL))
            return -errno;
    }
    return 0;
}

void linux_signals_thread(void *stack, unsigned long size)
{
    const stack_t alternate = {.ss_sp = stack, .ss_size = size};
    (void)sigaltstack(&alternate, NULL); // valid memory of valid size: cannot fail
}
