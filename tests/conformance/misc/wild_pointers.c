// SPDX-License-Identifier: MIT
//
// Every pointer argument of every system call that the kernel's table has, with addresses that point nowhere good: the error is
// Linux's, and nothing is read or written. On Mystikos some of the addresses are the kernel's own.
//
// All other arguments are such that the call would be made: that of `given` for its name, or a plausible one of its kind.
// since: Linux 5.16
// needs: root
#include "conform.h"
#include <stddef.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

enum kind { NO, INT, UINT, LONG, ULONG, ULONGX, FD, DIRFD, PID, SIG, CLOCK, SIZE, OFFT, FLAGS, MODE, UPTR, UOUT, USTR, ADDR };

static const struct row {
    int number;
    const char *name;
    enum kind kinds[6];
    const char *arguments[6];
} rows[] = {
#define SYS0(n, name)
#define SYS1(n, name, a, A) {n, #name, {a}, {#A}},
#define SYS2(n, name, a, A, b, B) {n, #name, {a, b}, {#A, #B}},
#define SYS3(n, name, a, A, b, B, c, C) {n, #name, {a, b, c}, {#A, #B, #C}},
#define SYS4(n, name, a, A, b, B, c, C, d, D) {n, #name, {a, b, c, d}, {#A, #B, #C, #D}},
#define SYS5(n, name, a, A, b, B, c, C, d, D, e, E) {n, #name, {a, b, c, d, e}, {#A, #B, #C, #D, #E}},
#define SYS6(n, name, a, A, b, B, c, C, d, D, e, E, f, F) {n, #name, {a, b, c, d, e, f}, {#A, #B, #C, #D, #E, #F}},
#define ABSENT(n, name, why)
#include "../../../kernel/syscall/table.def"
};

// Calls that end or change this process in ways the others would notice; they have programs of their own.
static const char *const left_out[] = {"exit", "exit_group", "clone", "clone3", "set_robust_list", "set_tid_address", "execve", "execveat"};

enum { PAGE = 4096 };
static struct wild {
    const char *name;
    uintptr_t address;
    bool readable;
} wild[] = {
    {"null", 0, false},
    {"small", 8, false},
    {"unmapped", 1, false}, // filled in
    {"no access", 2, false},
    {"read-only", 3, true},
    {"heap", 0x7000000000, false}, // of the kernel, as its memory map says
    {"heap's middle", 0x7000100010, false},
    {"image", 0x7fc0001000, false},
    {"configuration", 0x7fc4000000, false},
    {"thread area", 0x7fd0000000, false},
    {"thread stack", 0x7fd003f000, false},
    {"last bytes", 0x7ffffffff8, false},
    {"beyond", 0x8000000000, false},
    {"far beyond", 0x10000000000, false},
    {"not canonical", 0x800000000000, false},
    {"upper half", 0xffff888000000000, false},
    {"end", (uintptr_t)-8, false},
};
enum { WILD = sizeof(wild) / sizeof(wild[0]) };

static char *good; // a page that may be written, full of zeros
static int file, folder, timer, epoll, queue, pipes[2], sockets[2];

// What makes a call get as far as its pointers: name of the call, of the argument, value.
static const struct {
    const char *call, *argument;
    long value;
} given[] = {
    {"socketpair", "domain", AF_UNIX}, {"socketpair", "type", SOCK_STREAM}, {"recvmmsg", "count", 1}, {"sendmmsg", "count", 1},
    {"getsockopt", "level", SOL_SOCKET}, {"setsockopt", "level", SOL_SOCKET}, {"getsockopt", "name", SO_TYPE},
    {"setsockopt", "name", SO_REUSEADDR},
    {"semop", "id", -1}, {"semtimedop", "id", -1}, {"msgsnd", "id", -1}, {"msgrcv", "id", -1}, {"futex", "op", 4},
    {"access", "mode", 4}, {"faccessat", "mode", 4}, {"faccessat2", "mode", 4}, {"rt_sigaction", "sig", SIGUSR1},
    {"*", "mask_size", 8}, {"rt_sigaction", "size", 8}, {"rt_sigprocmask", "size", 8}, {"rt_sigpending", "size", 8},
    {"rt_sigtimedwait", "size", 8}, {"rt_sigsuspend", "size", 8}, {"signalfd", "size", 8}, {"signalfd4", "size", 8},
    {"signalfd", "fd", -1}, {"signalfd4", "fd", -1}, {"getcwd", "size", 4096}, {"*", "clock", CLOCK_MONOTONIC},
    {"copy_file_range", "count", 1}, {"waitid", "which", 0}, {"waitid", "options", 4 | 1}, {"wait4", "options", 1},
    {"wait4", "pid", -1}, {"timer_settime", "id", 0}, {"*", "open", 0}, {"getrusage", "who", 0}, {"*", "resource", 7},
    {"sched_setscheduler", "policy", 0}, {"memfd_create", "flags", 0}, {"mq_timedsend", "size", 8},
    {"epoll_ctl", "operation", 3}, {"poll", "count", 1}, {"ppoll", "count", 1}, {"select", "count", 1},
    {"pselect6", "count", 1}, {"readv", "count", 1}, {"writev", "count", 1}, {"preadv", "count", 1},
    {"pwritev", "count", 1}, {"*", "mode", 0600}, {"*", "max", 1}, {"getgroups", "size", 32},
    {"setgroups", "size", 1},
};

static const char sockets_calls[] = "connect accept accept4 sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname getpeername "
                                    "setsockopt getsockopt recvmmsg sendmmsg";

static int descriptor(const char *call, const char *argument)
{
    return !strcmp(call, "getdents64")        ? folder
           : !strncmp(call, "timerfd_", 8)    ? timer
           : !strcmp(argument, "epfd")        ? epoll
           : !strncmp(call, "epoll_", 6)      ? pipes[1]
           : !strcmp(argument, "queue")       ? queue
           : strstr(sockets_calls, call)      ? sockets[0]
                                              : file;
}

static long plausible(const struct row *r, int i)
{
    for (size_t g = 0; g < sizeof(given) / sizeof(given[0]); g++)
        if ((given[g].call[0] == '*' || !strcmp(given[g].call, r->name)) && !strcmp(given[g].argument, r->arguments[i]))
            return given[g].value;
    switch (r->kinds[i]) {
    case FD:
        return descriptor(r->name, r->arguments[i]);
    case DIRFD:
        return AT_FDCWD;
    case SIZE:
        return 64;
    case USTR:
        if (!strcmp(r->name, "name_to_handle_at"))
            return (long)"/proc/version"; // which has none on Linux either
        return (long)(strncmp(r->name, "readlink", 8) ? "file" : "link");
    case UPTR:
    case UOUT:
        return (long)good;
    case ADDR:
        return (long)(strcmp(r->name, "mincore") ? NULL : good);
    default:
        return 0;
    }
}

static bool is_left_out(const struct row *r)
{
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        if (!strcmp(left_out[i], r->name))
            return true;
    return r->number >= 1000;
}

// No time given: for ever.
static bool may_sleep(const char *argument)
{
    return !strcmp(argument, "timeout") || !strcmp(argument, "deadline");
}

static const char *answer(const struct row *r, const long *a)
{
    memset(good, 0, PAGE);
    lseek(file, 0, SEEK_SET);
    lseek(folder, 0, SEEK_SET);
    if (!strncmp(r->name, "mq_timedr", 9))
        mq_send(queue, good, 8, 0);
    if (!strncmp(r->name, "recv", 4)) { // one datagram is there
        while (recv(sockets[0], good, 8, 0) >= 0)
            ;
        send(sockets[1], good, 8, 0);
    }
    errno = 0;
    long result = syscall(r->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (result != -1 && r->kinds[0] == USTR && strstr(r->name, "mq_open"))
        close((int)result);
    return result == -1 ? errno_name(errno) : "ok";
}

// One line: the answers, each with the addresses that got it.
static void try_argument(const struct row *r, int i)
{
    const char *answers[WILD];
    long a[6];
    for (int n = 0; n < 6; n++)
        a[n] = r->kinds[n] ? plausible(r, n) : 0;
    for (int w = 0; w < WILD; w++) {
        answers[w] = "";
        if ((wild[w].readable && (r->kinds[i] != UOUT || !strcmp(r->name, "futex"))) || (!wild[w].address && may_sleep(r->arguments[i])))
            continue;
        a[i] = (long)wild[w].address;
        answers[w] = answer(r, a);
    }
    printf("%s.%s:", r->name, r->arguments[i]);
    for (int w = 0; w < WILD; w++) {
        int first = w;
        while (w + 1 < WILD && (!strcmp(answers[w + 1], answers[first]) || !*answers[w + 1]))
            w++;
        if (*answers[first])
            printf(" %s to %s %s;", wild[first].name, wild[w].name, answers[first]);
    }
    printf("\n");
}

static void *page(int access)
{
    void *p = mmap(NULL, PAGE, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    return p;
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("file", "some content of a file that is long enough");
    file = open("file", O_RDWR);
    folder = open(".", O_RDONLY);
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    epoll = epoll_create1(0);
    NEED(!symlink("file", "link") && !pipe(pipes));
    struct epoll_event ready = {.events = EPOLLOUT};
    NEED(!epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[1], &ready));
    NEED(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sockets));
    struct mq_attr size = {.mq_maxmsg = 2, .mq_msgsize = 64};
    queue = mq_open("/wild", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &size);
    NEED(queue >= 0 && !mq_unlink("/wild"));
    good = page(PROT_READ | PROT_WRITE);
    for (int w = 2; w < 5; w++) {
        wild[w].address = (uintptr_t)page(PROT_READ | PROT_WRITE);
        memset((void *)wild[w].address, 0, PAGE);
        NEED(!mprotect((void *)wild[w].address, PAGE, w == 4 ? PROT_READ : PROT_NONE));
    }
    munmap((void *)wild[2].address, PAGE);
    signal(SIGPIPE, SIG_IGN);
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
        for (int i = 0; i < 6 && !is_left_out(&rows[r]); i++)
            if (rows[r].kinds[i] == UPTR || rows[r].kinds[i] == UOUT || rows[r].kinds[i] == USTR)
                try_argument(&rows[r], i);
    return 0;
}
