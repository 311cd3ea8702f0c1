// SPDX-License-Identifier: MIT
//
// open: every flag and its refusals.
#include "conform.h"

int main(int argc, char **argv)
{
    begin(argv);
    TRY(open("none", O_RDONLY));
    TRY(open("", O_RDONLY));
    TRY(open("none/x", O_RDONLY | O_CREAT, 0644));
    int fd = OK(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
    TRY(open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
    TRY(write(fd, "hello", 5));
    TRY(open("a/x", O_RDONLY));
    TRY(open("a/", O_RDONLY));
    TRY(open("a", O_RDONLY | O_DIRECTORY));
    TRY(mkdir("d", 0755));
    TRY(open("d", O_WRONLY));
    TRY(open("d", O_RDWR));
    TRY(open("d", O_RDONLY | O_CREAT, 0644));
    TRY(open("new/", O_WRONLY | O_CREAT, 0644));
    int dir = OK(open("d", O_RDONLY));
    TRY(read(dir, (char[9]){0}, 8));
    TRY(write(dir, "x", 1));
    TRY(symlink("a", "link"));
    TRY(symlink("nowhere", "dangling"));
    TRY(symlink("loop", "loop"));
    TRY(open("link", O_RDONLY | O_NOFOLLOW));
    TRY(open("loop", O_RDONLY));
    TRY(open("dangling", O_RDONLY));
    TRY(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
    OK(open("dangling", O_WRONLY | O_CREAT, 0644)); // makes what the link names
    IS(!access("nowhere", F_OK));
    fd = OK(open("a", O_WRONLY));
    TRY(read(fd, (char[9]){0}, 8));
    TRY(fcntl(fd, F_GETFL) & O_ACCMODE);
    fd = OK(open("a", O_RDONLY));
    TRY(write(fd, "x", 1));
    show_file("a");
    fd = OK(open("a", O_WRONLY | O_TRUNC));
    show_file("a");
    fd = OK(open("a", O_WRONLY | O_APPEND));
    TRY(write(fd, "one", 3));
    TRY(lseek(fd, 0, SEEK_SET));
    TRY(write(fd, "two", 3));
    TRY(pwrite(fd, "three", 5, 0)); // Linux appends here too
    TRY(lseek(fd, 0, SEEK_CUR));
    show_file("a");
    TRY(fcntl(fd, F_SETFL, 0));
    TRY(pwrite(fd, "X", 1, 0));
    show_file("a");
    int path = OK(open("a", O_PATH));
    TRY(read(path, (char[9]){0}, 8));
    TRY(fchmod(path, 0600));
    TRY(lseek(path, 0, SEEK_SET));
    int in = OK(openat(dir, "inner", O_WRONLY | O_CREAT, 0600));
    TRY(openat(in, "x", O_RDONLY));
    TRY(openat(77, "x", O_RDONLY));
    OK(openat(dir, "inner", O_RDONLY | O_CLOEXEC));
    IS(!access("d/inner", F_OK));
    // A file without name.
    int no_name = OK(open("d", O_RDWR | O_TMPFILE, 0600));
    TRY(write(no_name, "x", 1));
    TRY(open((char *)8, O_RDONLY));
    TRY(open("a", O_RDONLY | 0x40000000));
    TRY(close(77));
    TRY(close(-1));
    // The lowest number is used.
    close(3), close(5);
    TRY(open("a", O_RDONLY));
    TRY(open("a", O_RDONLY));
    return 0;
}
