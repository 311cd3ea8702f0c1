// SPDX-License-Identifier: MIT
//
// Calls that few programs make: getdents, adjtimex, unshare, process_vm_readv and process_vm_writev.
#include "conform.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

struct old_dirent {
    unsigned long ino, offset;
    unsigned short length;
    char name[];
};

static void old_directory(void)
{
    char buffer[1024];
    int names = 0, kinds[3] = {0};
    mkdir("dir", 0755);
    mkdir("dir/inner", 0755);
    write_file("dir/file", "x");
    write_file("dir/a-longer-name-than-the-others", "x");
    NEED(!symlink("file", "dir/link"));
    int fd = open("dir", O_RDONLY);
    TRY(syscall(SYS_getdents, fd, buffer, 10));
    long n = syscall(SYS_getdents, fd, buffer, sizeof(buffer));
    NEED(n > 0);
    for (long at = 0; at < n;) {
        struct old_dirent *d = (struct old_dirent *)(buffer + at);
        char type = buffer[at + d->length - 1];
        names += !strcmp(d->name, ".") || !strcmp(d->name, "..") || !strcmp(d->name, "a-longer-name-than-the-others") ||
                 !strcmp(d->name, "link");
        kinds[0] += type == 4, kinds[1] += type == 8, kinds[2] += type == 10;
        NEED(d->ino && d->length % 8 == 0);
        at += d->length;
    }
    printf("names %d, directories %d, files %d, links %d\n", names, kinds[0], kinds[1], kinds[2]);
    TRY(syscall(SYS_getdents, fd, buffer, sizeof(buffer)));
    lseek(fd, 0, SEEK_SET);
    TRY(syscall(SYS_getdents, fd, (void *)8, 1000));
    TRY(syscall(SYS_getdents, 77, buffer, 1000));
    TRY(syscall(SYS_getdents, open("dir/file", O_RDONLY), buffer, 1000));
}

static void clock_state(void)
{
    struct timex t = {0};
    IS(adjtimex(&t) >= 0 && t.tick >= 9000 && t.tick <= 11000 && t.time.tv_sec > 1000000000);
    t = (struct timex){0};
    IS(clock_adjtime(CLOCK_REALTIME, &t) >= 0);
    TRY(clock_adjtime(CLOCK_MONOTONIC, &t));
    TRY(clock_adjtime(77, &t));
    TRY(syscall(SYS_adjtimex, 8));
}

static int child(void *argument)
{
    int *fds = argument;
    TRY(fcntl(fds[0], F_GETFD)); // one table with the parent's
    TRY(unshare(CLONE_FILES | CLONE_FS));
    TRY(close(fds[0]));
    TRY(chdir("/"));
    umask(077);
    fflush(stdout);
    return 0;
}

static int closes(void *argument)
{
    int *fds = argument;
    TRY(syscall(SYS_close_range, fds[0], fds[0], 2 /* CLOSE_RANGE_UNSHARE */));
    TRY(fcntl(fds[0], F_GETFD));
    fflush(stdout);
    return 0;
}

static void parts(void)
{
    static char stack[65536];
    int fds[2];
    NEED(!pipe(fds));
    TRY(unshare(0));
    TRY(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM));
    TRY(unshare(CLONE_THREAD));
    TRY(unshare(CLONE_PARENT));
    fflush(stdout);
    pid_t pid = clone(child, stack + sizeof(stack), CLONE_FILES | CLONE_FS | SIGCHLD, fds);
    NEED(pid > 0);
    int status;
    NEED(waitpid(pid, &status, 0) == pid);
    TRY(fcntl(fds[0], F_GETFD));
    pid = clone(closes, stack + sizeof(stack), CLONE_FILES | SIGCHLD, fds);
    NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
    TRY(fcntl(fds[0], F_GETFD));
    struct stat st;
    TRY(stat("dir/file", &st));
    mode_t mask = umask(022);
    printf("status %d, mask %o\n", status, mask);
}

static void own_memory(void)
{
    char from[] = "0123456789", to[11] = "";
    struct iovec remote[2] = {{from + 2, 3}, {from + 7, 3}}, local[3] = {{to, 1}, {to + 1, 4}, {to + 5, 1}};
    TRY(process_vm_readv(getpid(), local, 3, remote, 2, 0));
    printf("%s\n", to);
    TRY(process_vm_writev(getpid(), local, 3, remote, 2, 0));
    TRY(process_vm_readv(getpid(), local, 3, remote, 2, 1));
    TRY(process_vm_readv(999999, local, 3, remote, 2, 0));
    TRY(process_vm_readv(getpid(), local, 3, (void *)8, 2, 0));
    TRY(process_vm_readv(getpid(), local, 2000, remote, 2, 0));
    remote[0] = (struct iovec){(void *)8, 5};
    TRY(process_vm_readv(getpid(), local, 3, remote, 2, 0)); // a pointer that leads nowhere is no SIGSEGV
    char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(two != MAP_FAILED && !munmap(two + 4096, 4096));
    remote[0] = (struct iovec){two + 4093, 6};
    TRY(process_vm_readv(getpid(), local, 3, remote, 1, 0)); // up to the hole
    TRY(process_vm_readv(getpid(), local, 0, remote, 1, 0));
}

int main(int argc, char **argv)
{
    begin(argv);
    old_directory();
    clock_state();
    parts();
    own_memory();
    return 0;
}
