// SPDX-License-Identifier: MIT
//
// /proc and /sys as a declared tree: one row per file.
#include "kernel/fs/proc/proc.h"

#include "kernel/fs/proc/show.h"
#include "kernel/lib/klib.h"
#include "kernel/task/task.h"
#include "kernel/vfs/directory.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/link.h"
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
    {"/proc/mounts", show_mounts},
    {"/proc/stat", show_stat},
    {"/proc/uptime", show_uptime},
    {"/proc/version", show_version},
    {"/proc/sys/kernel/hostname", show_hostname},
    {"/proc/sys/kernel/osrelease", show_osrelease},
    {"/proc/sys/kernel/pid_max", show_pid_max},
    {"/proc/sys/vm/overcommit_memory", show_one},
    {"/proc/100/comm", show_comm},
    {"/proc/100/limits", show_limits},
    {"/proc/100/maps", show_maps},
    {"/proc/100/mounts", show_mounts},
    {"/proc/100/oom_score_adj", show_zero},
    {"/proc/100/stat", show_self_stat},
    {"/proc/100/statm", show_statm},
    {"/proc/100/status", show_status},
    {"/sys/devices/system/cpu/online", show_cpus_online},
    {"/sys/devices/system/cpu/possible", show_cpus_online},
    {"/sys/devices/system/cpu/present", show_cpus_online},
    {"/sys/kernel/mm/transparent_hugepage/enabled", show_hugepage_enabled},
    {"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", show_hugepage_size},
};

static const struct link_ops exe_link = {.target = self_exe_target};
static const struct link_ops cwd_link = {.target = self_cwd_target};
static const struct link_ops self_link = {.target = self_pid_target};
static const struct link_ops fd_link = {.target = self_fd_target, .jump = self_fd_jump};

static const struct {
    const char *directory, *name;
    const struct link_ops *ops;
} links[] = {
    {"/proc", "self", &self_link},
    {"/proc/100", "exe", &exe_link},
    {"/proc/100", "cwd", &cwd_link},
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

static void add_file(const char *path, text_show *show)
{
    struct node *n;
    make_parents(path);
    (void)tree_make(NULL, path, S_IFREG | 0444, 0);
    if (tree_walk(NULL, path, 0, &n))
        return; // out of memory at boot: the file is missing
    n->ops = &text_ops;
    n->context = show;
    node_put(n);
}

static void add_link(const char *directory, const char *name, const struct link_ops *ops, void *context)
{
    struct node *dir, *link = link_new_computed(ops, context);
    if (!link || tree_walk(NULL, directory, 0, &dir))
        return;
    tree_lock();
    (void)directory_add(dir, name, strlen(name), link);
    tree_unlock();
    node_put(link);
    node_put(dir);
}

// /proc/self/fd: made anew for every look. The tree lock is held.
static void add_fd(int fd, struct file *f, void *context)
{
    char name[12];
    struct node *link = link_new_computed(&fd_link, (void *)(uintptr_t)fd);
    snprintf(name, sizeof(name), "%d", fd);
    if (link)
        (void)directory_add(context, name, strlen(name), link);
    node_put(link);
}

static void refresh_fds(struct node *dir)
{
    directory_free(dir);
    struct directory *d = &dir->directory;
    d->buckets = NULL;
    d->bucket_count = d->count = 0;
    d->first = d->last = NULL;
    d->next_cookie = 3;
    if (current_process()->files)
        fd_for_each(current_process()->files, add_fd, dir);
}

void proc_mount(void)
{
    struct node *fds;
    (void)tree_make(NULL, "/proc", S_IFDIR | 0555, 0); // usually there
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        add_file(files[i].path, files[i].show);
    for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        add_link(links[i].directory, links[i].name, links[i].ops, NULL);
    (void)tree_make(NULL, "/proc/100/fd", S_IFDIR | 0500, 0);
    if (!tree_walk(NULL, "/proc/100/fd", 0, &fds)) {
        fds->directory.refresh = refresh_fds;
        node_put(fds);
    }
}
