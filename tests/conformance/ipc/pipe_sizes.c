// SPDX-License-Identifier: MIT
//
// Capacity of pipes and FIFOs, and packets (O_DIRECT).
#include "conform.h"
#include <poll.h>
#include <pthread.h>

static int p[2];
static char block[1 << 20];

static short ready(int fd, short events)
{
    struct pollfd f = {fd, events, 0};
    return poll(&f, 1, 0) == 1 ? f.revents : 0;
}

static long fill(size_t size)
{
    long total = 0;
    for (ssize_t n; (n = write(p[1], block, size)) > 0;)
        total += n;
    printf("%ld bytes, then %s; ", total, errno_name(errno));
    printf("writable %d\n", !!ready(p[1], POLLOUT));
    return total;
}

static void capacities(void)
{
    NEED(!pipe2(p, O_NONBLOCK));
    TRY(fcntl(p[0], F_GETPIPE_SZ));
    TRY(fcntl(p[0], F_SETPIPE_SZ, 0));
    TRY(fcntl(p[0], F_SETPIPE_SZ, 1));
    TRY(fcntl(p[1], F_GETPIPE_SZ));
    fill(4096);
    TRY(fcntl(p[1], F_SETPIPE_SZ, 10000));
    fill(4096);
    TRY(fcntl(p[1], F_SETPIPE_SZ, 4096));
    TRY(read(p[0], block, 3 * 4096));
    TRY(fcntl(p[1], F_SETPIPE_SZ, 4096));
    TRY(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
    TRY(read(p[0], block, sizeof(block)));
    fill(sizeof(block));
    TRY(fcntl(0, F_GETPIPE_SZ) >= 0 || errno == EBADF);
    int file = open("file", O_RDWR | O_CREAT, 0600);
    TRY(fcntl(file, F_GETPIPE_SZ));
    TRY(fcntl(file, F_SETPIPE_SZ, 4096));
    TRY(fcntl(99, F_SETPIPE_SZ, 4096));
    close(p[0]);
    close(p[1]);
}

// What is written stays in order when the ring is replaced while it wraps.
static void grow_while_full(void)
{
    NEED(!pipe2(p, O_NONBLOCK) && fcntl(p[1], F_SETPIPE_SZ, 16384) == 16384);
    unsigned char out = 0, in = 0;
    long wrong = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3000; i++)
            block[i] = (char)out++;
        NEED(write(p[1], block, 3000) == 3000);
        NEED(read(p[0], block, 2000) == 2000);
        for (int i = 0; i < 2000; i++)
            wrong += (unsigned char)block[i] != in++;
        if (round)
            TRY(fcntl(p[0], F_SETPIPE_SZ, 32768 << round));
    }
    TRY(read(p[0], block, 3000));
    for (int i = 0; i < 3000; i++)
        wrong += (unsigned char)block[i] != in++;
    printf("wrong %ld\n", wrong);
    close(p[0]);
    close(p[1]);
}

static void packets(void)
{
    NEED(!pipe2(p, O_DIRECT | O_NONBLOCK));
    TRY(!!(fcntl(p[1], F_GETFL) & O_DIRECT));
    TRY(write(p[1], "first", 5));
    TRY(write(p[1], "second", 6));
    TRY(write(p[1], block, 0));
    char text[16];
    TRY(read(p[0], text, 3)); // the rest is lost
    TRY(read(p[0], text, 16));
    TRY(read(p[0], text, 16));
    TRY(write(p[1], block, 10000)); // three packets
    TRY(read(p[0], block, 10000));
    TRY(read(p[0], block, 10000));
    TRY(read(p[0], block, 10000));
    TRY(read(p[0], block, 10000));
    long count = 0;
    while (write(p[1], "x", 1) == 1)
        count++;
    printf("%ld packets of a byte\n", count);
    IS(!ready(p[1], POLLOUT));
    TRY(read(p[0], text, 16));
    IS(ready(p[1], POLLOUT));
    TRY(fcntl(p[1], F_SETFL, O_NONBLOCK));
    TRY(write(p[1], "ab", 2));
    TRY(write(p[1], "cd", 2)); // joins
    while (read(p[0], text, 1) == 1 && text[0] == 'x')
        ;
    printf("%c\n", text[0]);
    TRY(read(p[0], text, 16));
    close(p[0]);
    close(p[1]);
}

static void *slow_reader(void *unused)
{
    static char piece[50];
    long total = 0, packets = 0;
    for (ssize_t n; (n = read(p[0], piece, sizeof(piece))) > 0; packets++)
        total += n;
    printf("%ld bytes in %ld packets\n", total, packets);
    return NULL;
}

static void blocking_packets(void)
{
    pthread_t t;
    NEED(!pipe2(p, O_DIRECT) && fcntl(p[1], F_SETPIPE_SZ, 4096) == 4096);
    NEED(!pthread_create(&t, NULL, slow_reader, NULL));
    for (int i = 0; i < 2000; i++)
        NEED(write(p[1], block, (size_t)(1 + i % 50)) == 1 + i % 50);
    close(p[1]);
    pthread_join(t, NULL);
    close(p[0]);
}

static void fifo(void)
{
    NEED(!mkfifo("fifo", 0600));
    p[0] = open("fifo", O_RDONLY | O_NONBLOCK);
    p[1] = open("fifo", O_WRONLY | O_NONBLOCK);
    TRY(fcntl(p[0], F_GETPIPE_SZ));
    TRY(fcntl(p[0], F_SETPIPE_SZ, 8192));
    TRY(write(p[1], "left behind", 11));
    close(p[0]);
    close(p[1]);
    p[0] = open("fifo", O_RDONLY | O_NONBLOCK);
    TRY(read(p[0], block, 100)); // nobody had it open: what was in it is gone
    close(p[0]);
}

int main(int argc, char **argv)
{
    begin(argv);
    capacities();
    grow_while_full();
    packets();
    blocking_packets();
    fifo();
    return 0;
}
