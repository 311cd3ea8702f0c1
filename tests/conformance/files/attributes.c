// SPDX-License-Identifier: MIT
//
// Extended attributes: names, sizes, flags, what cannot have them, who may.
// needs: glibc root
#include "conform.h"
#include <sys/wait.h>
#include <sys/xattr.h>

static char b[70000];

static void values(void)
{
    TRY(setxattr("x", "user.a", "value", 5, 0));
    TRY(getxattr("x", "user.a", b, 64));
    IS(!memcmp(b, "value", 5));
    TRY(getxattr("x", "user.a", b, 2));
    TRY(getxattr("x", "user.a", NULL, 0));
    TRY(getxattr("x", "user.b", b, 64));
    TRY(setxattr("x", "user.a", "v2", 2, XATTR_CREATE));
    TRY(setxattr("x", "user.b", "v2", 2, XATTR_REPLACE));
    TRY(setxattr("x", "user.a", "v2", 2, XATTR_REPLACE));
    TRY(setxattr("x", "user.c", "", 0, XATTR_CREATE));
    TRY(setxattr("x", "user.a", NULL, 0, 0));
    TRY(getxattr("x", "user.a", b, 64));
    TRY(listxattr("x", b, 64));
    TRY(listxattr("x", NULL, 0));
    TRY(listxattr("x", b, 3));
    TRY(removexattr("x", "user.a"));
    TRY(removexattr("x", "user.a"));
    TRY(listxattr("x", NULL, 0));
}

static void names(void)
{
    char n[300] = "user.";
    TRY(setxattr("x", "user", "x", 1, 0));
    TRY(setxattr("x", "user.", "x", 1, 0));
    TRY(setxattr("x", "", "x", 1, 0));
    TRY(setxattr("x", "foo.bar", "x", 1, 0));
    TRY(getxattr("x", "foo.bar", b, 1));
    TRY(setxattr("x", "user.a", "x", 1, 7));
    TRY(setxattr("x", "user.a", "x", 1, 3));
    TRY(setxattr("x", "user.big", b, sizeof(b), 0));
    TRY(setxattr("nothing", "user.a", "x", 1, 0));
    memset(n + 5, 'a', 250);
    TRY(setxattr("x", n, "x", 1, 0));
    n[255] = 'a';
    TRY(setxattr("x", n, "x", 1, 0));
    TRY(setxattr("x", "user.a", (void *)8, 5, 0));
    TRY(setxattr("x", NULL, b, 5, 0));
    TRY(setxattr("x", "trusted.a", "x", 1, 0));
    TRY(getxattr("x", "trusted.a", b, 64));
    TRY(setxattr("x", "security.a", "x", 1, 0));
    TRY(getxattr("x", "security.a", b, 64));
    TRY(listxattr("x", NULL, 0));
}

static void kinds(void)
{
    int k[2];
    TRY(getxattr("l", "user.c", b, 64));
    TRY(lgetxattr("l", "user.c", b, 64));
    TRY(lsetxattr("l", "user.c", "x", 1, 0));
    TRY(lremovexattr("l", "user.c"));
    TRY(setxattr("d", "user.a", "x", 1, 0));
    TRY(getxattr("d", "user.a", b, 64));
    mkfifo("p", 0644);
    TRY(setxattr("p", "user.a", "x", 1, 0));
    TRY(getxattr("p", "user.a", b, 64));
    TRY(setxattr("/dev/null", "user.a", "x", 1, 0));
    TRY(pipe(k));
    TRY(fsetxattr(k[0], "user.a", "x", 1, 0));
    TRY(fgetxattr(k[0], "user.a", b, 1));
    TRY(flistxattr(k[0], NULL, 0));
    TRY(setxattr("/proc/self/status", "user.a", "x", 1, 0));
    TRY(listxattr("/proc/self/status", NULL, 0));
}

static void descriptors(void)
{
    int fd = open("x", O_RDONLY);
    TRY(fsetxattr(fd, "user.f", "x", 1, 0));
    TRY(fgetxattr(fd, "user.f", b, 64));
    TRY(fremovexattr(fd, "user.f"));
    TRY(fgetxattr(fd, "user.f", b, 64));
    close(fd);
    TRY(fsetxattr(fd, "user.f", "x", 1, 0));
    fd = open("x", O_PATH);
    TRY(fsetxattr(fd, "user.f", "x", 1, 0));
    TRY(fgetxattr(fd, "user.f", b, 64));
    TRY(flistxattr(fd, NULL, 0));
    close(fd);
}

static void stays(void)
{
    struct stat before, after;
    stat("x", &before);
    usleep(20000);
    TRY(setxattr("x", "user.z", "x", 1, 0));
    stat("x", &after);
    IS(after.st_mtim.tv_sec == before.st_mtim.tv_sec && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
    IS(after.st_ctim.tv_sec > before.st_ctim.tv_sec || after.st_ctim.tv_nsec > before.st_ctim.tv_nsec);
    TRY(rename("x", "y"));
    TRY(link("y", "y2"));
    TRY(getxattr("y2", "user.z", b, 64));
    TRY(truncate("y", 0));
    TRY(getxattr("y", "user.z", b, 64));
}

static void others(void)
{
    chmod("y", 0400);
    chmod("d", 0755);
    chmod(".", 0755);
    TRY(setxattr("y", "user.z", "x", 1, 0));
    if (!fork()) {
        NEED(!setresuid(1, 1, 1));
        TRY(setxattr("y", "user.q", "x", 1, 0));
        TRY(getxattr("y", "user.z", b, 64));
        TRY(getxattr("y", "trusted.a", b, 64));
        TRY(getxattr("d", "user.a", b, 64));
        TRY(setxattr("d", "user.q", "x", 1, 0));
        TRY(setxattr("d", "trusted.q", "x", 1, 0));
        TRY(setxattr("d", "security.q", "x", 1, 0));
        exit(0);
    }
    wait(NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("x", "hello");
    mkdir("d", 0755);
    symlink("x", "l");
    values();
    names();
    kinds();
    descriptors();
    stays();
    others();
    return 0;
}
