// SPDX-License-Identifier: MIT
//
// The host half of the linux target: the kernel image in this very process.
#pragma once

#include "host/run.h"

int linux_run(const struct run_options *options);

// Signal handling of a thread that runs kernel and program (signals.c). The alternate stack is the caller's memory.
int linux_signals_setup(void);
void linux_signals_thread(void *stack, unsigned long size);
