// SPDX-License-Identifier: MIT
//
// System calls that ask about the machine and the process's place in it.
#include <stddef.h>

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/random.h>
#include <linux/sysinfo.h>
#include <linux/utsname.h>

#include "abi/target.h"
#include "kernel/boot/uts.h"
#include "kernel/crypto/crypto.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

#define RANDOM_PIECE 256u

long sys_uname(void USER *buf)
{
    struct new_utsname u = {
        .sysname = "Linux",
        .release = UTS_RELEASE,
        .version = UTS_VERSION,
        .machine = "x86_64",
    };
    uts_get(UTS_HOST, u.nodename);
    uts_get(UTS_DOMAIN, u.domainname);
    return copy_to_user(buf, &u, sizeof(u));
}

static long set_name(enum uts_name which, const char USER *name, int size)
{
    char copy[UTS_NAME_SIZE];
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (size < 0 || size >= (int)sizeof(copy))
        return -EINVAL;
    if (copy_from_user(copy, name, (size_t)size))
        return -EFAULT;
    uts_set(which, copy, (size_t)size);
    return 0;
}

long sys_sethostname(const void USER *name, int size)
{
    return set_name(UTS_HOST, name, size);
}

long sys_setdomainname(const void USER *name, int size)
{
    return set_name(UTS_DOMAIN, name, size);
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
