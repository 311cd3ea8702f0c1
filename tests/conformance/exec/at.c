// SPDX-License-Identifier: MIT
//
// execveat: by descriptor, by directory and name, through symbolic links, of files that have no name; fexecve.
#include "conform.h"
#include <sys/mman.h>
#include <sys/wait.h>

static char *const arguments[] = {"again", "child", NULL};

// In a child, which prints the error of an exec that comes back; the child's exit status.
static void run(const char *what, int fd, const char *path, int flags)
{
    fflush(stdout);
    pid_t p = fork();
    if (!p) {
        char *environment[] = {NULL};
        syscall(SYS_execveat, fd, path, arguments, environment, flags);
        _exit(100 + errno);
    }
    int status = 0;
    NEED(waitpid(p, &status, 0) == p);
    int code = WEXITSTATUS(status);
    printf("%s: %s %d\n", what, code > 100 ? errno_name(code - 100) : "exit", code > 100 ? 0 : code);
}

static int copy_of(const char *program, int to)
{
    char buffer[65536];
    int from = open(program, O_RDONLY);
    NEED(from >= 0);
    for (ssize_t n; (n = read(from, buffer, sizeof(buffer))) > 0;)
        NEED(write(to, buffer, (size_t)n) == n);
    close(from);
    return to;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && !strcmp(argv[1], "child"))
        return !strcmp(argv[0], "again") ? 7 : 8;
    begin(argv);
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    NEED(n > 0);
    self[n] = 0;
    char *slash = strrchr(self, '/'), *name = slash + 1;
    int file = open(self, O_RDONLY | O_CLOEXEC), path_only = open(self, O_PATH | O_CLOEXEC);
    *slash = 0;
    int dir = open(self, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *slash = '/';
    NEED(file >= 0 && path_only >= 0 && dir >= 0);
    run("descriptor", file, "", AT_EMPTY_PATH);
    run("descriptor with O_PATH", path_only, "", AT_EMPTY_PATH);
    run("empty path without the flag", file, "", 0);
    run("directory and name", dir, name, 0);
    run("directory", dir, "", AT_EMPTY_PATH);
    run("name below a file", file, name, 0);
    run("missing name", dir, "no such name", 0);
    run("absolute path", -1, self, 0);
    run("bad descriptor", 99, name, 0);
    run("bad descriptor, empty path", 99, "", AT_EMPTY_PATH);
    run("unknown flag", dir, name, 0x40000000);
    run("wild path", dir, (const char *)8, 0);
    NEED(!symlink(self, "link"));
    run("link", AT_FDCWD, "link", 0);
    run("link that is not followed", AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW);
    int memory = copy_of(self, memfd_create("program", MFD_CLOEXEC));
    run("memory", memory, "", AT_EMPTY_PATH);
    int plain = open("plain", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    run("not executable", plain, "", AT_EMPTY_PATH);
    int script = open("script", O_RDWR | O_CREAT, 0755);
    NEED(dprintf(script, "#!%s child\n", self) > 0);
    close(script);
    run("script", AT_FDCWD, "script", 0);
    int pipes[2];
    NEED(!pipe2(pipes, O_CLOEXEC));
    run("pipe", pipes[0], "", AT_EMPTY_PATH);
    NEED(!mkfifo("fifo", 0755));
    run("a pipe with a name, which nobody writes to", AT_FDCWD, "fifo", 0);
    run("a device", AT_FDCWD, "/dev/null", 0);
    fflush(stdout);
    fexecve(file, (char *const[]){"again", "child", NULL}, (char *const[]){NULL});
    return 1;
}
