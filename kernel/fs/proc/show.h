// SPDX-License-Identifier: MIT
//
// Show functions of /proc, one per file (proc.c declares the tree).
#pragma once

#include <stddef.h>

#include "kernel/fs/proc/text.h"

struct node;

text_show show_meminfo, show_cpuinfo, show_stat, show_uptime, show_loadavg, show_version, show_mounts, show_filesystems;
text_show show_cpus_online, show_hugepage_size, show_hugepage_enabled, show_pid_max, show_osrelease, show_hostname;
text_show show_zero, show_one;
text_show show_maps, show_status, show_self_stat, show_statm, show_comm, show_limits;

int self_exe_target(struct node *link, char *to, size_t size);
int self_cwd_target(struct node *link, char *to, size_t size);
int self_pid_target(struct node *link, char *to, size_t size);
int self_fd_target(struct node *link, char *to, size_t size);
struct node *self_fd_jump(struct node *link);
