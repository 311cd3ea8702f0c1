// SPDX-License-Identifier: MIT
//
// The host's terminal.
#pragma once

#include <stdint.h>

// The process group that the host's terminal is for now; 0: there is no such terminal, or nobody has it.
int32_t console_foreground(void);
