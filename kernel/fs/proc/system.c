// SPDX-License-Identifier: MIT
//
// Files about the system as a whole.
#include "kernel/fs/proc/show.h"

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/uts.h"
#include "kernel/crypto/crypto.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/sync/sync.h"
#include "kernel/time/time.h"

static void put_kib(struct text *t, const char *name, uint64_t kib)
{
    char label[24];
    snprintf(label, sizeof(label), "%s:", name);
    text_put(t, "%-15s %8lu kB\n", label, kib);
}

static void put_none(struct text *t, const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put_kib(t, names[i], 0);
}

void show_meminfo(struct text *t)
{
    uint64_t total = mm_limit() / 1024, used = mm_committed() / 1024, free = used < total ? total - used : 0;
    put_kib(t, "MemTotal", total);
    put_kib(t, "MemFree", free);
    put_kib(t, "MemAvailable", free);
    static const char *const none[] = {"Buffers", "Cached", "SwapCached", "Active", "Inactive", "Active(anon)", "Inactive(anon)",
                                       "Active(file)", "Inactive(file)", "Unevictable", "Mlocked", "SwapTotal", "SwapFree", "Dirty",
                                       "Writeback"};
    static const char *const none_after[] = {"Mapped", "Shmem", "KReclaimable", "Slab", "SReclaimable", "SUnreclaim", "KernelStack",
                                             "PageTables", "NFS_Unstable", "Bounce", "WritebackTmp"};
    put_none(t, none, sizeof(none) / sizeof(none[0]));
    put_kib(t, "AnonPages", used);
    put_none(t, none_after, sizeof(none_after) / sizeof(none_after[0]));
    put_kib(t, "CommitLimit", total);
    put_kib(t, "Committed_AS", used);
    text_put(t, "HugePages_Total:%8u\nHugePages_Free: %8u\nHugePages_Rsvd: %8u\nHugePages_Surp: %8u\n", 0, 0, 0, 0);
    put_kib(t, "Hugepagesize", 2048);
    put_kib(t, "Hugetlb", 0);
}

static void put_string(struct text *t, const uint32_t *words, unsigned count)
{
    char s[49];
    memcpy(s, words, count * 4);
    s[count * 4] = 0;
    text_put(t, "%s", s);
}

void show_cpuinfo(struct text *t)
{
    uint32_t vendor[4], id[4], brand[12];
    target_cpuid(0, 0, vendor);
    target_cpuid(1, 0, id);
    for (unsigned i = 0; i < 3; i++)
        target_cpuid(0x80000002 + i, 0, brand + i * 4);
    const uint32_t name[3] = {vendor[1], vendor[3], vendor[2]};
    uint64_t count = boot_get()->cpu_count;
    for (uint64_t cpu = 0; cpu < count && cpu < 1024; cpu++) {
        text_put(t, "processor\t: %lu\nvendor_id\t: ", cpu);
        put_string(t, name, 3);
        text_put(t, "\ncpu family\t: %u\nmodel\t\t: %u\nmodel name\t: ", (id[0] >> 8 & 15) + (id[0] >> 20 & 255),
                 (id[0] >> 4 & 15) | (id[0] >> 12 & 0xf0));
        put_string(t, brand, 12);
        text_put(t, "\nstepping\t: %u\nphysical id\t: 0\nsiblings\t: %lu\ncore id\t\t: %lu\ncpu cores\t: %lu\n", id[0] & 15, count,
                 cpu, count);
        text_put(t, "fpu\t\t: yes\nflags\t\t: fpu tsc cx8 cmov mmx fxsr sse sse2\n\n");
    }
}

void show_stat(struct text *t)
{
    uint64_t count = boot_get()->cpu_count, ticks = clock_monotonic_ns() / 10000000;
    text_put(t, "cpu  %lu 0 0 0 0 0 0 0 0 0\n", ticks);
    for (uint64_t i = 0; i < count && i < 1024; i++)
        text_put(t, "cpu%lu %lu 0 0 0 0 0 0 0 0 0\n", i, ticks / (count ? count : 1));
    text_put(t, "intr 0\nctxt 0\nbtime %lu\nprocesses 1\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
             (clock_realtime_ns() - clock_monotonic_ns()) / NS_PER_S);
}

void show_uptime(struct text *t)
{
    uint64_t ns = clock_monotonic_ns();
    text_put(t, "%lu.%02lu 0.00\n", ns / NS_PER_S, ns % NS_PER_S / 10000000);
}

void show_loadavg(struct text *t)
{
    text_put(t, "0.00 0.00 0.00 1/1 100\n");
}

void show_version(struct text *t)
{
    text_put(t, "Linux version " UTS_RELEASE " (mystikos) " UTS_VERSION "\n");
}

void show_mounts(struct text *t)
{
    text_put(t, "rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\ndevtmpfs /dev devtmpfs rw 0 0\n");
}

void show_filesystems(struct text *t)
{
    text_put(t, "nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\n");
}

void show_cpus_online(struct text *t)
{
    uint64_t count = boot_get()->cpu_count;
    text_put(t, count > 1 ? "0-%lu\n" : "%lu\n", count - 1);
}

void show_hugepage_size(struct text *t)
{
    text_put(t, "2097152\n");
}

void show_hugepage_enabled(struct text *t)
{
    text_put(t, "always [madvise] never\n");
}

void show_osrelease(struct text *t)
{
    text_put(t, UTS_RELEASE "\n");
}

static void put_uts(struct text *t, enum uts_name which)
{
    char name[UTS_NAME_SIZE];
    uts_get(which, name);
    text_put(t, "%s\n", name);
}

void show_hostname(struct text *t)
{
    put_uts(t, UTS_HOST);
}

void show_domainname(struct text *t)
{
    put_uts(t, UTS_DOMAIN);
}

void show_kernel_version(struct text *t)
{
    text_put(t, UTS_VERSION "\n");
}

void show_swaps(struct text *t)
{
    text_put(t, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
}

void show_vmstat(struct text *t)
{
    uint64_t used = mm_committed() / PAGE_SIZE, total = mm_limit() / PAGE_SIZE;
    text_put(t,
             "nr_free_pages %lu\nnr_anon_pages %lu\nnr_file_pages 0\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault 0\npgmajfault "
             "0\noom_kill 0\n",
             used < total ? total - used : 0, used);
}

// RFC 4122, version 4.
static void put_uuid(struct text *t, uint8_t u[16])
{
    u[6] = (uint8_t)((u[6] & 0x0f) | 0x40);
    u[8] = (uint8_t)((u[8] & 0x3f) | 0x80);
    for (unsigned i = 0; i < 16; i++)
        text_put(t, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
    text_put(t, "\n");
}

void show_uuid(struct text *t)
{
    uint8_t u[16];
    random_bytes(u, sizeof(u));
    put_uuid(t, u);
}

// One for the life of the enclave.
void show_boot_id(struct text *t)
{
    static struct mutex lock;
    static uint8_t id[16];
    static bool made;
    mutex_lock(&lock);
    if (!made)
        random_bytes(id, sizeof(id));
    made = true;
    mutex_unlock(&lock);
    put_uuid(t, id);
}
