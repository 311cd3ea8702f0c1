// SPDX-License-Identifier: MIT
//
// dup, dup2, dup3, fcntl, close_range: numbers, shared positions, flags.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    write_file("f", "0123456789");
    int fd = open("f", O_RDONLY);
    int copy = dup(fd), again = open("f", O_RDONLY);
    TRY(lseek(fd, 4, SEEK_SET));
    TRY(lseek(copy, 0, SEEK_CUR));  // the same open file
    TRY(lseek(again, 0, SEEK_CUR)); // another
    TRY(dup2(fd, 20));
    TRY(dup2(fd, fd));
    TRY(dup2(77, 77));
    TRY(dup2(77, 5));
    TRY(dup2(fd, -1));
    TRY(dup2(fd, 1 << 30));
    TRY(dup(77));
    TRY(dup3(fd, fd, 0));
    TRY(dup3(fd, 21, O_CLOEXEC));
    TRY(fcntl(21, F_GETFD));
    TRY(fcntl(20, F_GETFD));
    TRY(dup3(fd, 22, O_APPEND));
    TRY(fcntl(fd, F_DUPFD, 30));
    TRY(fcntl(fd, F_DUPFD, 30));
    TRY(fcntl(fd, F_DUPFD_CLOEXEC, 30));
    TRY(fcntl(32, F_GETFD));
    TRY(fcntl(fd, F_DUPFD, -1));
    TRY(fcntl(32, F_SETFD, 0));
    TRY(fcntl(32, F_GETFD));
    TRY(fcntl(dup(21), F_GETFD)); // not inherited by dup
    TRY(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    TRY(fcntl(fd, F_SETFL, O_NONBLOCK | O_WRONLY));
    TRY(fcntl(copy, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
    TRY(fcntl(fd, 9999));
    TRY(fcntl(77, F_GETFD));
    char c;
    TRY(read(20, &c, 1));
    printf("%c\n", c);
    TRY(close(fd));
    TRY(read(copy, &c, 1));
    printf("%c\n", c);
    TRY(syscall(SYS_close_range, 20, 30, 0));
    TRY(fcntl(20, F_GETFD));
    TRY(fcntl(31, F_GETFD));
    TRY(syscall(SYS_close_range, 31, 40, 4)); // on exec
    TRY(fcntl(31, F_GETFD));
    TRY(syscall(SYS_close_range, 40, 30, 0));
    TRY(syscall(SYS_close_range, 3, ~0u, 0));
    TRY(fcntl(copy, F_GETFD));
    TRY(open("f", O_RDONLY));
    return 0;
}
