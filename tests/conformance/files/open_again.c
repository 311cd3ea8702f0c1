// SPDX-License-Identifier: MIT
//
// What is open is opened again by its name in /proc/self/fd: pipes, sockets, the console, files; what stat says of it.
// needs: root
#include "conform.h"
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const char *name_of(int fd)
{
    static char name[64];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return name;
}

static const char *type_of(int fd)
{
    static char text[64];
    struct stat by_name, by_number;
    if (stat(name_of(fd), &by_name) || fstat(fd, &by_number))
        return errno_name(errno);
    snprintf(text, sizeof(text), "type %o, %s", by_name.st_mode & S_IFMT,
             by_name.st_ino == by_number.st_ino && by_name.st_mode == by_number.st_mode ? "the same" : "not the same");
    return text;
}

static void show_pipe(void)
{
    int fds[2], again, other[2];
    char text[16] = "", link[2][64] = {"", ""};
    struct stat first, second;
    NEED(pipe(fds) == 0 && pipe(other) == 0);
    printf("pipe: %s\n", type_of(fds[0]));
    printf("pipe flags: %x %x\n", fcntl(fds[0], F_GETFL), fcntl(fds[1], F_GETFL));
    OK(again = open(name_of(fds[0]), O_RDONLY));
    OK(write(fds[1], "text", 4));
    TRY(read(again, text, sizeof(text)));
    printf("got %s, flags %x\n", text, fcntl(again, F_GETFL));
    close(again);
    OK(again = open(name_of(fds[0]), O_WRONLY));
    TRY(write(again, "more", 4));
    TRY(read(fds[0], text, sizeof(text)));
    close(fds[1]);
    close(again);
    TRY(read(fds[0], text, sizeof(text)));
    OK(again = open(name_of(fds[0]), O_WRONLY));
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    TRY(read(fds[0], text, sizeof(text)));
    OK(ftruncate(fds[0], 0));
    NEED(readlink(name_of(fds[0]), link[0], 63) > 0 && readlink(name_of(again), link[1], 63) > 0);
    printf("names: %.6s, %s\n", link[0], strcmp(link[0], link[1]) ? "different" : "the same");
    NEED(fstat(fds[0], &first) == 0 && fstat(other[0], &second) == 0);
    printf("another pipe: %s, owner %s\n", first.st_ino == second.st_ino ? "the same" : "different",
           first.st_uid == geteuid() ? "right" : "wrong");
    OK(fchmod(fds[0], 0640));
    fstat(fds[0], &first);
    printf("mode %o\n", first.st_mode);
}

static void show_without_node(const char *what, int fd)
{
    printf("%s: %s\n", what, type_of(fd));
    OK(open(name_of(fd), O_RDONLY));
}

static void show_console(void)
{
    char text[16] = "";
    int out = open("/dev/stdout", O_WRONLY), fds[2];
    OK(out);
    fflush(stdout);
    TRY(write(out, "written\n", 8));
    printf("/dev/stdout: %s\n", type_of(out));
    NEED(pipe(fds) == 0 && dup2(fds[0], 0) == 0 && write(fds[1], "input", 5) == 5);
    int in = open("/dev/stdin", O_RDONLY);
    TRY(read(in, text, sizeof(text)));
    printf("%s\n", text);
    NEED(dup2(fds[1], 60) == 60);
    pid_t pid = fork();
    if (!pid) {
        execl("/proc/self/exe", "open_again", "child", "child", NULL);
        _exit(9);
    }
    waitpid(pid, NULL, 0);
    TRY(read(fds[0], text, sizeof(text)));
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return write(open("/dev/fd/60", O_WRONLY), "child", 5) != 5;
    begin(argv);
    show_pipe();
    int sockets[2], file = open("file", O_RDWR | O_CREAT, 0600), again;
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    show_without_node("socket", sockets[0]);
    show_without_node("eventfd", eventfd(0, 0));
    NEED(write(file, "content", 7) == 7);
    OK(again = open(name_of(file), O_RDONLY));
    printf("position %ld, %s\n", (long)lseek(again, 0, SEEK_CUR), type_of(again));
    show_console();
    return 0;
}
