// SPDX-License-Identifier: MIT
//
// Processor exceptions of the program as signals.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fault_details;
struct regs;
struct siginfo;
struct thread;

// Did this signal come from an exception of the thread (and not from kill)?
bool exception_caused(const struct thread *t, const struct siginfo *info);
// Details of that exception; all zero for signals of other origin.
const struct fault_details *exception_details(const struct thread *t, const struct siginfo *info);
// One line on stderr about the fatal exception.
void exception_report(const struct regs *regs, int sig, uint64_t address);
