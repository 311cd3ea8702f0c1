// SPDX-License-Identifier: MIT
//
// The processors that threads are told of: those of the host's process, numbered from 0.
#pragma once

#include <stdint.h>

#include "kernel/task/task.h"

unsigned scheduling_cpu_count(void);
void scheduling_all(uint8_t bits[CPUS_MAX / 8]);
// Those that the thread chose, or all; NULL: of nobody in particular.
void scheduling_processors(const struct thread *t, uint8_t bits[CPUS_MAX / 8]);
