// SPDX-License-Identifier: MIT
//
// poll, ppoll, select, pselect.
#include "conform.h"
#include <poll.h>
#include <sys/select.h>
#include <time.h>

static void handler(int sig)
{
    printf("signal %d\n", sig);
}

int main(int argc, char **argv)
{
    begin(argv);
    int a[2], b[2];
    NEED(!pipe(a) && !pipe(b));
    write_file("f", "x");
    int file = open("f", O_RDWR), closed = dup(file);
    close(closed);
    struct pollfd p[6] = {{a[0], POLLIN, 0}, {a[1], POLLOUT, 0}, {b[0], POLLIN | POLLRDNORM, 0}, {file, POLLIN | POLLOUT, 0},
                          {closed, POLLIN, 0}, {-1, POLLIN, 77}};
    TRY(poll(p, 6, 0));
    for (int i = 0; i < 6; i++)
        printf("%x ", p[i].revents);
    printf("\n");
    NEED(write(b[1], "x", 1) == 1);
    close(b[1]);
    close(a[0]);
    TRY(poll(p, 4, 0));
    for (int i = 0; i < 4; i++)
        printf("%x ", p[i].revents);
    printf("\n");
    TRY(poll(NULL, 0, 10));
    TRY(poll((void *)8, 1, 0));
    TRY(poll(p, 1u << 30, 0));
    // A signal that only ppoll lets in.
    sigset_t set, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    TRY(ppoll(NULL, 0, &(struct timespec){5, 0}, &none));
    TRY(ppoll(NULL, 0, &(struct timespec){0, 1000}, NULL));
    TRY(ppoll(NULL, 0, &(struct timespec){0, -1}, NULL));
    NEED(!pipe(a));
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(a[0], &in);
    FD_SET(b[0], &in);
    FD_SET(a[1], &out);
    struct timeval t = {1, 0};
    int top = a[1] + 1;
    TRY(select(top, &in, &out, NULL, &t));
    IS(!FD_ISSET(a[0], &in) && FD_ISSET(b[0], &in) && FD_ISSET(a[1], &out));
    FD_ZERO(&in);
    FD_SET(a[0], &in);
    t = (struct timeval){0, 20000};
    TRY(select(top, &in, NULL, NULL, &t));
    IS(!FD_ISSET(a[0], &in) && t.tv_sec == 0 && t.tv_usec == 0);
    FD_ZERO(&in);
    FD_SET(closed, &in);
    TRY(select(closed + 1, &in, NULL, NULL, &t));
    TRY(select(-1, NULL, NULL, NULL, &t));
    TRY(select(0, NULL, NULL, NULL, &(struct timeval){0, -1}));
    raise(SIGUSR1);
    TRY(pselect(0, NULL, NULL, NULL, &(struct timespec){5, 0}, &none));
    return 0;
}
