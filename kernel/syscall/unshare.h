// SPDX-License-Identifier: MIT
#pragma once

struct process;

// Gives the current process, which has one thread, a table of files of its own. 0 or -ENOMEM.
int part_files(struct process *p);
