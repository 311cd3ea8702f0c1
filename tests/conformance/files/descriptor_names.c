// SPDX-License-Identifier: MIT
//
// The name that /proc gives a descriptor: without links, dots and superfluous slashes, however the file was opened.
#include "conform.h"

static char here[4096];

static void name(const char *what, int fd)
{
    char path[64], to[4096];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    ssize_t n = fd < 0 ? -1 : readlink(path, to, sizeof(to) - 1);
    to[n < 0 ? 0 : n] = 0;
    size_t prefix = strlen(here);
    printf("%s: %s\n", what, n < 0 ? errno_name(errno) : strncmp(to, here, prefix) ? to : to + prefix);
    close(fd);
}

#define NAME(call) name(#call, call)

int main(int argc, char **argv)
{
    begin(argv);
    NEED(getcwd(here, sizeof(here)) && !mkdir("folder", 0755) && !mkdir("folder/deep", 0755));
    write_file("folder/file", "x");
    NEED(!symlink("folder", "link") && !symlink("../file", "folder/deep/back") && !symlink("/", "root"));
    int folder = open("folder", O_RDONLY), deep = open("folder/deep", O_PATH);
    NAME(open("folder/file", O_RDONLY));
    NAME(open("./folder/../folder//file", O_RDONLY));
    NAME(open("link/file", O_RDONLY));
    NAME(open("link/deep/back", O_RDONLY));
    NAME(open("link/deep/back", O_PATH | O_NOFOLLOW));
    NAME(open("link/", O_RDONLY));
    NAME(open("link", O_PATH | O_NOFOLLOW));
    NAME(open(".", O_RDONLY));
    NAME(open("folder/..", O_RDONLY));
    NAME(open("folder/deep/../..", O_PATH));
    NAME(open("/", O_RDONLY));
    NAME(open("//..//.", O_RDONLY));
    NAME(open("root", O_RDONLY));
    NAME(open("root/dev/../dev/null", O_RDONLY));
    NAME(openat(folder, "deep/.", O_RDONLY));
    NAME(openat(deep, "../file", O_RDONLY));
    NAME(openat(deep, "back", O_RDONLY));
    NAME(open("./folder/made", O_RDWR | O_CREAT, 0600));
    NAME(open(".hidden", O_RDWR | O_CREAT, 0600));
    NAME(open("./..hidden/../.hidden", O_RDONLY));
    NEED(!mkdir("..hidden", 0700));
    NAME(open("./..hidden/../.hidden", O_RDONLY));
    int nameless = open("folder/.", O_TMPFILE | O_RDWR, 0600);
    IS(nameless >= 0 && (fcntl(nameless, F_GETFL) & O_TMPFILE) == O_TMPFILE);
    return 0;
}
