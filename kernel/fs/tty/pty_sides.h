// SPDX-License-Identifier: MIT
//
// What the files of pseudo-terminals share: one of them, and what its two sides (master.c, slave.c) want of each other.
#pragma once

#include <asm/termios.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/fs/tty/discipline.h"
#include "kernel/fs/tty/tty.h"
#include "kernel/sync/sync.h"
#include "kernel/vfs/open_file.h"

enum { PTY_NAME_SIZE = 24 };

struct pty {
    struct tty tty; // first: the slave, as sessions see it
    struct pty *next; // guarded by the lock of all terminals
    unsigned number;
    struct node *node; // /dev/pts/N
    struct mutex lock;
    /* guarded by lock: */
    struct discipline line;
    struct winsize window;
    unsigned slaves;   // open files of the slave
    uint32_t hang_ups; // a file of the slave that was opened before the last one is of no use: its position, which it does not need, is
                       // the count that it has seen
    bool was_open, master_open, locked, packet;
    bool exclusive; // no more files of the slave, but for root (TIOCEXCL)
    struct waitq master_side, slave_side; // woken when something changes for who waits there
};

extern const struct file_ops pty_master_ops, pty_slave_opener; // the second: of the nodes that name a slave
extern const struct tty_ops pty_tty_ops;

// Terminals are locked in these.
struct pty *pty_find_locked(unsigned number);
void pty_unlink_locked(struct pty *p); // nobody finds it any more
int pty_slave_open_locked(struct tty *t, struct file *f);

void pty_name_remove(struct pty *p);
void pty_free(struct pty *p); // unlinked before
void pty_wake_both(struct pty *p);
// Types as much as goes in, as if it had come from the master.
size_t pty_type(struct pty *p, const uint8_t *from, size_t size);
// The ioctls that both sides have; they are about the slave.
long pty_ioctl(struct file *f, bool master, unsigned long request, uint64_t argument);
