// SPDX-License-Identifier: MIT
//
// sendfile and copy_file_range, with and without own positions.
#include "conform.h"
#include <sys/sendfile.h>

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
    return 0;
}
