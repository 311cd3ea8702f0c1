// SPDX-License-Identifier: MIT
//
// The program's vector and x87 state. The kernel itself is compiled without these registers, so while no fpu_begin bracket is open
// the processor holds the program's values.
#pragma once

#include <stdint.h>

#include "kernel/mm/user.h"

struct thread;

enum { XSTATE_LARGEST = 0x1000 }; // bytes that XSAVE may write for XFEATURES_OFFERED (abi/layout.h: THREAD_XSAVE_SIZE)
// Bytes of an XSAVE area for the components that programs have, and their mask: those of XFEATURES_OFFERED in XCR0.
uint64_t xstate_size(void);
uint64_t xstate_features(void);
// The thread's own area, 64-byte aligned, allocated when first asked for. NULL: out of memory.
uint8_t *xstate_buffer(struct thread *t);
// XSAVE into / XRSTOR from an area. A restored area must be well formed: xstate_sanitize makes it so.
void xstate_save(uint8_t *area);
void xstate_restore(const uint8_t *area);
// Makes an FXSAVE image that came from program memory one for XRSTOR, which faults on reserved bits. The rest becomes initial.
void xstate_sanitize(uint8_t *area);
// x87 and SSE control words: what a new thread inherits.
void xstate_control_get(uint32_t *ret_mxcsr, uint16_t *ret_x87);
void xstate_control_set(uint32_t mxcsr, uint16_t x87);
// XRSTOR of an area in the program's memory, of all components. What was in the registers before is nobody's any more. 0 or -EFAULT.
int xstate_from_frame(struct thread *t, const void USER *area);
void xstate_reset(void); // as execve leaves it
// The same for a handler, as on Linux; used: the components that may not be in their initial state (XSTATE_BV of what XSAVE stored).
void xstate_begin_handler(uint64_t used);
