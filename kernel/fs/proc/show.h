// SPDX-License-Identifier: MIT
//
// Show functions of /proc, one per file (proc.c declares the tree).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/fs/proc/text.h"

struct file_ops;
struct mm;
struct node;
struct process;
struct thread;

text_show show_meminfo, show_cpuinfo, show_stat, show_uptime, show_loadavg, show_version, show_mounts, show_filesystems;
text_show show_cpus_online, show_hugepage_size, show_hugepage_enabled, show_osrelease, show_hostname, show_domainname, show_kernel_version;
text_show show_sysvipc_shm, show_sysvipc_sem, show_sysvipc_msg;
text_show show_net_devices, show_net_addresses6, show_net_routes;
text_show show_swaps, show_vmstat, show_boot_id, show_uuid;

// What a file of /proc/PID is about. The process is locked.
struct subject {
    struct process *process;
    struct thread *thread;
    struct mm *mm; // stays while the process is locked; NULL: it has ended
};
typedef void subject_show(struct text *t, const struct subject *s);
subject_show show_maps, show_smaps, show_status, show_self_stat, show_statm, show_comm, show_limits, show_cmdline, show_environ;
subject_show show_auxv, show_io, show_cgroup, show_mountinfo, show_self_mounts, show_id_map, show_setgroups, show_login;
subject_show show_oom_score, show_oom_score_adj, show_oom_adj, show_timerslack;
subject_show show_wchan, show_personality, show_schedstat, show_coredump_filter;

// For what is written to it; bytes, or -errno.
typedef long subject_change(const struct subject *s, const char *from, size_t size);
subject_change change_comm, change_oom_score_adj, change_oom_adj, change_coredump_filter, change_timerslack;

extern const struct file_ops proc_mem_ops; // of a node made for a process
int32_t subject_number(const struct node *n);

void proc_pids(struct node *proc); // puts the directories of processes into /proc
// Locks the process that has this thread; *ret_thread is it, or the first. NULL: none.
struct process *subject_lock(int32_t id, struct thread **ret_thread);
