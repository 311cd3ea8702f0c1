// SPDX-License-Identifier: MIT
//
// The frame that a handler sees on the program's stack, and the way back from it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <linux/signal.h>

struct regs;

struct fault_details; // kernel/signal/queue.h

// Builds the frame and points regs at the handler. restart: the interrupted system call is to be made again on return.
// -EFAULT: the stack is not usable.
int frame_push(struct regs *regs, const struct sigaction *action, const struct siginfo *info, uint64_t mask,
               const struct fault_details *fault, bool restart);
// Restores regs, mask, alternate stack and vector state from the frame at regs->rsp. -EFAULT: the frame is damaged.
int frame_pop(struct regs *regs);
