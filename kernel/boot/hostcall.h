// SPDX-License-Identifier: MIT
//
// Host calls for kernel code. A thin layer over abi/target.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

// One allow-listed Linux system call on the host. Pointers among the arguments must be untrusted memory.
long host_syscall(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
// One that does not wait. An interrupt of this thread cancels a call that is about to be made, with -EINTR, which nobody expects
// of it: it is made again.
long host_syscall_now(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);

// The current thread's bounce buffer in untrusted memory, and its size in bytes (at least 256 KiB).
uint64_t host_bounce(void);
size_t host_bounce_size(void);

// Bulk I/O on a host descriptor through the bounce buffer; short counts as the host gives them, clamped to what was asked.
long host_read_fd(int host_fd, void *to, size_t size);
long host_write_fd(int host_fd, const void *from, size_t size);
