// SPDX-License-Identifier: MIT
//
// The console: descriptors 0, 1 and 2 are the host's.
//
// What a hostile host can try here, and the answer: it sees what is written and chooses what is read, settings and sizes included; that
// is what a console is. Counts are checked in kernel/boot/hostcall.c. Who may use the terminal, and whom its keys are for, is decided
// inside. A host that says forever that a call was interrupted makes no progress, which it can always have.
#include <asm/ioctls.h>
#include <asm/stat.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signal.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/fs/console/console.h"
#include "kernel/fs/dev/dev.h"
#include "kernel/fs/tty/tty.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/user.h"
#include "kernel/mm/window.h"
#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/poll_host.h"

static int host_fd(const struct file *f)
{
    return (int)(uintptr_t)f->context;
}

static const struct file_ops console_ops;

// The host's terminal, if it gave one; the controlling one of the first session. Its line discipline is the host's.
static struct tty terminal;
static unsigned terminals; // which descriptors are it; set at boot
enum { TERMINAL_MAJOR = 5, TERMINAL_MINOR = 1, STREAM_DEVICE = 0x8800 };

static bool is_terminal(int fd)
{
    return terminals >> fd & 1;
}

static void *first_descriptor(void)
{
    return (void *)(uintptr_t)__builtin_ctz(terminals);
}

static int open_terminal(struct tty *t, struct file *f)
{
    f->ops = &console_ops;
    f->context = first_descriptor();
    return 0;
}

static const struct tty_ops terminal_ops = {open_terminal, NULL};

int32_t console_foreground(void)
{
    return __atomic_load_n(&terminal.foreground, __ATOMIC_RELAXED);
}

static unsigned host_ready(int fd);

static int may_read(const struct file *f)
{
    int r = is_terminal(host_fd(f)) ? tty_check_foreground(&terminal, SIGTTIN) : 0;
    if (!r && (f->flags & O_NONBLOCK) && !(host_ready(host_fd(f)) & (POLLIN | POLLHUP | POLLERR)))
        r = -EAGAIN;
    return r;
}

static long host_ioctl(int fd, unsigned long request, uint64_t argument)
{
    return host_syscall(__NR_ioctl, (uint64_t)fd, request, argument, 0, 0, 0);
}

static long console_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct mm *mm = mm_current();
    int r = may_read(f);
    if (r)
        return r;
    if (mm)
        turn_leave(mm); // it may take for ever
    long n = host_read_fd(host_fd(f), to, size);
    if (mm)
        turn_enter(mm);
    return n;
}

// What the host would do at once; POLL* of it.
static unsigned host_ready(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    host_write(host_bounce(), &p, sizeof(p));
    long r;
    do
        r = host_syscall(__NR_poll, host_bounce(), 1, 0, 0, 0, 0);
    while (r == -EINTR); // given up before it was made; it does not wait
    if (r < 0)
        return POLLIN | POLLOUT;
    host_read(&p, host_bounce(), sizeof(p));
    return (unsigned)p.revents & (POLLIN | POLLOUT | POLLERR | POLLHUP);
}

static bool stops_writers(int fd)
{
    struct termios s;
    if (console_foreground() == current_process()->pgid || host_ioctl(fd, TCGETS, host_bounce()))
        return false;
    host_read(&s, host_bounce(), sizeof(s));
    return s.c_lflag & TOSTOP;
}

// As on Linux only a signal interrupts a write, and that only when it has to wait. Others may want the turn meanwhile.
static bool goes_on(int fd)
{
    struct mm *mm = mm_current();
    if (host_ready(fd) & POLLOUT)
        return true;
    if (thread_interrupted(current_thread()))
        return false;
    if (mm)
        turn_yield(mm);
    return true;
}

static long console_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    size_t done = 0;
    int r = is_terminal(host_fd(f)) && stops_writers(host_fd(f)) ? tty_check_foreground(&terminal, SIGTTOU) : 0;
    if (r)
        return r;
    do {
        long n = host_write_fd(host_fd(f), (const char *)from + done, size - done);
        if (n == -EINTR && goes_on(host_fd(f)))
            continue;
        if (n == -EPIPE)
            signal_send_self(SIGPIPE);
        if (n <= 0)
            return done ? (long)done : n;
        done += (size_t)n;
    } while (done < size);
    return (long)done;
}

static unsigned console_poll(struct file *f, struct poll_table *table)
{
    return poll_host(table, host_fd(f), host_ready);
}

// Of Linux's ioctls about terminals those that pass a structure, and those whose argument is a number.
static const struct {
    unsigned long request;
    enum { GET, SET, SAY } kind;
    size_t size;
} passed[] = {
    {TCGETS, GET, sizeof(struct termios)},   {TCSETS, SET, sizeof(struct termios)},   {TCSETSW, SET, sizeof(struct termios)},
    {TCSETSF, SET, sizeof(struct termios)},  {TCGETS2, GET, sizeof(struct termios2)}, {TCSETS2, SET, sizeof(struct termios2)},
    {TCSETSW2, SET, sizeof(struct termios2)}, {TCSETSF2, SET, sizeof(struct termios2)}, {TIOCGWINSZ, GET, sizeof(struct winsize)},
    {TIOCSWINSZ, SET, sizeof(struct winsize)}, {FIONREAD, GET, sizeof(int)},          {TIOCOUTQ, GET, sizeof(int)},
    {TCFLSH, SAY, 0},                        {TCSBRK, SAY, 0},                        {TCXONC, SAY, 0},
};
enum { PASSED = sizeof(passed) / sizeof(passed[0]), LARGEST = sizeof(struct termios2) };

static long pass(int fd, unsigned row, uint64_t argument)
{
    char buffer[LARGEST];
    memset(buffer, 0, sizeof(buffer));
    if (passed[row].kind == SET && copy_from_user(buffer, (const void USER *)argument, passed[row].size))
        return -EFAULT;
    host_write(host_bounce(), buffer, passed[row].size);
    long r = host_ioctl(fd, passed[row].request, passed[row].kind == SAY ? argument : host_bounce());
    if (r || passed[row].kind != GET)
        return r < 0 ? r : 0;
    host_read(buffer, host_bounce(), passed[row].size);
    return copy_to_user((void USER *)argument, buffer, passed[row].size);
}

static bool changes(unsigned row)
{
    return passed[row].request != TIOCSWINSZ && passed[row].kind != GET;
}

static long console_ioctl(struct file *f, unsigned long request, uint64_t argument)
{
    int fd = host_fd(f);
    unsigned row = 0;
    while (row < PASSED && passed[row].request != request)
        row++;
    if (!is_terminal(fd))
        return request == FIONREAD ? pass(fd, row, argument) : -ENOTTY;
    if (row == PASSED) {
        long r = tty_ioctl(&terminal, false, f, request, argument);
        return r == -ENOIOCTLCMD ? -ENOTTY : r;
    }
    int r = changes(row) ? tty_check_foreground(&terminal, SIGTTOU) : 0;
    return r ? r : pass(fd, row, argument);
}

static const char *name_of(int fd)
{
    static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    return is_terminal(fd) ? "/dev/console" : names[fd];
}

// Also by /dev/stdout and the like, which lead to the node of a descriptor.
static int console_open(struct file *f)
{
    f->name = name_of(host_fd(f));
    if (is_terminal(host_fd(f)))
        tty_opened(&terminal, f->flags);
    return 0;
}

static const struct file_ops console_ops = {
    .stream = true,
    .signals_io = true,
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
        if (S_TYPE(mode) == S_IFCHR)
            n->rdev = is_terminal(fd) ? terminal.rdev : STREAM_DEVICE;
    }
    return n;
}

// The first time; later consoles (of helpers) are the same.
static void find_terminal(void)
{
    struct process *p = current_process();
    if (terminal.ops)
        return;
    terminal.ops = &terminal_ops;
    terminal.rdev = TERMINAL_MAJOR << 8 | TERMINAL_MINOR;
    for (int fd = 0; fd < 3; fd++)
        if (!host_ioctl(fd, TCGETS, host_bounce()))
            terminals |= 1u << fd;
    if (!terminals)
        return;
    terminal.session = p->sid;
    terminal.foreground = p->pgid;
    ttys_lock();
    tty_add_locked(&terminal);
    ttys_unlock();
    (void)devfs_register_device("console", S_IFCHR | 0620, terminal.rdev, &console_ops, first_descriptor()); // else it has no name
}

int vfs_open_console(struct fd_table *table)
{
    find_terminal();
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
