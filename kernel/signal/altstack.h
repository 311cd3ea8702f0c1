// SPDX-License-Identifier: MIT
//
// Alternate signal stacks: sigaltstack(2).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <linux/signal.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

struct thread;

bool altstack_active(const struct thread *t, uint64_t sp); // sp stands on it
bool altstack_usable(const struct thread *t, uint64_t sp); // there is one, and sp does not stand on it
void altstack_get(const struct thread *t, uint64_t sp, stack_t *ret_stack);
int altstack_set(struct thread *t, uint64_t sp, const stack_t *stack); // 0, -EPERM, -EINVAL, -ENOMEM
void altstack_restore(struct thread *t, uint64_t sp, const stack_t *stack); // sigreturn: errors are ignored, as on Linux
void altstack_disarm(struct thread *t);
