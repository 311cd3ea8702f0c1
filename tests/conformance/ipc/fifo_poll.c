// SPDX-License-Identifier: MIT
//
// What the two ends of a FIFO are told: there is no hang-up before there was a writer. And what is no source of a splice, and no program.
#include "conform.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int events(int fd)
{
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    NEED(poll(&p, 1, 0) >= 0);
    return p.revents;
}

static void reader_first(void)
{
    char byte;
    int r = open("fifo", O_RDONLY | O_NONBLOCK);
    TRY(events(r));
    TRY(read(r, &byte, 1)); // all the same nobody writes
    int w = open("fifo", O_WRONLY | O_NONBLOCK);
    TRY(events(r));
    TRY(events(w));
    TRY(read(r, &byte, 1));
    close(w);
    TRY(events(r));
    int late = open("fifo", O_RDONLY | O_NONBLOCK);
    TRY(events(late));
    w = open("fifo", O_WRONLY);
    TRY(events(late));
    NEED(write(w, "x", 1) == 1);
    close(w);
    TRY(events(late));
    TRY(events(r));
    TRY(read(late, &byte, 1));
    TRY(events(late));
    close(r);
    close(late);
}

static void writer_first(void)
{
    int both = open("fifo", O_RDWR), r = open("fifo", O_RDONLY | O_NONBLOCK);
    TRY(events(both));
    TRY(events(r));
    close(both);
    TRY(events(r));
    close(r);
}

static void splices(void)
{
    int p[2], e = eventfd(1, 0), folder = open(".", O_RDONLY);
    NEED(!pipe(p));
    TRY(splice(e, NULL, p[1], NULL, 8, 0));
    TRY(splice(folder, NULL, p[1], NULL, 8, 0));
    TRY(fallocate(p[1], 0, 0, 1));
}

static void small_matters(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int path = open(".", O_PATH), null = open("/dev/null", O_RDWR), e = epoll_create1(0), number = eventfd(1, 0);
    TRY(events(path));
    TRY(epoll_ctl(e, EPOLL_CTL_ADD, path, &event));
    TRY(epoll_ctl(e, EPOLL_CTL_ADD, null, &event));
    TRY(epoll_wait(e, &event, 1 << 30, 0));
    TRY(read(number, &event, 0));
    TRY(execl("fifo", "fifo", NULL));
    NEED(!chmod("fifo", 0777));
    TRY(execl("fifo", "fifo", NULL)); // and waits for nobody
    TRY(execl("/dev/null", "null", NULL));
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!mkfifo("fifo", 0600));
    reader_first();
    writer_first();
    splices();
    small_matters();
    return 0;
}
