// SPDX-License-Identifier: MIT
// needs: root
//
// What mode bits let a user do who is not root: opening, walking, changing names, the sticky bit, access(2) by the real user.
#include "conform.h"
#include <dirent.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { USER = 1000, GROUP = 77 };

static const struct sockaddr_un socket_name = {AF_UNIX, "socket"}, in_root_folder = {AF_UNIX, "other"}, no_socket = {AF_UNIX, "f644"};

static void make(const char *path, mode_t mode)
{
    int fd = open(path, O_CREAT | O_WRONLY, mode);
    NEED(fd >= 0);
    close(fd);
}

static void prepare(void)
{
    static const char *const folders[] = {"d700", "d711", "d755", "d766", "d777", "d1777"};
    NEED(!chmod(".", 0755));
    umask(0);
    make("f600", 0600);
    make("f644", 0644);
    make("f666", 0666);
    make("f060", 0060);
    make("f077", 0077);
    make("mine", 0644);
    NEED(!chown("mine", USER, USER) && !chown("f060", 0, GROUP) && !chown("f077", USER, USER));
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char name[32];
        NEED(!mkdir(folders[i], (mode_t)strtol(folders[i] + 1, NULL, 8)));
        snprintf(name, sizeof(name), "%s/f", folders[i]);
        make(name, 0666);
    }
    NEED(!mkdir("d1777/d", 0777) && !mkdir("d777/d", 0755) && !symlink("d700/f", "link") && !mkfifo("fifo", 0600));
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    NEED(!bind(s, (const struct sockaddr *)&socket_name, sizeof(socket_name)) && !chmod("socket", 0644) && !listen(s, 1));
}

static void opens(void)
{
    OK(open("f600", O_RDONLY));
    OK(open("f600", O_PATH));
    OK(open("f644", O_RDONLY));
    OK(open("f644", O_WRONLY));
    OK(open("f644", O_RDONLY | O_TRUNC));
    OK(open("f644", O_ACCMODE));
    OK(open("f666", O_RDWR));
    OK(open("f644", O_RDONLY | O_NOATIME));
    OK(open("mine", O_RDONLY | O_NOATIME));
    OK(open("f060", O_RDONLY));
    OK(open("f077", O_RDONLY));
    OK(open("fifo", O_RDWR));
    OK(open("f644", O_CREAT | O_RDWR, 0600));
    OK(open("f600", O_CREAT | O_EXCL | O_RDWR, 0600));
    OK(open("new", O_CREAT | O_RDWR, 0600));
    OK(open("d777/new", O_CREAT | O_RDWR, 0)); // who makes it may use it
    OK(open("d777/new", O_RDONLY));
    OK(open("d755", O_TMPFILE | O_RDWR, 0600));
    OK(open("d777", O_TMPFILE | O_RDWR, 0600));
    OK(open("d700", O_WRONLY));
    OK(opendir("d700") ? 0 : -1);
    OK(opendir("d711") ? 0 : -1);
    OK(opendir("d766") ? 0 : -1);
    TRY(truncate("f644", 0));
    TRY(truncate("f666", 0));
    int watches = inotify_init();
    OK(inotify_add_watch(watches, "f600", IN_ALL_EVENTS));
    OK(inotify_add_watch(watches, "f644", IN_ALL_EVENTS));
}

static void walks(void)
{
    struct stat st;
    char text[8];
    OK(open("d700/f", O_RDONLY));
    OK(open("d711/f", O_RDONLY));
    OK(open("d766/f", O_RDONLY));
    OK(open("d766/none", O_RDONLY));
    OK(open("d766/..", O_RDONLY));
    TRY(stat("d700", &st));
    TRY(stat("d700/", &st));
    TRY(stat("d700/.", &st));
    TRY(stat("d700/none", &st));
    TRY(stat("link", &st));
    TRY(lstat("link", &st));
    TRY(stat("f600/x", &st));
    TRY(readlink("d700/x", text, sizeof(text)));
    TRY(chdir("d700"));
    TRY(chdir("d766"));
    TRY(chdir("f644"));
    TRY(chroot("d777"));
    TRY(chdir("d711"));
    TRY(chdir(".."));
}

static void new_names(void)
{
    TRY(mkdir("new", 0777));
    TRY(mkdir("d755", 0777)); // that it is there is said first
    TRY(mkdir("d700/new", 0777));
    TRY(mkdir("d777/own", 0777));
    TRY(mkfifo("new", 0666));
    TRY(mknod("d777/device", S_IFCHR | 0666, 0x103));
    TRY(symlink("a", "new"));
    TRY(symlink("a", "d777/link"));
    TRY(link("mine", "new"));
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(bind(s, (const struct sockaddr *)&in_root_folder, sizeof(in_root_folder)));
    TRY(connect(s, (const struct sockaddr *)&socket_name, sizeof(socket_name)));
    TRY(connect(s, (const struct sockaddr *)&no_socket, sizeof(no_socket)));
}

static void names_that_go(void)
{
    TRY(unlink("f666"));
    TRY(unlink("none"));
    TRY(unlink("d755"));
    TRY(rmdir("d755"));
    TRY(unlink("d700/f"));
    TRY(unlink("d777/f"));
    TRY(unlink("d1777/f"));
    TRY(rmdir("d1777/d"));
    TRY(rename("f666", "x"));
    TRY(rename("f666", "d777/x"));
    TRY(rename("d777/none", "d777/x"));
    TRY(rename("mine", "mine"));
    TRY(rename("d1777/f", "d777/f"));
    TRY(rename("d777/new", "d777/new2"));
    TRY(rename("d777/new2", "d1777/f")); // which is root's
    TRY(rename("d777/new2", "d1777/own"));
    TRY(rename("d1777/own", "d777/own3"));
    TRY(rename("d777/d", "d1777/d3")); // it may not be written to: its .. would change
    TRY(rename("d777/d", "d777/d3"));
    TRY(rename("d777/own", "d755/own"));
    TRY(syscall(SYS_renameat2, AT_FDCWD, "f600", AT_FDCWD, "f644", /* RENAME_NOREPLACE */ 1));
    TRY(rmdir("d777/d3"));
}

static void accesses(void)
{
    TRY(access("f600", R_OK));
    TRY(access("f600", F_OK));
    TRY(access("d700/f", F_OK));
    TRY(access("f644", W_OK));
    TRY(access("f060", R_OK));
    TRY(access("f077", R_OK));
    TRY(faccessat(AT_FDCWD, "f600", R_OK, AT_EACCESS));
}

static void as_user(void (*what)(void), gid_t more_groups)
{
    if (!fork()) {
        NEED(!setgroups(more_groups ? 1 : 0, &more_groups) && !setresgid(USER, USER, USER) && !setresuid(USER, USER, USER));
        what();
        exit(0);
    }
    wait(NULL);
}

static void by_effective_user(void)
{
    struct stat st;
    setfsuid(USER);
    OK(open("f600", O_RDONLY));
    TRY(access("f600", R_OK));
    OK(open("d777/of_file_user", O_CREAT | O_RDWR, 0600));
    IS(!stat("d777/of_file_user", &st) && st.st_uid == USER);
    setfsuid(0);
    OK(open("f600", O_RDONLY));
    NEED(!setresuid(USER, 0, 0));
    OK(open("f600", O_RDONLY));
    TRY(access("f600", R_OK));
    TRY(access("d700/f", F_OK)); // the way there too
    TRY(faccessat(AT_FDCWD, "d700/f", R_OK, AT_EACCESS));
}

static void of_group(void)
{
    OK(open("f060", O_RDWR));
    TRY(access("f060", W_OK));
}

int main(int argc, char **argv)
{
    begin(argv);
    prepare();
    as_user(opens, 0);
    as_user(walks, 0);
    as_user(new_names, 0);
    as_user(names_that_go, 0);
    as_user(accesses, 0);
    as_user(of_group, GROUP);
    by_effective_user();
    return 0;
}
