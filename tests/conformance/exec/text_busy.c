// SPDX-License-Identifier: MIT
//
// A file that is written to is not executed, and one that is being run is not written to (ETXTBSY).
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

static void copy_of_this(const char *to)
{
    char bytes[65536];
    int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
    NEED(in >= 0 && out >= 0);
    for (ssize_t n; (n = read(in, bytes, sizeof(bytes))) > 0;)
        NEED(write(out, bytes, (size_t)n) == n);
    close(in);
    close(out);
}

static void execute(const char *path, const char *argument)
{
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        TRY(execl(path, path, ".", argument, NULL));
        exit(9);
    }
    int status;
    NEED(waitpid(child, &status, 0) == child);
    printf("ended with %d\n", WEXITSTATUS(status));
}

static void while_written(void)
{
    int fd = open("program", O_WRONLY), read_only = open("program", O_RDONLY);
    execute("./program", "end");
    void *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0); // of a descriptor that may not be read: no mapping
    IS(shared == MAP_FAILED);
    close(fd);
    execute("./program", "end");
    fd = open("script", O_WRONLY | O_CREAT, 0755);
    NEED(write(fd, "#!./program\n", 12) == 12);
    execute("./script", "end");
    close(fd);
    fd = open("program", O_RDWR);
    NEED((shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) != MAP_FAILED);
    close(fd);
    execute("./program", "end"); // the mapping writes
    munmap(shared, 4096);
    execute("./program", "end");
    close(read_only);
}

static void while_run(void)
{
    int to[2], from[2];
    char c;
    NEED(!pipe(to) && !pipe(from));
    pid_t child = fork();
    if (!child) {
        dup2(to[0], 20);
        dup2(from[1], 21);
        execl("./program", "./program", ".", "wait", NULL);
        exit(9);
    }
    NEED(read(from[0], &c, 1) == 1);
    OK(open("program", O_WRONLY));
    OK(open("program", O_RDWR));
    OK(open("program", O_WRONLY | O_CREAT, 0755));
    OK(open("program", O_RDONLY | O_TRUNC));
    OK(open("program", O_RDONLY));
    TRY(truncate("program", 0));
    TRY(chmod("program", 0700));
    TRY(rename("program", "renamed"));
    OK(open("renamed", O_WRONLY));
    NEED(write(to[1], "c", 1) == 1 && read(from[0], &c, 1) == 1);
    OK(open("renamed", O_WRONLY)); // its child runs it still
    int status;
    NEED(waitpid(child, &status, 0) == child && write(to[1], "c", 1) == 1 && read(from[0], &c, 1) == 1);
    for (int i = 0, fd; i < 1000; i++, close(fd), usleep(1000)) // until it has ended
        if ((fd = open("renamed", O_WRONLY)) >= 0 || errno != ETXTBSY)
            break;
    OK(open("renamed", O_WRONLY));
    OK(open("/proc/self/exe", O_WRONLY));
}

// What is run: says that it is there, and the second time from a child whose parent has ended.
static int wait_for_word(void)
{
    char c;
    NEED(write(21, "r", 1) == 1 && read(20, &c, 1) == 1);
    if (fork())
        return 0;
    NEED(write(21, "r", 1) == 1 && read(20, &c, 1) == 1 && write(21, "r", 1) == 1);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return !strcmp(argv[2], "wait") ? wait_for_word() : 0;
    begin(argv);
    copy_of_this("program");
    while_written();
    while_run();
    return 0;
}
