// SPDX-License-Identifier: MIT
//
// /sys/devices/system/cpu/cpuN/topology: one package, one thread a core. The host's topology means nothing inside.
#include "kernel/boot/config.h"
#include "kernel/fs/proc/proc.h"
#include "kernel/fs/proc/show.h"
#include "kernel/lib/klib.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/tree.h"

enum { CPUS_SHOWN = 256 };

enum value { OWN, ZERO, OWN_LIST, ALL_LIST };
static const struct {
    const char *name;
    enum value value;
} files[] = {
    {"core_cpus_list", OWN_LIST},      {"core_id", OWN},          {"core_siblings_list", ALL_LIST},   {"die_id", ZERO},
    {"package_cpus_list", ALL_LIST},   {"physical_package_id", ZERO}, {"thread_siblings_list", OWN_LIST},
};
#define FILES (sizeof(files) / sizeof(files[0]))

static int topology_open(struct file *f)
{
    uint64_t which = (uint64_t)f->context;
    return text_of(f, files[which % FILES].value == ALL_LIST ? show_cpus_online : NULL,
                   files[which % FILES].value == ZERO ? 0 : which / FILES);
}

static struct file_ops topology_ops = {.open = topology_open};

void topology_mount(void)
{
    char path[96];
    uint64_t count = boot_get()->cpu_count;
    topology_ops.read = text_ops.read;
    topology_ops.release = text_ops.release;
    for (uint64_t cpu = 0; cpu < count && cpu < CPUS_SHOWN; cpu++)
        for (uint64_t i = 0; i < FILES; i++) {
            snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%lu/topology/%s", cpu, files[i].name);
            proc_add(path, &topology_ops, (void *)(cpu * FILES + i));
        }
}
