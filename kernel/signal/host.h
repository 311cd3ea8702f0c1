// SPDX-License-Identifier: MIT
//
// Signals that the host process got: they are meant for the program in the foreground.
#pragma once

// A host call of the current thread was interrupted: perhaps because of such a signal. Makes the thread look on its way out.
void host_signals_note(void);
// The first process has stopped by this signal. If by the terminal's, or if nobody inside could continue it, myst stops too, and when
// it goes on so does the first process's group.
void host_stop(int sig);
// Sends what has come to the first process's group.
void host_signals_take(void);
