// SPDX-License-Identifier: MIT
//
// How paths are walked, and where they end.
#include "conform.h"
#include <limits.h>

int main(int argc, char **argv)
{
    begin(argv);
    char long_name[300], path[5000], here[PATH_MAX], there[PATH_MAX];
    NEED(!mkdir("d", 0755) && !mkdir("d/e", 0755));
    write_file("d/f", "x");
    TRY(access("d//f", F_OK));
    TRY(access("./d/./e/../f", F_OK));
    TRY(access("d/f/", F_OK));
    TRY(access("d/f/..", F_OK));
    TRY(access("d/none/..", F_OK));
    TRY(access("/../../..", F_OK));
    TRY(access("", F_OK));
    memset(long_name, 'n', sizeof(long_name));
    long_name[255] = 0;
    TRY(open(long_name, O_CREAT | O_WRONLY, 0644) >= 0);
    long_name[255] = 'n', long_name[256] = 0;
    TRY(open(long_name, O_CREAT | O_WRONLY, 0644));
    TRY(access(long_name, F_OK));
    TRY(mkdir(long_name, 0755));
    for (int i = 0; i < 4096; i += 2)
        memcpy(path + i, "./", 3);
    path[4095] = 0;
    TRY(access(path, F_OK));
    strcpy(path + 4094, "./");
    TRY(access(path, F_OK));
    // Links: forty are followed.
    NEED(!symlink("d/f", "l0"));
    for (int i = 1; i <= 41; i++) {
        char to[8], name[8];
        snprintf(to, sizeof(to), "l%d", i - 1);
        snprintf(name, sizeof(name), "l%d", i);
        NEED(!symlink(to, name));
    }
    TRY(access("l39", F_OK));
    TRY(access("l40", F_OK));
    NEED(!symlink("d/e", "folder") && !symlink("../f", "d/e/up") && !symlink("/", "root"));
    TRY(access("folder/up", F_OK));
    TRY(access("folder/../f", F_OK)); // the parent of what the link names
    TRY(access("root/proc", F_OK));
    NEED(!symlink("d/f/", "slash"));
    TRY(access("slash", F_OK));
    NEED(getcwd(here, sizeof(here)));
    TRY(chdir("folder"));
    NEED(getcwd(there, sizeof(there)));
    IS(!strncmp(there, here, strlen(here)) && !strcmp(there + strlen(here), "/d/e"));
    TRY(access("../f", F_OK));
    TRY(chdir("../f"));
    TRY(chdir("none"));
    int fd = open("..", O_RDONLY);
    TRY(fchdir(fd));
    TRY(access("f", F_OK));
    TRY(fchdir(open("f", O_RDONLY)));
    TRY(fchdir(77));
    TRY(syscall(SYS_getcwd, there, 3));
    TRY(syscall(SYS_getcwd, there, 0));
    TRY(chdir((char *)8));
    char *page = realpath("e/up", there);
    IS(page && !strcmp(page + strlen(here), "/d/f"));
    // Deep folders, deeper than a path may be long.
    NEED(!chdir(".."));
    long_name[200] = 0;
    int depth = 0;
    while (depth < 30 && !mkdir(long_name, 0755) && !chdir(long_name))
        depth++;
    printf("depth %d\n", depth);
    TRY(syscall(SYS_getcwd, path, sizeof(path)) > 0);
    return 0;
}
