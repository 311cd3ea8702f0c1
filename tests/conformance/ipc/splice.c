// SPDX-License-Identifier: MIT
//
// splice, tee, vmsplice; and sendfile to somebody who is slow.
#include "conform.h"
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char buffer[1 << 18];

static void show(const char *what, int fd)
{
    ssize_t n = read(fd, buffer, sizeof(buffer));
    printf("%s: %zd", what, n);
    if (n > 0)
        printf(" [%.*s]", n < 20 ? (int)n : 20, buffer);
    printf("\n");
}

static void wrong(int file, int *p, int *q)
{
    off_t at = 0, negative = -1;
    TRY(splice(file, NULL, file, NULL, 10, 0));
    TRY(splice(p[1], NULL, q[1], NULL, 10, 0));
    TRY(splice(p[0], NULL, q[0], NULL, 10, 0));
    TRY(splice(p[0], NULL, p[1], NULL, 10, 0));
    TRY(splice(77, NULL, p[1], NULL, 10, 0));
    TRY(splice(p[0], &at, q[1], NULL, 10, 0));
    TRY(splice(file, NULL, p[1], &at, 10, 0));
    TRY(splice(file, &negative, p[1], NULL, 10, 0));
    TRY(syscall(SYS_splice, file, 8, p[1], NULL, 10, 0));
    TRY(splice(file, NULL, p[1], NULL, 10, 0x100));
    TRY(splice(file, NULL, p[1], NULL, 0, 0));
    TRY(splice(p[0], NULL, q[1], NULL, 10, SPLICE_F_NONBLOCK));
    TRY(tee(p[0], p[1], 10, 0));
    TRY(tee(file, p[1], 10, 0));
    TRY(tee(p[0], q[1], 10, SPLICE_F_NONBLOCK));
    TRY(tee(p[0], q[1], 0, 0));
    struct iovec v = {buffer, 5};
    TRY(vmsplice(file, &v, 1, 0));
    TRY(vmsplice(p[1], &v, 2000, 0));
    TRY(vmsplice(p[0], &v, 1, SPLICE_F_NONBLOCK));
    v.iov_base = (void *)8;
    TRY(vmsplice(p[1], &v, 1, 0));
}

// The reader is slow: what is not sent yet stays unread.
static void slow(int file)
{
    int s[2];
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
    int large = open("large", O_RDWR | O_CREAT | O_TRUNC, 0644);
    for (int i = 0; i < 1000000; i++) {
        ((int *)buffer)[i % 1000] = i;
        if (i % 1000 == 999)
            NEED(write(large, buffer, 4000) == 4000);
    }
    lseek(large, 0, SEEK_SET);
    int wanted = 0, wrong_ones = 0;
    size_t have = 0;
    for (;;) {
        ssize_t sent = sendfile(s[0], large, NULL, 1 << 20);
        if (!sent)
            break;
        NEED(sent > 0 || errno == EAGAIN);
        for (ssize_t n; (n = read(s[1], buffer + have, 10000)) > 0;) {
            have += (size_t)n;
            size_t i = 0;
            for (; i + 4 <= have; i += 4)
                wrong_ones += *(int *)(buffer + i) != wanted++;
            memmove(buffer, buffer + i, have - i);
            have -= i;
        }
    }
    printf("received %d, wrong %d\n", wanted, wrong_ones);
    close(large);
    close(s[0]);
    close(s[1]);
}

// Nobody waits: as much as there is room for, and what the other side does not take stays.
static void without_waiting(void)
{
    int s[2], p[2];
    NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) && !pipe2(p, O_NONBLOCK));
    NEED(write(s[0], buffer, 20000) == 20000);
    TRY(splice(s[1], NULL, p[1], NULL, 20000, SPLICE_F_NONBLOCK));
    TRY(splice(s[1], NULL, p[1], NULL, 20000, SPLICE_F_NONBLOCK));
    for (int size = 4096; size; size /= 4096) // until nobody takes one byte
        while (send(s[0], buffer, (size_t)size, 0) > 0)
            ;
    TRY(splice(p[0], NULL, s[0], NULL, 5000, 0));
    while (read(s[1], buffer, sizeof(buffer)) > 0)
        ;
    TRY(splice(p[0], NULL, s[0], NULL, 5000, 0));
    TRY(read(p[0], buffer, sizeof(buffer)));
    TRY(read(s[1], buffer, sizeof(buffer)));
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGPIPE, SIG_IGN);
    int p[2], q[2];
    NEED(!pipe(p) && !pipe(q));
    write_file("file", "0123456789abcdefghij");
    int file = open("file", O_RDWR);
    wrong(file, p, q);
    off_t at = 4;
    TRY(splice(file, NULL, p[1], NULL, 5, 0));
    TRY(splice(file, &at, p[1], NULL, 5, 0));
    printf("offset %ld, position %ld\n", (long)at, (long)lseek(file, 0, SEEK_CUR));
    TRY(tee(p[0], q[1], 7, 0));
    show("copied", q[0]);
    TRY(splice(p[0], NULL, q[1], NULL, 100, 0));
    show("moved", q[0]);
    TRY(splice(file, NULL, p[1], NULL, 100, 0)); // up to the end
    TRY(splice(file, NULL, p[1], NULL, 100, 0));
    int out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0644);
    at = 3;
    TRY(splice(p[0], NULL, out, &at, 6, 0));
    TRY(splice(p[0], NULL, out, NULL, 4, SPLICE_F_MOVE));
    show("left", p[0]);
    show_file("out");
    struct iovec v[2] = {{"first ", 6}, {"second", 6}};
    TRY(vmsplice(p[1], v, 2, SPLICE_F_GIFT));
    show("given", p[0]);
    NEED(write(p[1], "abcdef", 6) == 6);
    char a[3], b[10];
    struct iovec r[2] = {{a, 3}, {b, 10}};
    TRY(vmsplice(p[0], r, 2, 0));
    printf("%.3s %.3s\n", a, b);
    // from and to a socket, and waiting
    int s[2];
    NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    NEED(write(s[0], "from a socket", 13) == 13);
    TRY(splice(s[1], NULL, p[1], NULL, 100, 0));
    TRY(splice(p[0], NULL, s[1], NULL, 100, 0));
    show("back", s[0]);
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        usleep(30000);
        NEED(write(p[1], "late", 4) == 4);
        _exit(0);
    }
    TRY(splice(p[0], NULL, s[1], NULL, 100, 0));
    show("late", s[0]);
    waitpid(pid, NULL, 0);
    // the ends
    close(p[1]);
    TRY(splice(p[0], NULL, s[1], NULL, 100, 0));
    TRY(tee(p[0], q[1], 100, 0));
    close(q[0]);
    NEED(write(s[0], "x", 1) == 1);
    TRY(splice(s[1], NULL, q[1], NULL, 100, 0));
    slow(file);
    without_waiting();
    return 0;
}
