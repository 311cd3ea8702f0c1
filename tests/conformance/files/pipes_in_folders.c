// SPDX-License-Identifier: MIT
//
// FIFOs and other nodes made by mknod.
#include "conform.h"
#include <sys/sysmacros.h>

int main(int argc, char **argv)
{
    begin(argv);
    TRY(mkfifo("fifo", 0644));
    TRY(mkfifo("fifo", 0644));
    struct stat st;
    NEED(!stat("fifo", &st));
    printf("%o\n", st.st_mode);
    TRY(open("fifo", O_WRONLY | O_NONBLOCK));
    int in = OK(open("fifo", O_RDONLY | O_NONBLOCK));
    char text[16] = "";
    TRY(read(in, text, 10));
    int out = OK(open("fifo", O_WRONLY | O_NONBLOCK));
    TRY(read(in, text, 10));
    TRY(write(out, "hello", 5));
    TRY(read(in, text, 10));
    printf("%s\n", text);
    TRY(close(out));
    TRY(read(in, text, 10));
    TRY(unlink("fifo"));
    TRY(mknod("file", S_IFREG | 0600, 0));
    TRY(mknod("file", S_IFREG | 0600, 0));
    show_file("file");
    TRY(mknod("folder", S_IFDIR | 0700, 0));
    return 0;
}
