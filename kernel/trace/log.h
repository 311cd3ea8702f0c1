// SPDX-License-Identifier: MIT
//
// Lines for people on the host's stderr. Never secrets: the host reads them. The program's data appears only in trace lines,
// which a release enclave does not print.
#pragma once

#include <stddef.h>

// Writes one line (a newline is added) in one piece; text beyond 500 bytes is cut. Best effort.
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Writes bytes as they are. Best effort.
void log_raw(const char *text, size_t size);
