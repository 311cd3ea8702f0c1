// SPDX-License-Identifier: MIT
//
// Helper processes: programs of the system image that run on the calling thread (helper_run, kernel/tee/tee.h).
#pragma once

struct thread;

// The helper's first thread has ended, the last of its process: back to helper_run.
_Noreturn void helper_end(struct thread *t);
