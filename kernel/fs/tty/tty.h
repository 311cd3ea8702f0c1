// SPDX-License-Identifier: MIT
//
// What a terminal is to sessions and process groups (man 4 tty, man 7 credentials), whatever is behind it: the host's
// (kernel/fs/console) or a pseudo-terminal's other side (pty.c). A session has at most one controlling terminal, a terminal at most one
// session; the session's foreground group may use it, and gets the signals that are typed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;
struct process;
struct tty;

struct tty_ops {
    int (*open)(struct tty *t, struct file *f); // of a file that /dev/tty opened; terminals are locked
    void (*hang_up)(struct tty *t); // open files are of no use from here on; NULL: they stay. Terminals are locked
};

struct tty {
    struct tty *next; // guarded by the lock of all terminals, which also keeps a listed one from going
    const struct tty_ops *ops;
    uint32_t rdev;
    int32_t session, foreground; // likewise; 0: none. Read without it where a moment ago is as good as now
};

void ttys_lock(void); // taken last of all but the locks of single terminals
void ttys_unlock(void);
void tty_add_locked(struct tty *t);
void tty_remove_locked(struct tty *t);

// The terminal was opened: it becomes the controlling one of a session leader that has none, unless O_NOCTTY.
void tty_opened(struct tty *t, uint32_t flags);
// Opens the current process's controlling terminal. -ENXIO: it has none.
int tty_open_controlling(struct file *f);

// May the current process read (SIGTTIN), write or change the terminal (SIGTTOU)? 0; -EINTR: its group was told that it may not
// from the background; -EIO.
int tty_check_foreground(const struct tty *t, int sig);
// What ioctls say of sessions and groups. master: asked through the other side, which needs not be controlled. -ENOIOCTLCMD: not these.
long tty_ioctl(struct tty *t, bool master, struct file *f, unsigned long request, uint64_t argument);

// The other side is gone: takes the terminal from its session, whose leader is told by tty_tell_hang_up, with nothing locked.
struct tty_session {
    int32_t session, foreground;
};
struct tty_session tty_hang_up_locked(struct tty *t);
void tty_tell_hang_up(struct tty_session had);
void tty_signal_foreground(const struct tty *t, int sig);
// A process ends; if it leads a session, the foreground is told and the terminal is free.
void tty_process_ended(struct process *p);

// For /proc: device number and foreground group of its controlling terminal; 0 and -1 without.
struct tty_numbers {
    uint32_t rdev;
    int32_t foreground;
};
struct tty_numbers tty_numbers_of(const struct process *p);

#define ENOIOCTLCMD 515
