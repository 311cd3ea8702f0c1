// SPDX-License-Identifier: MIT
#include "kernel/fs/tty/tty.h"

#include <stddef.h>

#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>

#include "kernel/mm/user.h"
#include "kernel/signal/action.h"
#include "kernel/signal/signal.h"
#include "kernel/task/capability.h"
#include "kernel/task/process.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"

static struct mutex lock;
/* guarded by lock: */
static struct tty *ttys;

void ttys_lock(void)
{
    mutex_lock(&lock);
}

void ttys_unlock(void)
{
    mutex_unlock(&lock);
}

void tty_add_locked(struct tty *t)
{
    t->next = ttys;
    ttys = t;
}

void tty_remove_locked(struct tty *t)
{
    for (struct tty **link = &ttys; *link; link = &(*link)->next) {
        if (*link == t) {
            *link = t->next;
            break;
        }
    }
}

static bool controls(const struct tty *t, const struct process *p)
{
    int32_t session = __atomic_load_n(&t->session, __ATOMIC_RELAXED);
    return session && session == p->sid && !p->left_terminal;
}

static struct tty *controlling_locked(const struct process *p)
{
    struct tty *t = ttys;
    while (t && !controls(t, p))
        t = t->next;
    return t;
}

static void set_locked(struct tty *t, int32_t session, int32_t foreground)
{
    __atomic_store_n(&t->session, session, __ATOMIC_RELAXED);
    __atomic_store_n(&t->foreground, foreground, __ATOMIC_RELAXED);
}

static void signal_group(int32_t pgid, int sig)
{
    const struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};
    if (pgid > 0)
        (void)processes_signal(pgid, &info); // -ESRCH: the group is gone
}

static void signal_leader(int32_t session, int sig)
{
    const struct siginfo info = {.si_signo = sig, .si_code = SI_KERNEL};
    struct process *p = session ? process_find_lock(session) : NULL;
    if (!p)
        return;
    if (p->threads)
        (void)signal_send_process(p, &info);
    mutex_unlock(&p->lock);
}

void tty_opened(struct tty *t, uint32_t flags)
{
    struct process *p = current_process();
    if ((flags & O_NOCTTY) || p->sid != p->pid)
        return;
    ttys_lock();
    if (!t->session && !controlling_locked(p)) {
        p->left_terminal = false;
        set_locked(t, p->sid, p->pgid);
    }
    ttys_unlock();
}

int tty_open_controlling(struct file *f)
{
    ttys_lock();
    struct tty *t = controlling_locked(current_process());
    int r = t ? t->ops->open(t, f) : -ENXIO;
    ttys_unlock();
    return r;
}

static bool has_no_effect(struct process *p, int sig)
{
    spin_lock(&p->signal_lock);
    bool ignored = (current_thread()->signal_mask & SIGNAL_BIT(sig)) || action_ignores(p->actions, sig);
    spin_unlock(&p->signal_lock);
    return ignored;
}

int tty_check_foreground(const struct tty *t, int sig)
{
    struct process *p = current_process();
    int32_t foreground = __atomic_load_n(&t->foreground, __ATOMIC_RELAXED);
    if (!controls(t, p) || !foreground || foreground == p->pgid)
        return 0;
    if (has_no_effect(p, sig))
        return sig == SIGTTIN ? -EIO : 0;
    if (process_group_is_orphaned(p->pgid))
        return -EIO;
    signal_group(p->pgid, sig);
    return -EINTR;
}

static long get_number(int32_t number, uint64_t to)
{
    return PUT_USER(number, (int32_t USER *)to) ? -EFAULT : 0;
}

static long set_foreground(struct tty *t, uint64_t from)
{
    struct process *p = current_process();
    int32_t pgid;
    int r = tty_check_foreground(t, SIGTTOU);
    if (r)
        return r == -EIO ? -ENOTTY : r; // an orphaned group has no say
    if (!controls(t, p))
        return -ENOTTY;
    if (GET_USER(pgid, (const int32_t USER *)from))
        return -EFAULT;
    if (pgid < 0)
        return -EINVAL;
    int32_t session = process_group_session(pgid);
    if (session != p->sid)
        return session ? -EPERM : -ESRCH;
    __atomic_store_n(&t->foreground, pgid, __ATOMIC_RELAXED);
    return 0;
}

// TIOCSCTTY. steal: from a session that has it, if root wants so.
static long take(struct tty *t, const struct file *f, bool steal)
{
    struct process *p = current_process();
    bool root = capable(CAP_SYS_ADMIN);
    long r = 0;
    ttys_lock();
    if (controls(t, p) && p->sid == p->pid)
        ; // it is that already
    else if (p->sid != p->pid || controlling_locked(p) || (t->session && !(steal && root)) || !(root || file_readable(f)))
        r = -EPERM;
    else {
        p->left_terminal = false;
        set_locked(t, p->sid, p->pgid);
    }
    ttys_unlock();
    return r;
}

// TIOCNOTTY: a leader's session loses it, another process only itself.
static long leave(struct tty *t)
{
    struct process *p = current_process();
    if (!controls(t, p))
        return -ENOTTY;
    if (p->sid != p->pid) {
        p->left_terminal = true;
        return 0;
    }
    ttys_lock();
    int32_t foreground = t->foreground;
    set_locked(t, 0, 0);
    ttys_unlock();
    signal_group(foreground, SIGHUP);
    signal_group(foreground, SIGCONT);
    return 0;
}

long tty_ioctl(struct tty *t, bool master, struct file *f, unsigned long request, uint64_t argument)
{
    bool mine = master || controls(t, current_process());
    switch (request) {
    case TIOCGPGRP:
        return mine ? get_number(t->foreground, argument) : -ENOTTY;
    case TIOCSPGRP:
        return set_foreground(t, argument);
    case TIOCGSID:
        return mine && t->session ? get_number(t->session, argument) : -ENOTTY;
    case TIOCSCTTY:
        return master ? -EIO : take(t, f, argument == 1);
    case TIOCNOTTY:
        return leave(t);
    default:
        return -ENOIOCTLCMD;
    }
}

void tty_signal_foreground(const struct tty *t, int sig)
{
    signal_group(__atomic_load_n(&t->foreground, __ATOMIC_RELAXED), sig);
}

struct tty_session tty_hang_up_locked(struct tty *t)
{
    struct tty_session had = {t->session, t->foreground};
    set_locked(t, 0, 0);
    if (t->ops->hang_up)
        t->ops->hang_up(t);
    return had;
}

void tty_tell_hang_up(struct tty_session had)
{
    struct process *leader = had.session ? process_find_lock(had.session) : NULL;
    if (leader) {
        leader->lost_foreground = had.foreground;
        mutex_unlock(&leader->lock);
    }
    signal_leader(had.session, SIGHUP);
    signal_leader(had.session, SIGCONT);
}

void tty_process_ended(struct process *p)
{
    if (p->sid != p->pid)
        return;
    ttys_lock();
    struct tty *t = controlling_locked(p);
    int32_t foreground = t ? t->foreground : p->lost_foreground;
    if (t)
        set_locked(t, 0, 0);
    ttys_unlock();
    signal_group(foreground, SIGHUP);
    if (!t)
        signal_group(foreground, SIGCONT);
}

struct tty_numbers tty_numbers_of(const struct process *p)
{
    struct tty_numbers n = {0, -1};
    ttys_lock();
    const struct tty *t = controlling_locked(p);
    if (t)
        n = (struct tty_numbers){t->rdev, t->foreground};
    ttys_unlock();
    return n;
}
