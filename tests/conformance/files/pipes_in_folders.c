// SPDX-License-Identifier: MIT
//
// FIFOs and other nodes made by mknod.
#include "asleep.h"
#include "conform.h"
#include <sys/sysmacros.h>
#include <sys/wait.h>

// Who waits for a writer in open has met it, though it wrote and went before anybody looked; and so the other way round.
static void short_visits(void)
{
    int right = 0, status;
    char c;
    for (int round = 0; round < 60; round++) {
        int reads = round % 2;
        pid_t child = fork();
        if (!child) {
            int fd = open("fifo", reads ? O_RDONLY : O_WRONLY);
            _exit(reads ? read(fd, &c, 1) != 1 : fd < 0);
        }
        until_sleeps(child);
        int fd = open("fifo", reads ? O_WRONLY : O_RDONLY);
        NEED(fd >= 0 && (!reads || write(fd, "x", 1) == 1) && !close(fd));
        right += waitpid(child, &status, 0) == child && !status;
    }
    printf("met %d\n", right);
}

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
    close(in);
    short_visits();
    TRY(unlink("fifo"));
    TRY(mknod("file", S_IFREG | 0600, 0));
    TRY(mknod("file", S_IFREG | 0600, 0));
    show_file("file");
    TRY(mknod("folder", S_IFDIR | 0700, 0));
    return 0;
}
