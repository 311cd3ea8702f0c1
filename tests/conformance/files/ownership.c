// SPDX-License-Identifier: MIT
// needs: root
//
// Owners, groups, set-ID bits and times: what their change takes away, and what one who is not root may change.
#include "conform.h"
#include <grp.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { USER = 1000, GROUP = 77, OTHER = 78 };

static void show(const char *path)
{
    struct stat st;
    NEED(!lstat(path, &st));
    printf("%s: %o of %u:%u\n", path, st.st_mode, st.st_uid, st.st_gid);
}

static void make(const char *path, mode_t mode)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    NEED(fd >= 0 && !fchmod(fd, mode));
    close(fd);
}

static void folders_of_groups(void)
{
    NEED(!mkdir("plain", 02777)); // mkdir does not take the bit
    show("plain");
    NEED(!chown("plain", 0, OTHER) && !chmod("plain", 02777));
    make("plain/file", 0644);
    NEED(!mkdir("plain/folder", 0755) && !mkfifo("plain/fifo", 0644));
    show("plain/file");
    show("plain/folder");
    show("plain/fifo");
}

static void by_root(void)
{
    make("set", 06755);
    TRY(chown("set", USER, USER));
    show("set");
    NEED(!chmod("set", 06745)); // no group may execute it: the bit means a lock
    TRY(chown("set", (uid_t)-1, (gid_t)-1));
    show("set");
    TRY(chown("plain", USER, GROUP));
    show("plain");
    int fd = open("set", O_WRONLY);
    NEED(!fchmod(fd, 06755) && write(fd, "a", 1) == 1);
    show("set");
    NEED(!chmod("plain", 02777));
}

static void change_modes(void)
{
    TRY(chmod("others", 0666));
    TRY(chmod("mine", 04755));
    show("mine");
    TRY(chmod("mine", 06755));
    show("mine");
    TRY(chmod("grouped", 02755)); // not of the user's groups
    show("grouped");
    int fd = open("mine", O_WRONLY);
    TRY(write(fd, "a", 1));
    show("mine");
    NEED(!chmod("mine", 06755));
    TRY(truncate("mine", 5));
    show("mine");
    fd = open("plain/program", O_CREAT | O_WRONLY, 02755);
    show("plain/program");
}

static void change_owners(void)
{
    TRY(chown("mine", 1001, (gid_t)-1));
    TRY(chown("mine", (uid_t)-1, OTHER));
    NEED(!chmod("mine", 06755));
    TRY(chown("mine", (uid_t)-1, GROUP));
    show("mine");
    TRY(chown("mine", USER, USER));
    TRY(chown("mine", (uid_t)-1, (gid_t)-1));
    TRY(chown("others", (uid_t)-1, (gid_t)-1));
    TRY(chown("others", USER, (gid_t)-1));
}

static void change_times(void)
{
    const struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}, none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    const struct timespec then[2] = {{1, 1}, {2, 2}}, half[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}}, bad[2] = {{0, -1}, {0, 0}};
    const struct timeval old[2] = {{1, 1}, {1, 1}};
    TRY(utimensat(AT_FDCWD, "others", NULL, 0));
    TRY(utimensat(AT_FDCWD, "others", now, 0));
    TRY(utimensat(AT_FDCWD, "others", then, 0));
    TRY(utimensat(AT_FDCWD, "others", none, 0));
    TRY(utimensat(AT_FDCWD, "none", none, 0));
    TRY(utimensat(AT_FDCWD, "none", bad, 0));
    TRY(utimensat(AT_FDCWD, "writable", NULL, 0));
    TRY(utimensat(AT_FDCWD, "writable", now, 0));
    TRY(utimensat(AT_FDCWD, "writable", then, 0));
    TRY(utimensat(AT_FDCWD, "writable", half, 0));
    TRY(utimensat(AT_FDCWD, "mine", then, 0));
    TRY(utimensat(AT_FDCWD, "mine", half, 0));
    TRY(utimes("others", old));
    TRY(utimes("writable", old));
    TRY(utimes("mine", old));
}

static void by_user(void)
{
    const gid_t groups[] = {GROUP};
    if (fork()) {
        wait(NULL);
        return;
    }
    NEED(!setgroups(1, groups) && !setresgid(USER, USER, USER) && !setresuid(USER, USER, USER));
    change_modes();
    change_owners();
    change_times();
    exit(0);
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!chmod(".", 0755));
    umask(0);
    folders_of_groups();
    by_root();
    make("mine", 0644);
    make("grouped", 0644);
    make("others", 0644);
    make("writable", 0666);
    NEED(!chown("mine", USER, USER) && !chown("grouped", USER, OTHER) && !chown("plain", 0, OTHER) && !chmod("plain", 02777));
    by_user();
    return 0;
}
