// SPDX-License-Identifier: MIT
//
// What kernel_boot asks of kernel/task.
#pragma once

struct exec_request;
struct file;
struct mm;
struct thread_block;

// Makes the first process and its thread on the boot thread block (no files, no memory yet). The heap exists.
void task_boot(struct thread_block *tb);
// Gives the first process its descriptor table with the console as 0, 1, 2, and its file system state.
void task_boot_files(void);
// Gives the first process the loaded program: memory, executable, names.
void task_boot_program(struct mm *mm, struct file *executable, const struct exec_request *request);
