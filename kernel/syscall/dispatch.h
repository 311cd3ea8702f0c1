// SPDX-License-Identifier: MIT
//
// The dispatcher's side doors.
#pragma once

#include <stdint.h>

struct regs;

#define SYSCALL_TABLE_SIZE 1035u // one past the highest number with a row

// Decides whether calls are traced. Once, at boot, when the configuration is known.
void syscall_boot(void);
// Prints the calls that were answered with -ENOSYS, and how often; only when tracing.
void syscall_report_absent(void);

// One trace line; strace.c.
void strace_call(const struct regs *regs, long result);
// A line for a call that will not return (exit, successful execve).
void strace_no_return(const struct regs *regs);
extern uint8_t syscall_tracing;
