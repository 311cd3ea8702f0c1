// SPDX-License-Identifier: MIT
#pragma once

void proc_mount(void); // fills /proc and the parts of /sys that runtimes read

struct file_ops;
void topology_mount(void);
// A made-up file and the directories on the way to it.
void proc_add(const char *path, const struct file_ops *ops, void *context);
