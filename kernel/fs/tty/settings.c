// SPDX-License-Identifier: MIT
#include "kernel/fs/tty/settings.h"

#include <stddef.h>

#include <asm/ioctls.h>
#include <linux/errno.h>

#include "kernel/fs/tty/tty.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/user.h"

// struct termios2 is struct termios and the speeds as numbers.
_Static_assert(offsetof(struct termios2, c_ispeed) >= sizeof(struct termios), "termios2 begins with termios");

static const struct {
    unsigned long request;
    bool numbers, flush;
} setters[] = {
    {TCSETS, false, false}, {TCSETSW, false, false}, {TCSETSF, false, true},
    {TCSETS2, true, false}, {TCSETSW2, true, false}, {TCSETSF2, true, true},
};

static const uint32_t speeds[] = {0,    50,   75,   110,  134,  150,   200,   300,
                                  600,  1200, 1800, 2400, 4800, 9600, 19200, 38400};
static const uint32_t fast_speeds[] = {57600,  115200,  230400,  460800,  500000,  576000,  921600, 1000000,
                                       1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};

static uint32_t speed_of(tcflag_t cflag)
{
    unsigned code = cflag & CBAUD;
    if (!(code & CBAUDEX))
        return speeds[code];
    unsigned i = (code & ~(unsigned)CBAUDEX) - 1;
    return i < sizeof(fast_speeds) / sizeof(fast_speeds[0]) ? fast_speeds[i] : 0;
}

bool settings_changes(unsigned long request)
{
    for (unsigned i = 0; i < sizeof(setters) / sizeof(setters[0]); i++)
        if (setters[i].request == request)
            return true;
    return false;
}

long settings_ioctl(struct tty *t, const struct termios2 *now, void (*set)(struct tty *t, const struct termios2 *s, bool flush),
                    unsigned long request, uint64_t argument)
{
    struct termios2 s = *now;
    if (request == TCGETS || request == TCGETS2)
        return copy_to_user((void USER *)argument, &s, request == TCGETS ? sizeof(struct termios) : sizeof(s));
    for (unsigned i = 0; i < sizeof(setters) / sizeof(setters[0]); i++) {
        if (setters[i].request != request)
            continue;
        if (copy_from_user(&s, (const void USER *)argument, setters[i].numbers ? sizeof(s) : sizeof(struct termios)))
            return -EFAULT;
        if (!setters[i].numbers)
            s.c_ispeed = s.c_ospeed = speed_of(s.c_cflag);
        set(t, &s, setters[i].flush);
        return 0;
    }
    return -ENOIOCTLCMD;
}
