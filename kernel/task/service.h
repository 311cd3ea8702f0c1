// SPDX-License-Identifier: MIT
//
// Threads of the kernel itself. They belong to a process that is in no list: programs do not see them, cannot signal
// them and are not kept alive by them. They have no address space.
#pragma once

// Starts a thread that runs `run`, which never returns; `name` has at most 15 characters. 0, -ENOMEM, -EAGAIN.
int service_start(const char *name, void (*run)(void));
