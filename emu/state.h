// SPDX-License-Identifier: MIT
//
// What the leaves share. Code that runs while FS is the enclave's (host-no-tls in meson.build) uses nothing of
// libc that needs thread-local storage.
#pragma once

#include <stdatomic.h>
#include <ucontext.h>

#include "emu/emu.h"
#include "lib/place/place.h"

struct emu_thread;

struct emu_tcs {
    uint64_t address;
    struct sgx_tcs page;       // its content: nobody but the processor reads or writes a TCS
    _Atomic uint32_t active;   // STATE
    struct emu_thread *thread; // that has it active
    struct emu_tcs *next_spare;
};

enum { EMU_TCS_SLOTS = 8192 };

struct emu_enclave {
    struct sgx_secs secs;
    struct sgx_identity identity; // filled by EINIT
    bool initialised;
    struct sgx_measurement *measurement;
    emu_secrets_source *secrets;
    void *secrets_context;
    emu_exit_handler *exit_handler; // or NULL
    void *exit_context;
    uint64_t entry_without_fs; // 0: none
    uint64_t reserved; // first address of the reservation
    _Atomic uint16_t *epcm; // one entry per page (epcm.h)
    _Atomic uint32_t tables_lock; // epcm_lock
    struct emu_tcs *_Atomic *tcs; // open addressing by address
    struct emu_tcs *_Atomic *tcs_of_gs; // and by GS base
    size_t tcs_used; // slots, tombstones included
    size_t xsave_size; // of the state components in XFRM
    uint64_t open_start, open_end; // page tables open for EADD
    struct place place;
};

// A run of pages that one EAUG added and that this thread has begun to accept in order by EACCEPT or EACCEPTCOPY: of [start, next)
// the page tables follow at the run's end.
struct emu_run {
    uint64_t start, next, end;
    bool copied; // [start, next) is still pending; its content is in the thread's `gathered`
    unsigned permissions; // that it will have
};

// Of one host thread. Lies at the start of an aligned region that also holds its signal stack, so that a signal
// handler finds it by its own stack pointer; FS and GS are the enclave's then.
struct emu_thread {
    struct emu_exit exit; // first: enter.S
    struct emu_enclave *enclave; // entered, or NULL
    struct emu_tcs *tcs;
    volatile uint32_t inside;
    uint64_t host_fs, loaded_gs;
    uint64_t fs, loaded_fs; // the FS base as software has set it, and what Linux has loaded (segment.c)
    struct emu_run run;
    uint8_t *leaf_stack_top;
    uint8_t *gathered; // EMU_GATHERED_SIZE bytes
    uint8_t *resume_frame; // signal frame by which ERESUME restores everything at once
    sigset_t resume_mask;
};

enum {
    EMU_THREAD_REGION = 0x80000,
    EMU_FRAME_OFFSET = 0x1000,
    EMU_FRAME_SIZE = 0x7000,
    EMU_SIGNAL_STACK_OFFSET = 0x8000,
    EMU_SIGNAL_STACK_SIZE = 0x18000,
    EMU_LEAF_STACK_END = 0x40000,
    EMU_GATHERED_OFFSET = 0x40000,
    EMU_GATHERED_SIZE = 0x20000,
    EMU_LAZY_SIZE = 0x80000, // up to here access that is gained comes with the first use

};

static inline struct emu_thread *emu_thread_of_signal_stack(const void *p)
{
    return (struct emu_thread *)((uintptr_t)p & ~(uintptr_t)(EMU_THREAD_REGION - 1));
}

static inline bool emu_in_range(const struct emu_enclave *e, uint64_t address, uint64_t length)
{
    return address >= e->secs.base && length <= e->secs.size && address - e->secs.base <= e->secs.size - length;
}

// thread.c
struct emu_thread *emu_thread_self(void); // made on first use; NULL when out of memory. Needs the host's FS.
int emu_thread_attach(struct emu_thread *t, struct emu_enclave *e); // makes `syscall` illegal in that enclave's range

// tcs.c
int emu_tcs_add(struct emu_enclave *e, uint64_t address, const void *page);
struct emu_tcs *emu_tcs_find(const struct emu_enclave *e, uint64_t address);
struct emu_tcs *emu_tcs_find_gs(const struct emu_enclave *e, uint64_t gs_base);
void emu_tcs_remove(struct emu_enclave *e, uint64_t address);
void emu_tcs_free_all(struct emu_enclave *e);

// No-TLS part.
// raw.c
long emu_raw(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
long emu_raw6(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
_Noreturn void emu_die(const char *reason);
// segment.c
void emu_segment_setup(void);
bool emu_bases_by_instruction(void);
void emu_fs_of_host(struct emu_thread *t); // what is loaded now is the host's
uint64_t emu_fs_base(const struct emu_thread *t);
uint64_t emu_gs_base(void);
void emu_set_fs_base(struct emu_thread *t, uint64_t base);
void emu_set_fs_base_unseen(struct emu_thread *t, uint64_t base); // nobody accesses memory through FS before it is set again
void emu_set_gs_base(struct emu_thread *t, uint64_t base);
// aex.c
void emu_aex(struct emu_thread *t, ucontext_t *uc, uint32_t vector, uint32_t error, uint64_t address);
_Noreturn void emu_eresume(struct emu_thread *t);
// signals.c
int emu_signals_setup(void);

// SSA frame number n: the GPRSGX part of it, and its start.
static inline uint64_t emu_ssa(const struct emu_enclave *e, const struct emu_tcs *tcs, uint32_t n)
{
    return e->secs.base + tcs->page.ossa + (uint64_t)n * e->secs.ssa_frame_size * SGX_PAGE_SIZE;
}
static inline struct sgx_gprsgx *emu_gprsgx(const struct emu_enclave *e, uint64_t frame)
{
    return (struct sgx_gprsgx *)(frame + (uint64_t)e->secs.ssa_frame_size * SGX_PAGE_SIZE) - 1;
}

// Registers of an ENCLU inside, wherever they were found.
struct emu_registers {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags, rip; // rip: behind the instruction
};
struct emu_fault {
    uint32_t vector, error;
    uint64_t address;
};
// enclu.c: one leaf. 0, or -1 with the fault that the processor raises instead.
int emu_enclu(struct emu_thread *t, struct emu_registers *r, struct emu_fault *ret_fault);
// Leaves. Results as in emu.h; *ret_fault says where a #PF was.
int emu_eaccept(struct emu_thread *t, uint64_t secinfo, uint64_t page, uint64_t *ret_fault);
int emu_eacceptcopy(struct emu_thread *t, uint64_t secinfo, uint64_t destination, uint64_t source, uint64_t *ret_fault);
void emu_settle(struct emu_thread *t); // puts what EACCEPTCOPY gathered into its place
int emu_emodpe(struct emu_thread *t, uint64_t secinfo, uint64_t page, uint64_t *ret_fault);
int emu_ereport(struct emu_thread *t, uint64_t targetinfo, uint64_t reportdata, uint64_t report, uint64_t *ret_fault);
int emu_egetkey(struct emu_thread *t, uint64_t keyrequest, uint64_t key, uint64_t *ret_fault);
// Calls f(argument) on the thread's own leaf stack with the host's FS; vector registers are kept.
int emu_call_hosted(struct emu_thread *t, int (*f)(void *argument), void *argument);
// A memory operand of a leaf: inside, aligned, in accessible regular pages. 0, -EINVAL or -EFAULT.
int emu_operand(struct emu_thread *t, uint64_t address, uint64_t size, uint64_t alignment, bool write, uint64_t *ret_fault);

// enter.S
int emu_switch(struct emu_thread *t, struct sgx_gprsgx *ssa, const uint64_t registers[6]);
int emu_switch_resume(struct emu_thread *t);
int emu_call_on_stack(int (*f)(void *argument), void *argument, void *stack_top);
extern const char emu_aep[], emu_eexit_target[], emu_enclu_trampoline[], emu_wrfsbase_trampoline[];
