// SPDX-License-Identifier: MIT
//
// Software SGX: what a processor with SGX1 and SGX2 does (SDM vol. 3D, chapters 36-40), in this process. The leaves are functions;
// the enclave's pages are this process's memory, guarded by its page tables according to the EPCM.
//
// Results: 0; a positive SGX code (sgx/result.h); -EINVAL where the manual says #GP, -EFAULT where it says #PF; -ENOMEM, -EIO.
//
// What it is not: it keeps nothing secret from the process around it, and DEBUG is always set. CPUID is not stopped (a processor offers no
// way to forbid it to one range of code), nor are accesses to the enclave from outside.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sgx/keys.h"
#include "sgx/structures.h"

struct emu_enclave; // SECS, EPCM and threads of one enclave

// The processor's fused secrets, asked for when a key or report is first needed: NULL means that there are none (EIO).
typedef const struct sgx_key_secrets *emu_secrets_source(void *context);

// ECREATE. Checks the SECS as the manual does and reserves the address range. -EEXIST when that is not free.
int emu_ecreate(const struct sgx_secs *secs, emu_secrets_source *secrets, void *context, struct emu_enclave **ret);
// EADD of each page of a range, in order; content NULL: zero pages. EEXTEND of each 256 bytes of a part of a page, in order.
// Addresses are linear.
int emu_eadd(struct emu_enclave *e, uint64_t address, const void *content, uint64_t length, uint64_t secinfo_flags);
// Opens the page tables of a range that is about to be added; EADD does it by itself for what it adds.
int emu_eadd_prepare(struct emu_enclave *e, uint64_t address, uint64_t length);
int emu_eextend(struct emu_enclave *e, uint64_t address, uint64_t length);
// EINIT, for an enclave that needs no launch token (flexible launch control).
int emu_einit(struct emu_enclave *e, const struct sgx_sigstruct *sigstruct);
// Ends the enclave; no thread may be inside. Accepts NULL.
void emu_destroy(struct emu_enclave *e);
// As EDBGRD of a debug enclave's SECS.
const struct sgx_secs *emu_secs(const struct emu_enclave *e);

// SGX2, on ranges of pages. They stop at the first page that is refused.
int emu_eaug(struct emu_enclave *e, uint64_t address, uint64_t length);
int emu_emodpr(struct emu_enclave *e, uint64_t address, uint64_t length, uint64_t secinfo_flags);
int emu_emodt(struct emu_enclave *e, uint64_t address, uint64_t length, enum sgx_page_type type);
int emu_eremove(struct emu_enclave *e, uint64_t address, uint64_t length);
// The operating system's page tables: PROT_* for a range. Access needs these and the EPCM.
int emu_map(struct emu_enclave *e, uint64_t address, uint64_t length, int prot);
// Access that was gained comes with its first use. All of it now: it is used next.
int emu_populate(struct emu_enclave *e, uint64_t address, uint64_t length);

struct emu_exit { // how the enclave was left
    uint64_t rdi, rsi; // as EEXIT found them
    bool exception;    // an AEX with a reportable exception, or `vector` EMU_INTERRUPT
    uint32_t vector, error;
    uint64_t address;
};
enum { EMU_INTERRUPT = 256 };

// EENTER or ERESUME (enum sgx_leaf) of a TCS on the calling thread. -EBUSY: the TCS is active on another thread.
int emu_enter(struct emu_enclave *e, uint64_t tcs, enum sgx_leaf leaf, uint64_t rdi, uint64_t rsi, struct emu_exit *ret);

// What a thread does after an exit, decided without leaving emu_enter: SGX_EENTER or SGX_ERESUME with *rdi and *rsi, or anything else for
// emu_enter to return. As the user handler of Linux's __vdso_sgx_enter_enclave, but FS may still be the enclave's: no thread-local storage.
typedef unsigned emu_exit_handler(void *context, uint64_t tcs, const struct emu_exit *exit, uint64_t *rdi, uint64_t *rsi);
void emu_handle_exits(struct emu_enclave *e, emu_exit_handler *handler, void *context);

// Interrupts: after this, `number` sent to a thread that is inside makes emu_enter return EMU_INTERRUPT; a thread outside runs
// `outside` with its registers (no thread-local storage, no vector registers there). Call before the first emu_enter.
void emu_interrupt_signal(int number, void (*outside)(ucontext_t *context));
// CPUID in an enclave is #UD (SDM vol. 3D, 36.6.1). Our processor executes it: from now on, or no longer, it does not for the current
// thread. 0, or -ENODEV: it always does.
// (A breakpoint of the processor at CPUID, SIGTRAP with TRAP_PERF, is #UD likewise.)
int emu_cpuid_trap(bool on);

// Instructions to be replaced by calls of the same effect, after EINIT and before the first emu_enter; the enclave keeps at GS:0 the
// GS base, or what is nobody's GS base. 0, -EINVAL (there is no such instruction), or another negative errno.
enum emu_site_kind {
    EMU_SITE_ENCLU = 1,    // padded to 5 bytes
    EMU_SITE_WRFSBASE = 2, // wrfsbase %rdi
};
struct emu_site {
    uint64_t address;
    enum emu_site_kind kind;
};
int emu_patch(struct emu_enclave *e, const struct emu_site *sites, size_t count);
// The code at this OENTRY (an address) accesses nothing through FS before it has set FS or leaves: EENTER need not load it there.
void emu_entry_without_fs(struct emu_enclave *e, uint64_t address);
