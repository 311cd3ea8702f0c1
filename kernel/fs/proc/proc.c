// SPDX-License-Identifier: MIT
//
// /proc and /sys as a declared tree: one row per file.
#include "kernel/fs/proc/proc.h"

#include "kernel/fs/proc/show.h"
#include "kernel/lib/klib.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/tree.h"

static const struct {
    const char *path;
    text_show *show;
} files[] = {
    {"/proc/cpuinfo", show_cpuinfo},
    {"/proc/filesystems", show_filesystems},
    {"/proc/loadavg", show_loadavg},
    {"/proc/meminfo", show_meminfo},
    {"/proc/net/dev", show_net_devices},
    {"/proc/net/if_inet6", show_net_addresses6},
    {"/proc/net/route", show_net_routes},
    {"/proc/stat", show_stat},
    {"/proc/swaps", show_swaps},
    {"/proc/sysvipc/msg", show_sysvipc_msg},
    {"/proc/sysvipc/sem", show_sysvipc_sem},
    {"/proc/sysvipc/shm", show_sysvipc_shm},
    {"/proc/uptime", show_uptime},
    {"/proc/version", show_version},
    {"/proc/vmstat", show_vmstat},
    {"/proc/sys/kernel/hostname", show_hostname},
    {"/proc/sys/kernel/domainname", show_domainname},
    {"/proc/sys/kernel/version", show_kernel_version},
    {"/proc/sys/kernel/osrelease", show_osrelease},
    {"/proc/sys/kernel/random/boot_id", show_boot_id},
    {"/proc/sys/kernel/random/uuid", show_uuid},
    {"/sys/devices/system/cpu/online", show_cpus_online},
    {"/sys/devices/system/cpu/possible", show_cpus_online},
    {"/sys/devices/system/cpu/present", show_cpus_online},
    {"/sys/kernel/mm/transparent_hugepage/enabled", show_hugepage_enabled},
    {"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", show_hugepage_size},
};

// Settings that have one value here.
static const struct setting {
    const char *path, *value;
} settings[] = {
    {"/proc/sys/fs/file-max", "9223372036854775807"},
    {"/proc/sys/fs/inotify/max_queued_events", "16384"},
    {"/proc/sys/fs/inotify/max_user_instances", "128"},
    {"/proc/sys/fs/inotify/max_user_watches", "1048576"},
    {"/proc/sys/fs/lease-break-time", "45"}, // kernel/vfs/lease.c
    {"/proc/sys/fs/leases-enable", "1"},
    {"/proc/sys/fs/mqueue/msg_default", "10"},
    {"/proc/sys/fs/mqueue/msg_max", "10"},
    {"/proc/sys/fs/mqueue/msgsize_default", "8192"},
    {"/proc/sys/fs/mqueue/msgsize_max", "8192"},
    {"/proc/sys/fs/mqueue/queues_max", "256"},
    {"/proc/sys/fs/nr_open", "1048576"},
    {"/proc/sys/fs/overflowgid", "65534"},
    {"/proc/sys/fs/overflowuid", "65534"},
    {"/proc/sys/fs/pipe-max-size", "1048576"},
    {"/proc/sys/fs/pipe-user-pages-hard", "0"},
    {"/proc/sys/fs/pipe-user-pages-soft", "0"},
    {"/proc/sys/fs/protected_fifos", "0"},
    {"/proc/sys/fs/protected_hardlinks", "0"},
    {"/proc/sys/fs/protected_regular", "0"},
    {"/proc/sys/fs/protected_symlinks", "0"},
    {"/proc/sys/fs/suid_dumpable", "0"},
    {"/proc/sys/kernel/arch", "x86_64"},
    {"/proc/sys/kernel/cap_last_cap", "40"},
    {"/proc/sys/kernel/core_pattern", "core"},
    {"/proc/sys/kernel/core_uses_pid", "0"},
    {"/proc/sys/kernel/msgmax", "8192"},
    {"/proc/sys/kernel/msgmnb", "16384"},
    {"/proc/sys/kernel/msgmni", "32000"},
    {"/proc/sys/kernel/ngroups_max", "65536"},
    {"/proc/sys/kernel/ostype", "Linux"},
    {"/proc/sys/kernel/overflowgid", "65534"},
    {"/proc/sys/kernel/overflowuid", "65534"},
    {"/proc/sys/kernel/pid_max", "4194304"},
    {"/proc/sys/kernel/random/entropy_avail", "256"},
    {"/proc/sys/kernel/random/poolsize", "256"},
    {"/proc/sys/kernel/randomize_va_space", "0"},
    {"/proc/sys/kernel/sched_rr_timeslice_ms", "100"}, // kernel/syscall/sched.c
    {"/proc/sys/kernel/sched_rt_period_us", "1000000"},
    {"/proc/sys/kernel/sched_rt_runtime_us", "950000"},
    {"/proc/sys/kernel/sem", "32000\t1024000000\t500\t32000"},
    {"/proc/sys/kernel/shm_rmid_forced", "0"},
    {"/proc/sys/kernel/shmall", "18446744073692774399"}, // kernel/ipc/segment.h
    {"/proc/sys/kernel/shmmax", "18446744073692774399"},
    {"/proc/sys/kernel/shmmni", "4096"},
    {"/proc/sys/kernel/tainted", "0"},
    {"/proc/sys/kernel/threads-max", "65536"},
    {"/proc/sys/net/core/somaxconn", "4096"},
    {"/proc/sys/user/max_user_namespaces", "0"},
    {"/proc/sys/vm/max_map_count", "65530"},
    {"/proc/sys/vm/mmap_min_addr", "65536"},
    {"/proc/sys/vm/nr_hugepages", "0"},
    {"/proc/sys/vm/overcommit_memory", "1"},
    {"/proc/sys/vm/overcommit_ratio", "50"},
    {"/proc/sys/vm/swappiness", "60"},
    {"/sys/devices/system/cpu/kernel_max", "1023"},
    {"/sys/devices/system/node/online", "0"},
    {"/sys/devices/system/node/possible", "0"},
};

// Directories on the way to a path.
static void make_parents(const char *path)
{
    char part[128];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        (void)tree_make(NULL, part, S_IFDIR | 0555, 0); // made before, or in the image
    }
}

void proc_add(const char *path, const struct file_ops *ops, void *context)
{
    struct node *n;
    make_parents(path);
    (void)tree_make(NULL, path, S_IFREG | 0444, 0);
    if (tree_walk(NULL, path, 0, &n))
        return; // out of memory at boot: the file is missing
    n->ops = ops;
    n->context = context;
    node_put(n);
}

// The text of a setting is in its row; nothing is kept for an open file.
static long setting_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    char text[32];
    const struct setting *s = f->context;
    size_t n = (size_t)snprintf(text, sizeof(text), "%s\n", s->value);
    if (offset >= n)
        return 0;
    size = size < n - offset ? size : n - offset;
    memcpy(to, text + offset, size);
    return (long)size;
}

static const struct file_ops setting_ops = {.read = setting_read};

void proc_mount(void)
{
    struct node *proc;
    (void)tree_make(NULL, "/proc", S_IFDIR | 0555, 0); // usually there
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        proc_add(files[i].path, &text_ops, files[i].show);
    for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        proc_add(settings[i].path, &setting_ops, (void *)(uintptr_t)&settings[i]);
    topology_mount();
    (void)tree_symlink(NULL, "/proc/mounts", "self/mounts");
    if (tree_walk(NULL, "/proc", 0, &proc))
        return; // out of memory at boot
    tree_lock();
    proc_pids(proc);
    tree_unlock();
    node_put(proc);
}
