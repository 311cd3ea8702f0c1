// SPDX-License-Identifier: MIT
//
// rename, link, symlink, unlink, mkdir, rmdir.
#include "conform.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

static long links(const char *path)
{
    struct stat st;
    return lstat(path, &st) ? -1 : (long)st.st_nlink;
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("a", "A");
    write_file("b", "B");
    TRY(mkdir("d", 0755));
    TRY(mkdir("d", 0755));
    TRY(mkdir("none/d", 0755));
    TRY(mkdir("a/d", 0755));
    TRY(mkdir("d/e/", 0755));
    IS(links("d") == 3 || links("d") == 1); // some file systems do not count folders
    TRY(rename("a", "d/a"));
    TRY(rename("a", "b"));
    TRY(rename("d/a", "b")); // replaces
    show_file("b");
    TRY(rename("b", "d"));
    TRY(rename("d", "b"));
    TRY(rename("d", "d/e/f")); // into itself
    TRY(rename("b", "b"));
    TRY(mkdir("empty", 0755));
    TRY(rename("d/e", "empty"));
    TRY(mkdir("full", 0755));
    write_file("full/x", "x");
    TRY(rename("empty", "full"));
    TRY(rename("full", "moved"));
    show_file("moved/x");
    TRY(rename(".", "dot"));
    TRY(rename("b", "moved/.."));
    TRY(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "moved", RENAME_NOREPLACE));
    TRY(syscall(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "moved", RENAME_EXCHANGE));
    IS(!access("b/x", F_OK));
    show_file("moved");
    TRY(syscall(SYS_renameat2, AT_FDCWD, "moved", AT_FDCWD, "b2", RENAME_NOREPLACE));
    TRY(syscall(SYS_renameat2, AT_FDCWD, "b2", AT_FDCWD, "b3", 99));
    TRY(link("b2", "hard"));
    TRY(links("hard"));
    write_file("hard", "through the other name");
    show_file("b2");
    TRY(rename("b2", "hard")); // the same file: nothing happens
    TRY(links("b2"));
    TRY(unlink("b2"));
    TRY(links("hard"));
    TRY(link("d", "hard directory"));
    TRY(link("none", "x"));
    TRY(link("hard", "d"));
    TRY(symlink("hard", "soft"));
    TRY(symlink("hard", "soft"));
    TRY(symlink("", "nothing"));
    TRY(link("soft", "hard to soft"));
    char target[64] = "";
    TRY(readlink("hard to soft", target, sizeof(target)));
    printf("%s\n", target);
    TRY(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
    TRY(links("hard"));
    TRY(readlink("hard", target, sizeof(target)));
    TRY(readlink("soft", target, 2));
    TRY(readlink("soft", target, 0));
    TRY(rmdir("hard"));
    TRY(unlink("d"));
    TRY(rmdir("b"));
    TRY(rmdir("."));
    TRY(rmdir("d/.."));
    TRY(rmdir("soft"));
    TRY(rmdir("none"));
    TRY(unlinkat(AT_FDCWD, "b/x", 0));
    TRY(unlinkat(AT_FDCWD, "b", AT_REMOVEDIR));
    TRY(unlinkat(AT_FDCWD, "hard", 0x1000));
    TRY(unlink("soft"));
    show_file("hard");
    // A folder that is gone while it is the current one.
    TRY(mkdir("gone", 0755));
    TRY(chdir("gone"));
    TRY(rmdir("../gone"));
    write_file("../still there", "");
    TRY(open("x", O_CREAT | O_WRONLY, 0644));
    char path[256];
    TRY(syscall(SYS_getcwd, path, sizeof(path)));
    return 0;
}
