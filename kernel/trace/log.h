// SPDX-License-Identifier: MIT
//
// Lines for people on the host's stderr. Never secrets: the host reads them.
#pragma once

// Writes one line (a newline is added). Best effort.
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
