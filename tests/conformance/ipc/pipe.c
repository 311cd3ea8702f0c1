// SPDX-License-Identifier: MIT
//
// Pipes: capacity, blocking, ends, atomic writes, flags.
#include "conform.h"
#include <pthread.h>
#include <sys/ioctl.h>

static int p[2];

static void *writer(void *unused)
{
    static char data[300000];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i % 251);
    TRY(write(p[1], data, sizeof(data))); // more than fits: blocks until all is taken
    close(p[1]);
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    TRY(pipe(p));
    struct stat st;
    NEED(!fstat(p[0], &st));
    IS(S_ISFIFO(st.st_mode));
    TRY(write(p[0], "x", 1));
    TRY(read(p[1], (char[2]){0}, 1));
    TRY(write(p[1], "hello", 5));
    int available = 0;
    TRY(ioctl(p[0], FIONREAD, &available));
    printf("%d\n", available);
    char text[16] = "";
    TRY(read(p[0], text, 3));
    TRY(read(p[0], text, 16));
    pthread_t t;
    NEED(!pthread_create(&t, NULL, writer, NULL));
    size_t total = 0, wrong = 0;
    unsigned char piece[7777];
    for (ssize_t n; (n = read(p[0], piece, sizeof(piece))) > 0;)
        for (ssize_t i = 0; i < n; i++)
            wrong += piece[i] != (total++) % 251;
    pthread_join(t, NULL);
    printf("%zu read, %zu wrong\n", total, wrong);
    TRY(read(p[0], text, 1)); // the end stays
    TRY(pipe2(p, O_NONBLOCK | O_CLOEXEC));
    TRY(fcntl(p[0], F_GETFD));
    TRY(read(p[0], text, 1));
    TRY(fcntl(p[1], F_GETPIPE_SZ));
    long filled = 0;
    char block[4096] = "";
    for (ssize_t n; (n = write(p[1], block, sizeof(block))) > 0;)
        filled += n;
    printf("%ld, then %s\n", filled, errno_name(errno));
    TRY(write(p[1], "x", 1));
    TRY(read(p[0], block, 4096));
    TRY(write(p[1], block, 4096));
    TRY(write(p[1], block, 1));
    TRY(read(p[0], block, 100));
    TRY(write(p[1], block, 4096)); // all or nothing
    signal(SIGPIPE, SIG_IGN);
    close(p[0]);
    TRY(write(p[1], "x", 1));
    TRY(pipe2(p, 0x1234));
    TRY(pipe((int *)8));
    return 0;
}
