// SPDX-License-Identifier: MIT
//
// Record locks between processes: conflicts, ranges, waiting, deadlock, closing; locks of open files; flock between processes.
#include "asleep.h"
#include "conform.h"
#include <sys/file.h>
#include <sys/wait.h>

static int fd;

static int lock(int command, short type, long start, long length)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &l);
}

static void who(short type, long start, long length)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    NEED(!fcntl(fd, F_GETLK, &l));
    if (l.l_type == F_UNLCK)
        printf("[%ld,%ld): free\n", start, start + length);
    else
        printf("[%ld,%ld): %s from %ld, %ld long, of the parent: %d\n", start, start + length, l.l_type == F_WRLCK ? "write" : "read",
               (long)l.l_start, (long)l.l_len, l.l_pid == getppid());
}

static void in_child(void (*what)(void))
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    NEED(child >= 0);
    if (!child) {
        what();
        fflush(stdout);
        _exit(0);
    }
    NEED(waitpid(child, &status, 0) == child && !status);
}

static void look(void)
{
    who(F_WRLCK, 0, 5);
    who(F_RDLCK, 10, 5);
    who(F_WRLCK, 10, 5);
    who(F_WRLCK, 20, 100);
    who(F_WRLCK, 0, 0);
    TRY(lock(F_SETLK, F_WRLCK, 12, 1));
    TRY(lock(F_SETLK, F_RDLCK, 21, 1));
    TRY(lock(F_SETLK, F_UNLCK, 0, 0)); // not its own
}

static void everything(void)
{
    TRY(lock(F_SETLK, F_WRLCK, 0, 0));
}

static void by_open_file(void)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    int other = open("f", O_RDWR);
    TRY(fcntl(fd, F_OFD_SETLK, &l)); // inherited: the same open file
    TRY(fcntl(other, F_OFD_SETLK, &l));
    TRY(fcntl(other, F_SETLK, &l));
    NEED(!fcntl(other, F_OFD_GETLK, &l));
    printf("%d %d\n", l.l_type == F_WRLCK, l.l_pid);
    l = (struct flock){.l_type = F_WRLCK, .l_pid = 1};
    TRY(fcntl(other, F_OFD_SETLK, &l));
}

static void flock_too(void)
{
    int other = open("f", O_RDWR);
    TRY(flock(other, LOCK_EX | LOCK_NB));
    TRY(flock(fd, LOCK_EX | LOCK_NB)); // inherited
}

static void waiting(void)
{
    int pipes[2], status;
    char c;
    NEED(!pipe(pipes));
    TRY(lock(F_SETLK, F_WRLCK, 0, 1));
    pid_t child = fork();
    NEED(child >= 0);
    if (!child) {
        NEED(write(pipes[1], "x", 1) == 1);
        int r = lock(F_SETLKW, F_WRLCK, 0, 1);
        _exit(r ? 1 : 42);
    }
    NEED(read(pipes[0], &c, 1) == 1);
    until_sleeps(child);
    TRY(lock(F_SETLK, F_UNLCK, 0, 1));
    NEED(waitpid(child, &status, 0) == child);
    printf("waited: %d\n", WEXITSTATUS(status));
}

static void nothing(int sig)
{
}

static void deadlock(void)
{
    int pipes[2], status;
    char c;
    NEED(!pipe(pipes));
    TRY(lock(F_SETLK, F_WRLCK, 0, 1));
    pid_t child = fork();
    NEED(child >= 0);
    if (!child) {
        NEED(!lock(F_SETLK, F_WRLCK, 1, 1));
        NEED(write(pipes[1], "x", 1) == 1);
        int r = lock(F_SETLKW, F_WRLCK, 0, 1);
        _exit(r ? 1 : 43);
    }
    NEED(read(pipes[0], &c, 1) == 1);
    until_sleeps(child);
    TRY(lock(F_SETLKW, F_WRLCK, 1, 1));
    TRY(lock(F_SETLK, F_UNLCK, 0, 1));
    NEED(waitpid(child, &status, 0) == child);
    printf("then: %d\n", WEXITSTATUS(status));
    // A signal ends the wait.
    NEED(!lock(F_SETLK, F_WRLCK, 0, 1));
    child = fork();
    if (!child) {
        struct sigaction act = {.sa_handler = nothing};
        sigaction(SIGALRM, &act, NULL);
        ualarm(50000, 50000); // again, should it come before the call
        int r = lock(F_SETLKW, F_WRLCK, 0, 1);
        _exit(r == -1 && errno == EINTR ? 44 : 1);
    }
    NEED(waitpid(child, &status, 0) == child);
    printf("interrupted: %d\n", WEXITSTATUS(status));
}

// Of several locks in the way the first in the file is told.
static void first_in_the_way(void)
{
    int status, fd = open("many", O_RDWR | O_CREAT, 0600);
    struct flock l = {.l_type = F_WRLCK, .l_start = 2, .l_len = 3};
    NEED(!fcntl(fd, F_SETLK, &l));
    l = (struct flock){.l_type = F_RDLCK, .l_start = 3, .l_len = 1};
    NEED(!fcntl(fd, F_SETLK, &l));
    fflush(stdout);
    pid_t pid = fork();
    NEED(pid >= 0);
    if (!pid) {
        l = (struct flock){.l_type = F_WRLCK};
        TRY(fcntl(fd, F_GETLK, &l));
        printf("type %d from %ld, %ld\n", l.l_type, (long)l.l_start, (long)l.l_len);
        int path = open("many", O_PATH);
        TRY(fcntl(path, F_SETFL, O_APPEND));
        TRY(fcntl(path, F_GETFL));
        fflush(stdout);
        _exit(0);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    close(fd);
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("f", "0123456789");
    fd = open("f", O_RDWR);
    TRY(lock(F_SETLK, F_WRLCK, 0, 3));
    TRY(lock(F_SETLK, F_RDLCK, 10, 10));
    TRY(lock(F_SETLK, F_WRLCK, 20, 100));
    TRY(lock(F_SETLK, F_UNLCK, 50, 10)); // splits
    TRY(lock(F_SETLK, F_WRLCK, 3, 2)); // joins
    in_child(look);
    TRY(lock(F_SETLK, 77, 0, 1));
    TRY(lock(F_SETLK, F_WRLCK, -1, 1));
    struct flock back = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = -10};
    TRY(fcntl(fd, F_SETLK, &back));
    int reader = open("f", O_RDONLY);
    TRY(fcntl(reader, F_SETLK, &(struct flock){.l_type = F_WRLCK}));
    in_child(everything);
    TRY(close(open("f", O_PATH))); // that one only names the file
    in_child(everything);
    TRY(close(reader)); // any descriptor of the file: all locks are gone
    in_child(everything);
    TRY(fcntl(fd, F_SETLK, (struct flock *)8));
    TRY(fcntl(77, F_SETLK, &back));
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    TRY(fcntl(fd, F_OFD_SETLK, &whole));
    in_child(by_open_file);
    whole.l_type = F_UNLCK;
    TRY(fcntl(fd, F_OFD_SETLK, &whole));
    TRY(flock(fd, LOCK_EX));
    in_child(flock_too);
    TRY(flock(fd, LOCK_UN));
    waiting();
    deadlock();
    first_in_the_way();
    return 0;
}
