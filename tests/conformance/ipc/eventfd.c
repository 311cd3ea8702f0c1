// SPDX-License-Identifier: MIT
//
// eventfd
#include "conform.h"
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

static int fd;
static void *later(void *unused)
{
    usleep(20000);
    eventfd_write(fd, 5);
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    uint64_t v = 0;
    fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    TRY(fcntl(fd, F_GETFD));
    TRY(read(fd, &v, 8));
    printf("%lu\n", v);
    TRY(read(fd, &v, 8));
    TRY(read(fd, &v, 7));
    v = ~0ul;
    TRY(write(fd, &v, 8));
    v = ~0ul - 1;
    TRY(write(fd, &v, 8));
    v = 1;
    TRY(write(fd, &v, 8));
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    TRY(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    TRY(read(fd, &v, 8));
    IS(v == ~0ul - 1);
    TRY(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    fd = eventfd(0, 0);
    pthread_t t;
    NEED(!pthread_create(&t, NULL, later, NULL));
    TRY(read(fd, &v, 8));
    printf("%lu\n", v);
    pthread_join(t, NULL);
    fd = eventfd(3, EFD_SEMAPHORE);
    TRY(read(fd, &v, 8));
    printf("%lu\n", v);
    TRY(eventfd(0, 0x1234));
    TRY(lseek(fd, 0, SEEK_SET));
    return 0;
}
