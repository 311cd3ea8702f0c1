// SPDX-License-Identifier: MIT
#include "host/boot_info.h"

#include <cpuid.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "abi/layout.h"
#include "host/hostcall/forward.h"
#include "host/hostcall/server.h"

static int pack(char *const *strings, uint64_t *ret_address, uint64_t *ret_size)
{
    size_t size = 0;
    for (char *const *s = strings; s && *s; s++)
        size += strlen(*s) + 1;
    char *block = malloc(size + 1), *at = block;
    if (!block)
        return -ENOMEM;
    for (char *const *s = strings; s && *s; s++)
        at = stpcpy(at, *s) + 1;
    *ret_address = (uint64_t)block;
    *ret_size = size;
    return 0;
}

// The leaves that programs and the kernel ask for; an enclave cannot execute CPUID.
static unsigned collect_cpuid(struct boot_cpuid *table, unsigned limit)
{
    unsigned n = 0;
    const uint32_t ranges[][2] = {{0, 0}, {0x80000000, 0x80000000}, {0x40000000, 0x40000001}};
    for (unsigned r = 0; r < 3; r++) {
        uint32_t a, b, c, d;
        __cpuid(ranges[r][0], a, b, c, d);
        uint32_t last = r == 2 ? ranges[r][1] : a;
        if (last < ranges[r][0] || last > ranges[r][0] + 0x40)
            last = ranges[r][0];
        for (uint32_t leaf = ranges[r][0]; leaf <= last; leaf++) {
            bool many = leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd || leaf == 0x1f || leaf == 0x14 ||
                        leaf == 0x8000001d;
            for (uint32_t sub = 0; sub < (leaf == 0xd ? 20u : many ? 6u : 1u) && n < limit; sub++) {
                __cpuid_count(leaf, sub, a, b, c, d);
                table[n++] = (struct boot_cpuid){leaf, sub, a, b, c, d};
            }
        }
    }
    return n;
}

// Each CPUID costs microseconds on a virtual machine: these are those of kernel/task/xstate.c, kernel/time/clock.c and /proc/cpuinfo.
static unsigned collect_for_kernel(struct boot_cpuid *table)
{
    static const uint32_t leaves[] = {0, 1, 0xd, 0x80000002, 0x80000003, 0x80000004, 0x80000007};
    unsigned n = 0;
    for (; n < sizeof(leaves) / sizeof(leaves[0]); n++) {
        struct boot_cpuid *row = &table[n];
        *row = (struct boot_cpuid){.leaf = leaves[n]};
        __cpuid_count(row->leaf, 0, row->eax, row->ebx, row->ecx, row->edx);
    }
    return n;
}

int boot_info_fill(const struct run_options *options, enum boot_cpuid_extent extent, struct boot_info *ret_info)
{
    enum { CPUID_LIMIT = 256 };
    struct boot_cpuid *cpuid = calloc(CPUID_LIMIT, sizeof(*cpuid));
    cpu_set_t cpus;
    struct boot_info b = {.version = BOOT_INFO_VERSION, .flags = options->strace ? BOOT_STRACE : 0};
    int r = cpuid ? pack(options->argv, &b.arguments, &b.arguments_size) : -ENOMEM;
    if (!r)
        r = pack(options->envp, &b.environment, &b.environment_size);
    if (r)
        return r;
    b.rootfs = (struct boot_image){(uint64_t)options->rootfs.data, (uint64_t)options->rootfs.tree, options->rootfs.tree_size};
    b.system = (struct boot_image){(uint64_t)options->system.data, (uint64_t)options->system.tree, options->system.tree_size};
    b.host_block[0] = (uint64_t)host_blocks;
    b.host_block[1] = HOST_BLOCK_SIZE;
    b.host_blocks = (uint64_t)host_blocks;
    b.cpuid = (uint64_t)cpuid;
    b.cpuid_count = extent == BOOT_CPUID_ALL      ? collect_cpuid(cpuid, CPUID_LIMIT)
                    : extent == BOOT_CPUID_KERNEL ? collect_for_kernel(cpuid)
                                                  : 0;
    b.host_signals = (uint64_t)&host_signals;
    b.ignored_signals = host_signals_ignored();
    b.hwcap[0] = getauxval(AT_HWCAP);
    b.hwcap[1] = getauxval(AT_HWCAP2);
    b.cpu_count = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : (uint64_t)CPU_COUNT(&cpus);
    *ret_info = b;
    return 0;
}
