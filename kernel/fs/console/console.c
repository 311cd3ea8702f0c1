// SPDX-License-Identifier: MIT
//
// The console: descriptors 0, 1 and 2 are the host's.
//
// What a hostile host can try here, and the answer: it sees what is written and chooses what is read; that is what a console
// is. Counts are checked in kernel/boot/hostcall.c.
#include <asm/ioctls.h>
#include <asm/stat.h>
#include <asm/termbits.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/mm/window.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll.h"

static int host_fd(const struct file *f)
{
    return (int)(uintptr_t)f->context;
}

static long console_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct mm *mm = mm_current();
    if (mm)
        turn_leave(mm); // it may take for ever
    long n = host_read_fd(host_fd(f), to, size);
    if (mm)
        turn_enter(mm);
    return n;
}

// What the host would do at once; POLL* of it.
static unsigned host_ready(const struct file *f)
{
    struct pollfd p = {.fd = host_fd(f), .events = POLLIN | POLLOUT};
    host_write(host_bounce(), &p, sizeof(p));
    if (host_syscall(__NR_poll, host_bounce(), 1, 0, 0, 0, 0) < 0)
        return POLLIN | POLLOUT;
    host_read(&p, host_bounce(), sizeof(p));
    return (unsigned)p.revents & (POLLIN | POLLOUT | POLLERR | POLLHUP);
}

static long console_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    size_t done = 0;
    do {
        long n = host_write_fd(host_fd(f), (const char *)from + done, size - done);
        if (n == -EINTR && (host_ready(f) & POLLOUT))
            continue; // as Linux: a signal interrupts only a write that has to wait
        if (n <= 0)
            return done ? (long)done : n;
        done += (size_t)n;
    } while (done < size);
    return (long)done;
}

static unsigned console_poll(struct file *f, struct poll_table *table)
{
    if (table)
        table->unwatched = true;
    return host_ready(f);
}

static long console_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    size_t size;
    bool in = false;
    switch (request) {
    case TCGETS:
        size = sizeof(struct termios);
        break;
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        size = sizeof(struct termios);
        in = true;
        break;
    case TIOCGWINSZ:
        size = 8;
        break;
    case TIOCGPGRP:
    case FIONREAD:
        size = sizeof(int);
        break;
    default:
        return -ENOTTY;
    }
    char buffer[64];
    memset(buffer, 0, sizeof(buffer));
    if (in && copy_from_user(buffer, (const void USER *)argument, size))
        return -EFAULT;
    host_write(host_bounce(), buffer, size);
    long r = host_syscall(__NR_ioctl, (uint64_t)host_fd(f), request, host_bounce(), 0, 0, 0);
    if (r || in)
        return r < 0 ? r : 0;
    host_read(buffer, host_bounce(), size);
    return copy_to_user((void USER *)argument, buffer, size);
}

static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};

// Also by /dev/stdout and the like, which lead to the node of a descriptor.
static int console_open(struct file *f)
{
    f->name = names[host_fd(f)];
    return 0;
}

static const struct file_ops console_ops = {
    .stream = true,
    .open = console_open,
    .read = console_read,
    .write = console_write,
    .poll = console_poll,
    .ioctl = console_ioctl,
};

// A node of the type that the host's descriptor has, so that fstat tells pipe from terminal.
static struct node *console_node(int fd)
{
    uint32_t mode = S_IFCHR | 0620;
    if (!host_syscall(__NR_fstat, (uint64_t)fd, host_bounce(), 0, 0, 0, 0)) {
        struct stat st;
        host_read(&st, host_bounce(), sizeof(st));
        uint32_t type = st.st_mode & S_IFMT;
        if (type == S_IFIFO || type == S_IFREG || type == S_IFCHR || type == S_IFSOCK)
            mode = (type == S_IFREG ? S_IFIFO : type) | (st.st_mode & 0777); // a host file is a stream to us
    }
    struct node *n = node_new(mode);
    if (n) {
        n->ops = &console_ops;
        n->context = (void *)(uintptr_t)fd;
        n->rdev = S_TYPE(mode) == S_IFCHR ? 0x8800 : 0;
    }
    return n;
}

int vfs_open_console(struct fd_table *table)
{
    for (int fd = 0; fd < 3; fd++) {
        struct node *n = console_node(fd);
        struct file *f;
        int r = n ? file_open_node(n, O_RDWR, &f) : -ENOMEM;
        node_put(n);
        if (!r)
            r = fd_table_put_file(table, f, fd);
        if (r)
            return r;
    }
    return 0;
}
