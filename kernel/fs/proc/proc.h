// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

void proc_mount(void); // fills /proc and the parts of /sys that runtimes read

struct file_ops;
struct node;
void topology_mount(void);
// A made-up file and the directories on the way to it.
void proc_add(const char *path, const struct file_ops *ops, void *context);
// The number of the process whose folder this is, or -EBADF.
int32_t proc_process_of(const struct node *n);
