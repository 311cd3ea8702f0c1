// SPDX-License-Identifier: MIT
// needs: root
//
// Programs with the set-user-ID and set-group-ID bits, ones that may be executed but not read, and what /proc shows of who changed its
// user.
#include "conform.h"
#include <grp.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { USER = 1000, OTHER = 1001 };

static void copy_of_this(const char *to, uid_t uid, gid_t gid, mode_t mode)
{
    char bytes[65536];
    int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
    NEED(in >= 0 && out >= 0);
    for (ssize_t n; (n = read(in, bytes, sizeof(bytes))) > 0;)
        NEED(write(out, bytes, (size_t)n) == n);
    NEED(!fchown(out, uid, gid) && !fchmod(out, mode));
    close(in);
    close(out);
}

static int tell(void)
{
    uid_t u[3];
    gid_t g[3];
    NEED(!getresuid(&u[0], &u[1], &u[2]) && !getresgid(&g[0], &g[1], &g[2]));
    printf("users %u %u %u, groups %u %u %u, secure %lu %lu, dumpable %d\n", u[0], u[1], u[2], g[0], g[1], g[2], getauxval(AT_SECURE),
           getauxval(AT_EUID), prctl(PR_GET_DUMPABLE));
    return 0;
}

static void run(const char *path, bool no_new_privileges)
{
    printf("%s%s\n", path, no_new_privileges ? ", no new privileges" : "");
    if (!fork()) {
        NEED(!setgroups(0, NULL) && !setresgid(USER, USER, USER) && !setresuid(USER, USER, USER));
        NEED(!no_new_privileges || !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        TRY(execl(path, path, ".", "tell", NULL));
        exit(9);
    }
    wait(NULL);
}

static void show_owner(const char *path)
{
    struct stat st;
    if (stat(path, &st))
        printf("%s: %s\n", path, errno_name(errno));
    else
        printf("%s: %o of %u:%u\n", path, st.st_mode, st.st_uid, st.st_gid);
}

static void show_own(void)
{
    char text[4];
    show_owner("/proc/self");
    show_owner("/proc/self/environ");
    show_owner("/proc/self/fd");
    show_owner("/proc/self/task");
    OK(open("/proc/self/environ", O_RDONLY));
    OK(open("/proc/self/maps", O_RDONLY));
    OK(open("/proc/self/fd", O_RDONLY));
    OK(open("/proc/self/comm", O_WRONLY));
    OK(readlink("/proc/self/exe", text, sizeof(text)));
}

static void show_parent(void)
{
    static const char *const names[] = {"status", "environ", "maps", "fd", "fd/0"};
    char path[64], text[4];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "/proc/%d/%s", getppid(), names[i]);
        int fd = open(path, O_RDONLY);
        printf("%s: %s\n", names[i], fd < 0 ? errno_name(errno) : "ok");
    }
    snprintf(path, sizeof(path), "/proc/%d/exe", getppid());
    OK(readlink(path, text, sizeof(text)));
    snprintf(path, sizeof(path), "/proc/%d/cwd", getppid());
    TRY(chdir(path));
}

static void as_somebody_else(void)
{
    if (!fork()) {
        NEED(!prctl(PR_SET_PDEATHSIG, SIGTERM));
        NEED(!setgroups(0, NULL) && !setresgid(USER, USER, USER) && !setresuid(USER, USER, USER));
        int sig = -1;
        IS(!prctl(PR_GET_PDEATHSIG, &sig) && !sig);
        TRY(prctl(PR_GET_DUMPABLE));
        show_own();
        show_parent();
        TRY(prctl(PR_SET_DUMPABLE, 1));
        show_own();
        exit(0);
    }
    wait(NULL);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return tell();
    begin(argv);
    NEED(!chmod(".", 0755));
    copy_of_this("plain", 0, 0, 0755);
    copy_of_this("user", OTHER, 0, 04755);
    copy_of_this("root", 0, 0, 04755);
    copy_of_this("group", 0, OTHER, 02755);
    copy_of_this("lock", 0, OTHER, 02705); // not for the group to execute: no set-group-ID program
    copy_of_this("unreadable", 0, 0, 0711);
    copy_of_this("forbidden", 0, 0, 0700);
    run("./plain", false);
    run("./user", false);
    run("./root", false);
    run("./root", true);
    run("./group", false);
    run("./lock", false);
    run("./unreadable", false);
    run("./forbidden", false);
    as_somebody_else();
    return 0;
}
