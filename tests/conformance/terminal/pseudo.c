// SPDX-License-Identifier: MIT
//
// Pseudo-terminals: how they are made, their names, locks, sizes, settings, ends.
#include "pty.h"
#include <sys/epoll.h>
#include <sys/sysmacros.h>

static void names(void)
{
    int m = open("/dev/ptmx", O_RDWR | O_NOCTTY), locked = -1, number = -1;
    NEED(m >= 0);
    struct stat st;
    char *name = ptsname(m), path[64];
    OK(ioctl(m, TIOCGPTN, &number));
    snprintf(path, sizeof(path), "/dev/pts/%d", number);
    IS(!strcmp(name, path));
    TRY(ioctl(m, TIOCGPTLCK, &locked));
    TRY(locked);
    TRY(open(path, O_RDWR | O_NOCTTY));
    TRY(grantpt(m));
    TRY(unlockpt(m));
    int s = open(path, O_RDWR | O_NOCTTY);
    IS(s >= 0);
    TRY(isatty(s));
    TRY(isatty(m));
    IS(!strcmp(ttyname(s), path));
    IS(!fstat(s, &st) && S_ISCHR(st.st_mode) && major(st.st_rdev) == 136 && minor(st.st_rdev) == (unsigned)number);
    IS(!fstat(m, &st) && S_ISCHR(st.st_mode) && major(st.st_rdev) == 5 && minor(st.st_rdev) == 2);
    TRY(ioctl(s, TIOCGPTN, &number));
    TRY(lseek(s, 0, SEEK_CUR));
    close(m);
    TRY(open(path, O_RDWR | O_NOCTTY));
    TRY(isatty(s));
    close(s);
}

static void peer(void)
{
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    TRY(ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY));
    unlockpt(m);
    int s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    IS(s >= 0);
    TRY(fcntl(s, F_GETFD));
    TRY(write(s, "x", 1));
    show_read("master", m);
    close(s);
    close(m);
}

static void show_settings(const char *what, int fd)
{
    struct termios t;
    TRY(tcgetattr(fd, &t));
    printf("%s: %x %x %x %x, line %d, speed %d", what, t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_line, cfgetospeed(&t) == B38400);
    for (int i = 0; i < 17; i++)
        printf(" %d", t.c_cc[i]);
    printf("\n");
}

static void settings(void)
{
    int m, s;
    struct termios t;
    struct winsize w = {24, 80, 1, 2};
    open_pair(&m, &s);
    show_settings("at first", s);
    TRY(tcgetattr(s, &t));
    t.c_lflag &= ~(ECHO | ICANON);
    t.c_cc[VMIN] = 3;
    cfsetospeed(&t, B9600);
    TRY(tcsetattr(s, TCSADRAIN, &t));
    show_settings("from the master", m);
    TRY(tcgetattr(m, &t));
    TRY(cfgetospeed(&t) == B9600);
    TRY(ioctl(s, TCSETS, NULL));
    TRY(ioctl(s, TCGETS, (void *)8));
    TRY(ioctl(m, TIOCSWINSZ, &w));
    w.ws_row = 0;
    TRY(ioctl(s, TIOCGWINSZ, &w));
    printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
    TRY(ioctl(s, TIOCSCTTY + 100, 0));
    TRY(tcflow(s, TCOOFF));
    TRY(tcdrain(m));
    TRY(tcsendbreak(s, 0));
    TRY(tcflush(s, 77));
    close(s);
    close(m);
}

static void ends(void)
{
    int m, s;
    open_pair(&m, &s);
    printf("events %x %x\n", events(m), events(s));
    TRY(write(s, "left", 4));
    printf("events %x %x\n", events(m), events(s));
    close(s);
    printf("events %x\n", events(m));
    show_read("what was left", m);
    printf("events %x\n", events(m));
    show_read("slave closed", m);
    s = open(ptsname(m), O_RDWR | O_NOCTTY);
    fcntl(m, F_SETFL, O_NONBLOCK);
    show_read("slave there again", m);
    TRY(write(m, "typed\n", 6));
    until_waiting(s, 6);
    TRY(waiting(s));
    close(m);
    printf("events %x\n", events(s));
    show_read("master closed", s);
    TRY(write(s, "x", 1));
    TRY(tcflush(s, TCIFLUSH));
    close(s);
}

static void full(void)
{
    int m, s;
    char block[4096];
    memset(block, 'x', sizeof(block));
    open_pair(&m, &s);
    change(s, ICANON | ECHO, 0);
    fcntl(m, F_SETFL, O_NONBLOCK);
    fcntl(s, F_SETFL, O_NONBLOCK);
    long n, total = 0;
    while ((n = write(m, block, sizeof(block))) > 0)
        total += n;
    IS(n == -1 && errno == EAGAIN && total >= 4000);
    while ((n = read(s, block, sizeof(block))) > 0)
        total -= n;
    IS(n == -1 && errno == EAGAIN);
    for (int i = 0; i < 10000 && total > 0; i++, usleep(1000)) // what is on its way
        while ((n = read(s, block, sizeof(block))) > 0)
            total -= n;
    TRY(total);
    until_events(m, POLLOUT, POLLOUT);
    IS(events(m) & POLLOUT);
    while ((n = write(s, block, sizeof(block))) > 0)
        total += n;
    IS(n == -1 && errno == EAGAIN && total >= 4000);
    for (int i = 0; i < 10000 && total > 0; i++, usleep(1000))
        while ((n = read(m, block, sizeof(block))) > 0)
            total -= n;
    TRY(total);
    until_events(s, POLLOUT, POLLOUT);
    IS(events(s) & POLLOUT);
    close(s);
    close(m);
}

static void epolled(void)
{
    int m, s, e = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    open_pair(&m, &s);
    epoll_ctl(e, EPOLL_CTL_ADD, s, &event);
    TRY(epoll_wait(e, &event, 1, 0));
    pid_t p = fork();
    if (!p) {
        usleep(30000);
        type(m, "half ");
        usleep(30000);
        type(m, "line\n");
        _exit(0);
    }
    TRY(epoll_wait(e, &event, 1, 60000));
    show_read("line", s);
    TRY(epoll_wait(e, &event, 1, 0));
    close(m);
    close(s);
    close(e);
}

static void packets(void)
{
    int m, s, on = 1;
    open_pair(&m, &s);
    TRY(ioctl(m, TIOCPKT, &on));
    TRY(write(s, "data", 4));
    show_read("packet", m);
    TRY(tcflush(s, TCIFLUSH));
    printf("events %x\n", events(m) & (POLLIN | POLLPRI));
    show_read("flushed", m);
    close(s);
    close(m);
}

static void flushed_by_master(void)
{
    int m, s, queued = 9;
    open_pair(&m, &s);
    NEED(write(s, "output", 6) == 6);
    until_events(m, POLLIN, POLLIN);
    TRY(tcflush(m, TCIFLUSH));
    TRY(ioctl(m, FIONREAD, &queued));
    printf("%d left\n", queued);
    close(s);
    close(m);
}

int main(int argc, char **argv)
{
    begin(argv);
    names();
    peer();
    settings();
    ends();
    full();
    epolled();
    packets();
    flushed_by_master();
    return 0;
}
