// SPDX-License-Identifier: MIT
//
// sendfile and copy_file_range, with and without own positions.
#include "conform.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

// From and to what has no position.
static void streams(int file)
{
    int p[2], q[2], s[2];
    off_t at = 0;
    char text[32];
    NEED(!pipe2(p, O_NONBLOCK) && !pipe2(q, O_NONBLOCK) && !socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    TRY(sendfile(s[0], p[0], NULL, 10));
    NEED(write(p[1], "abc", 3) == 3 && write(s[1], "hello", 5) == 5);
    TRY(sendfile(s[0], p[0], NULL, 10));
    TRY(sendfile(q[1], p[0], NULL, 10));
    TRY(sendfile(file, p[0], NULL, 10));
    TRY(sendfile(s[0], p[0], &at, 10));
    TRY(sendfile(file, s[0], NULL, 10));
    TRY(sendfile(s[1], s[0], NULL, 10));
    TRY(sendfile(q[1], s[0], NULL, 4));
    TRY(read(q[0], text, sizeof(text)));
    TRY(read(s[0], text, sizeof(text)));
    TRY(sendfile(file, open("/", O_RDONLY), NULL, 10));
    TRY(sendfile(open("b", O_WRONLY | O_APPEND), file, &at, 10));
    TRY(sendfile(s[0], file, &at, 2));
    TRY(read(s[1], text, sizeof(text)));
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("a", "0123456789");
    int a = open("a", O_RDONLY), b = open("b", O_RDWR | O_CREAT, 0644);
    TRY(sendfile(b, a, NULL, 4));
    TRY(lseek(a, 0, SEEK_CUR));
    off_t at = 8;
    TRY(sendfile(b, a, &at, 100));
    printf("%ld\n", (long)at);
    TRY(lseek(a, 0, SEEK_CUR));
    show_file("b");
    int pipes[2];
    NEED(!pipe(pipes));
    TRY(sendfile(pipes[1], a, NULL, 100));
    char text[32] = "";
    TRY(read(pipes[0], text, sizeof(text)));
    printf("%s\n", text);
    TRY(sendfile(a, b, NULL, 1));
    TRY(sendfile(b, 77, NULL, 1));
    loff_t in = 1, out = 20;
    TRY(syscall(SYS_copy_file_range, a, &in, b, &out, 3, 0));
    printf("%ld %ld\n", (long)in, (long)out);
    TRY(lseek(b, 0, SEEK_END));
    TRY(syscall(SYS_copy_file_range, a, &in, b, &out, 3, 1));
    TRY(syscall(SYS_copy_file_range, a, &in, a, NULL, 3, 0));
    in = 0, out = 2;
    TRY(syscall(SYS_copy_file_range, b, &in, b, &out, 3, 0)); // overlapping
    TRY(pread(b, text, 8, 0));
    printf("%.6s\n", text);
    streams(b);
    return 0;
}
