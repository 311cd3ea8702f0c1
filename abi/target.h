// SPDX-License-Identifier: MIT
//
// What the kernel asks of a target (target/sgx, target/linux). Bound at link time: two kernel images are made
// from the same kernel objects. Results are >= 0 or negative errno unless said otherwise.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/hostcall.h"

struct boot_info;
struct thread_block;

// "sgx" or "linux": the value of MYST_TARGET.
extern const char target_name[];
extern const int target_is_tee;

// Runs first in kernel_boot, before the kernel heap exists; copies what the target itself needs of the boot information.
void target_boot(struct thread_block *tb, const struct boot_info *boot);

// One host call from the current thread. Arguments are plain integers; pointers must point into untrusted memory.
// kind: enum host_call_kind. May be answered with -EINTR when the thread was interrupted. The kernel stack is kept; no locks
// that other threads need in order to answer may be held.
long target_host_call(unsigned kind, uint64_t number, const uint64_t arg[6]);

// Memory of [address, address+length), page aligned, inside the enclave and never committed before (or removed since).
// On return pages are zero and accessible as `prot` (PROT_READ|PROT_WRITE|PROT_EXEC of Linux). sgx: augment + EACCEPT.
int target_memory_commit(uintptr_t address, size_t length, int prot);
// The same with content: length bytes from kernel memory, page aligned. Other threads see a page with its content or no page.
int target_memory_commit_copy(uintptr_t address, size_t length, int prot, const void *from);
// Changes access of committed pages. Takes effect for all threads before it returns.
int target_memory_protect(uintptr_t address, size_t length, int old_prot, int new_prot);
// The same when what is gained is used next: whoever gives access on demand may give it now.
int target_memory_open(uintptr_t address, size_t length, int old_prot, int new_prot);
// Other content for committed pages whose access is prot and stays so: for each of `count` its page of kernel memory. Nobody uses them
// meanwhile.
int target_memory_replace(uintptr_t address, size_t count, int prot, const uint8_t *const contents[]);
// Gives committed pages back; the range becomes inaccessible and may be committed anew (zero again).
int target_memory_remove(uintptr_t address, size_t length);

// Makes a thread area usable (sgx: pages, TCS) and sets up its thread block; index > 0, not in use.
// The area's thread block is then READY and the caller may fill tb->current. target_thread_start makes the host enter it.
int target_thread_prepare(unsigned index, struct thread_block **ret_tb);
int target_thread_start(unsigned index);
_Noreturn void target_thread_exit(void);
// Makes the thread on that area notice tb->interrupt_pending soon, wherever it is.
void target_thread_interrupt(unsigned index);

// The program's FS base. Sets tb->fs_base too.
void target_set_fs_base(uint64_t base);

// CPUID as this target reports it (sgx: the host's table, checked; features that do not work in an enclave cleared).
void target_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t ret[4]);
// The same for any leaf, by a host call if need be: not for stage 1 of a trap.
void target_cpuid_any(uint32_t leaf, uint32_t subleaf, uint32_t ret[4]);
// From now on (until on is 0) CPUID of the current thread traps, if it does not anyway. 0, or -errno: it cannot be made to.
int target_cpuid_trap(int on);
// Where it cannot: CPUID that the current thread executes at one of these addresses (0: none) traps, until the next call. 0, or -errno.
int target_cpuid_break(const uint64_t addresses[CPUID_BREAKS]);

// TEE primitives; -EINVAL on a target that is no TEE. Structures: sgx/structures.h (SDM vol. 3D).
int target_report(const uint8_t target_info[512], const uint8_t report_data[64], uint8_t ret_report[432]);
int target_get_key(const uint8_t key_request[512], uint8_t ret_key[16]); // positive result = SGX error code

_Noreturn void target_exit(int status);                            // the whole enclave; status as seen by the shell
_Noreturn void target_abort(const char *reason, size_t length);    // one line on stderr, then exit 134
