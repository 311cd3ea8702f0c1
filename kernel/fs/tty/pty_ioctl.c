// SPDX-License-Identifier: MIT
//
// ioctls that both sides of a pseudo-terminal have. They are about the slave.
#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/signal.h>

#include "kernel/fs/tty/pty_sides.h"
#include "kernel/fs/tty/settings.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/user.h"
#include "kernel/task/capability.h"

static void set_settings(struct tty *t, const struct termios2 *s, bool flush)
{
    struct pty *p = (struct pty *)t;
    mutex_lock(&p->lock);
    if (flush)
        discipline_flush(&p->line, true, false);
    discipline_set(&p->line, s);
    mutex_unlock(&p->lock);
    pty_wake_both(p);
}

static long set_window(struct pty *p, uint64_t from)
{
    struct winsize w;
    if (GET_USER(w, (const void USER *)from))
        return -EFAULT;
    mutex_lock(&p->lock);
    bool changed = memcmp(&w, &p->window, sizeof(w));
    p->window = w;
    mutex_unlock(&p->lock);
    if (changed)
        tty_signal_foreground(&p->tty, SIGWINCH);
    return 0;
}

static long flush(struct pty *p, bool master, uint64_t what)
{
    if (what > TCIOFLUSH)
        return -EINVAL;
    bool in = what != TCOFLUSH, out = what != TCIFLUSH;
    mutex_lock(&p->lock);
    discipline_settle(&p->line);
    discipline_flush(&p->line, master ? out : in, master ? in : out);
    if (master && in) // what it has not read yet, on its way or not
        discipline_discard(&p->line);
    mutex_unlock(&p->lock);
    pty_wake_both(p);
    return 0;
}

static long set_flow(struct pty *p, uint64_t what)
{
    if (what != TCOOFF && what != TCOON)
        return what == TCIOFF || what == TCION ? 0 : -EINVAL;
    mutex_lock(&p->lock);
    discipline_stop(&p->line, what == TCOOFF);
    mutex_unlock(&p->lock);
    pty_wake_both(p);
    return 0;
}

static long put_int(int value, uint64_t to)
{
    return PUT_USER(value, (int USER *)to) ? -EFAULT : 0;
}

static long set_exclusive(struct pty *p, bool exclusive)
{
    mutex_lock(&p->lock);
    p->exclusive = exclusive;
    mutex_unlock(&p->lock);
    return 0;
}

// TIOCSTI: a byte as if it had been typed.
static long type_one(struct pty *p, uint64_t from)
{
    uint8_t byte;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (GET_USER(byte, (const void USER *)from))
        return -EFAULT;
    (void)pty_type(p, &byte, 1);
    pty_wake_both(p);
    return 0;
}

static bool changes(unsigned long request)
{
    return request == TCFLSH || request == TCXONC || request == TCSBRK || request == TCSBRKP;
}

long pty_ioctl(struct file *f, bool master, unsigned long request, uint64_t argument)
{
    struct pty *p = f->context;
    bool checked = settings_changes(request) || (!master && changes(request));
    long r = checked ? tty_check_foreground(&p->tty, SIGTTOU) : 0;
    if (r)
        return r;
    r = settings_ioctl(&p->tty, &p->line.settings, set_settings, request, argument);
    if (r == -ENOIOCTLCMD)
        r = tty_ioctl(&p->tty, master, f, request, argument);
    if (r != -ENOIOCTLCMD)
        return r;
    switch (request) {
    case TIOCGWINSZ:
        return copy_to_user((void USER *)argument, &p->window, sizeof(p->window));
    case TIOCSWINSZ:
        return set_window(p, argument);
    case TCFLSH:
        return flush(p, master, argument);
    case TCXONC:
        return set_flow(p, argument);
    case TCSBRK:
    case TCSBRKP:
        return 0; // there is no wire
    case FIONREAD:
        return put_int((int)(master ? p->line.output_count : p->line.ready), argument);
    case TIOCOUTQ:
        return put_int(0, argument);
    case TIOCEXCL:
    case TIOCNXCL:
        return set_exclusive(p, request == TIOCEXCL);
    case TIOCGEXCL:
        return put_int(p->exclusive, argument);
    case TIOCSTI:
        return type_one(p, argument);
    case TIOCGETD:
        return put_int(0, argument);
    default:
        return -ENOTTY;
    }
}
