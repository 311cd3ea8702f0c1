// SPDX-License-Identifier: MIT
//
// System calls that ask about the machine and the process's place in it.
#include <stddef.h>

#include <linux/errno.h>
#include <linux/random.h>
#include <linux/sysinfo.h>
#include <linux/utsname.h>

#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/crypto/crypto.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

#define RELEASE "5.15.0-mystikos" // the Linux whose behaviour is followed
#define RANDOM_PIECE 256u

long sys_uname(void USER *buf)
{
    struct new_utsname u = {
        .sysname = "Linux",
        .nodename = "mystikos",
        .release = RELEASE,
        .version = "#1 SMP",
        .machine = "x86_64",
        .domainname = "(none)",
    };
    const char *hostname = config_string(config_get()->hostname);
    if (hostname)
        snprintf(u.nodename, sizeof(u.nodename), "%s", hostname);
    return copy_to_user(buf, &u, sizeof(u));
}

long sys_sysinfo(void USER *info)
{
    uint64_t total = mm_limit(), used = mm_committed();
    const struct sysinfo s = {
        .uptime = (long)(clock_monotonic_ns() / NS_PER_S),
        .totalram = total,
        .freeram = used < total ? total - used : 0,
        .procs = (uint16_t)current_process()->thread_count,
        .mem_unit = 1,
    };
    return copy_to_user(info, &s, sizeof(s));
}

// Never from the host: an RDRAND-seeded generator, which is always ready.
long sys_getrandom(void USER *buf, size_t size, int flags)
{
    const int known = GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE;
    if ((flags & ~known) || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
        return -EINVAL;
    uint8_t piece[RANDOM_PIECE];
    if (size > INT32_MAX)
        size = INT32_MAX;
    for (size_t done = 0; done < size;) {
        size_t n = size - done < sizeof(piece) ? size - done : sizeof(piece);
        random_bytes(piece, n);
        if (copy_to_user((char USER *)buf + done, piece, n))
            return done ? (long)done : -EFAULT;
        done += n;
    }
    return (long)size;
}

long sys_personality(unsigned persona)
{
    struct process *p = current_process();
    uint32_t old = p->personality;
    if (persona != UINT32_MAX)
        p->personality = persona;
    return old;
}
