// SPDX-License-Identifier: MIT
#pragma once

// "SIGSEGV"; real-time signals and nonsense are "SIG?".
const char *signal_name(int sig);
