// SPDX-License-Identifier: MIT
//
// chroot: where absolute paths begin, and where ".." leads no further.
// needs: root
#include "conform.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static void show_cwd(const char *when)
{
    char text[256] = "";
    long n = syscall(SYS_getcwd, text, sizeof(text));
    printf("%s: %s\n", when, n < 0 ? errno_name(errno) : !strncmp(text, "(unreachable)/", 14) ? "(unreachable)" : text);
}

static void refusals(void)
{
    pid_t pid = fork();
    if (!pid) {
        TRY(chroot("missing"));
        TRY(chroot("jail/inner/file"));
        TRY(chroot((char *)8));
        NEED(!setuid(1234));
        TRY(chroot("jail"));
        exit(0);
    }
    NEED(waitpid(pid, NULL, 0) == pid);
}

static void inside(void)
{
    TRY(chroot("jail"));
    show_cwd("still outside");
    TRY(access("mark", F_OK)); // the working directory stays
    TRY(access("/mark", F_OK));
    show_file("/inner/file");
    TRY(chdir("/inner/.."));
    show_cwd("in it");
    TRY(chdir("../../.."));
    show_cwd("above it");
    TRY(chdir("inner"));
    show_cwd("below");
    show_file("/link"); // its target is absolute
    TRY(access("/out", F_OK));
    show_file("../../../inner/file");
    TRY(mkdir("/made", 0755));
    write_file("/made/file", "made");
    TRY(rename("/made/file", "/made/../inner/moved"));
    TRY(chroot("/inner"));
    show_cwd("again");
    show_file("/moved");
    TRY(access("/inner", F_OK));
    TRY(access("/../../mark", F_OK));
}

// A descriptor from before leads out, as on Linux.
static void way_out(int outside)
{
    TRY(fchdir(outside));
    show_cwd("out again");
    TRY(access("mark", F_OK));
    TRY(access("jail/inner/moved", F_OK));
    TRY(chdir("jail/inner"));
    TRY(chdir(".."));
    show_cwd("own root");
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!mkdir("jail", 0755) && !mkdir("jail/inner", 0755));
    write_file("mark", "outside");
    write_file("jail/inner/file", "inside");
    NEED(!symlink("/inner/file", "jail/link") && !symlink("../mark", "jail/out"));
    int outside = open(".", O_RDONLY | O_DIRECTORY);
    refusals();
    pid_t pid = fork();
    if (!pid) {
        inside();
        way_out(outside);
        exit(0);
    }
    NEED(waitpid(pid, NULL, 0) == pid);
    show_file("jail/inner/moved"); // the parent's root is its own
    TRY(access("/inner", F_OK));
    char link[64] = "";
    NEED(readlink("/proc/self/root", link, sizeof(link) - 1) > 0);
    printf("root %s\n", link);
    return 0;
}
