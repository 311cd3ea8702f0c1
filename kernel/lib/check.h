// SPDX-License-Identifier: MIT
//
// Three words for three failures: ASSERT (our bug), host_lied (an impossible answer from outside; fail-stop),
// and `return -EXXX` (the program's or the environment's doing).
#pragma once

#define ASSERT(condition) ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))
_Noreturn void assert_failed(const char *condition, const char *file, int line);
// Stops the enclave with one line on stderr: "myst: the host lied: <what>".
_Noreturn void host_lied(const char *what);
// Stops the enclave for a reason that is nobody's lie: e.g. a corrupt root filesystem at start.
_Noreturn void kernel_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
