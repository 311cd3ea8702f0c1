// SPDX-License-Identifier: MIT
//
// Signals that the host process gets (from a terminal, from kill) are the program's.
#pragma once

#include <stdint.h>

// One bit per signal, 1 << (number - 1): set here, taken by the kernel.
extern uint64_t host_signals;

// This process stops as by a signal that nobody catches: only its own parent knows whether that makes sense. 0, or -EINVAL.
long host_stop(int number);

// Catches them, those that are ignored excepted. A second one that ends programs, while the first was not taken, kills this
// process.
void host_signals_forward(void);
// Those that this process was started to ignore: bit n-1 for signal n. Asked before host_signals_forward.
uint64_t host_signals_ignored(void);
