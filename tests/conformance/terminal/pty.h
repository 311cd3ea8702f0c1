// SPDX-License-Identifier: MIT
//
// What the programs about terminals share.
#pragma once

#include "conform.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

// Bytes as a person can read them.
static inline void show_bytes(const char *what, const char *bytes, long count)
{
    printf("%s: ", what);
    if (count < 0) {
        printf("%s\n", errno_name(errno));
        return;
    }
    printf("%ld [", count);
    for (long i = 0; i < count; i++) {
        unsigned char c = bytes[i];
        if (c == '\n')
            printf("\\n");
        else if (c == '\r')
            printf("\\r");
        else if (c < ' ' || c >= 0x7f)
            printf("\\%o", c);
        else
            putchar(c);
    }
    printf("]\n");
}

static inline void show_read(const char *what, int fd)
{
    char buffer[8192];
    errno = 0;
    ssize_t n = read(fd, buffer, sizeof(buffer));
    show_bytes(what, buffer, n);
}

// A pair that is not anybody's controlling terminal.
static inline void open_pair(int *ret_master, int *ret_slave)
{
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    NEED(m >= 0);
    NEED(!grantpt(m) && !unlockpt(m));
    int s = open(ptsname(m), O_RDWR | O_NOCTTY);
    NEED(s >= 0);
    *ret_master = m;
    *ret_slave = s;
}

static inline void type(int master, const char *text)
{
    NEED(write(master, text, strlen(text)) == (ssize_t)strlen(text));
}

// Takes what the terminal shows until nothing comes for a moment. The first of it may take a while.
static inline void show_what_comes(const char *what, int master, int first_ms)
{
    char buffer[8192];
    size_t n = 0;
    struct pollfd p = {.fd = master, .events = POLLIN};
    while (n < sizeof(buffer) && poll(&p, 1, n ? 100 : first_ms) == 1 && (p.revents & POLLIN)) {
        ssize_t r = read(master, buffer + n, sizeof(buffer) - n);
        if (r <= 0)
            break;
        n += r;
    }
    show_bytes(what, buffer, n);
}

static inline void show_screen(const char *what, int master)
{
    show_what_comes(what, master, 10000);
}

// It should be nothing.
static inline void show_empty_screen(const char *what, int master)
{
    show_what_comes(what, master, 50);
}

static inline int waiting(int fd)
{
    int n = -1;
    return ioctl(fd, FIONREAD, &n) ? -1 : n;
}

static inline void change(int fd, tcflag_t clear, tcflag_t set)
{
    struct termios t;
    NEED(!tcgetattr(fd, &t));
    t.c_lflag = (t.c_lflag & ~clear) | set;
    NEED(!tcsetattr(fd, TCSANOW, &t));
}

static inline unsigned events(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI};
    poll(&p, 1, 0);
    return (unsigned short)p.revents;
}

// What is typed arrives a little later, or much later where there is much to do.
static inline void until_waiting(int fd, int count)
{
    for (int i = 0; i < 10000 && waiting(fd) < count; i++)
        usleep(1000);
}

static inline void until_events(int fd, unsigned which, unsigned wanted)
{
    for (int i = 0; i < 10000 && (events(fd) & which) != wanted; i++)
        usleep(1000);
}
