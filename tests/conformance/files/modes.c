// SPDX-License-Identifier: MIT
//
// chmod, umask, access, chown.
#include "conform.h"

static unsigned mode(const char *path)
{
    struct stat st;
    NEED(!lstat(path, &st));
    return st.st_mode;
}

int main(int argc, char **argv)
{
    begin(argv);
    printf("umask %o\n", umask(027));
    close(open("f", O_CREAT | O_WRONLY, 0666));
    NEED(!mkdir("d", 0777) && !symlink("f", "l"));
    printf("%o %o %o\n", mode("f"), mode("d"), mode("l"));
    printf("umask %o\n", umask(0xffff));
    printf("umask %o\n", umask(0));
    close(open("g", O_CREAT | O_WRONLY, 07777));
    NEED(!mkdir("e", 01777));
    printf("%o %o\n", mode("g"), mode("e"));
    TRY(chmod("l", 0604));
    printf("%o\n", mode("f"));
    TRY(chmod("f", 04755));
    printf("%o\n", mode("f"));
    TRY(chmod("f", 0107644)); // the kind of a file does not change
    printf("%o\n", mode("f"));
    int fd = open("f", O_RDONLY);
    TRY(fchmod(fd, 0111));
    printf("%o\n", mode("f"));
    TRY(access("f", F_OK));
    TRY(access("f", X_OK));
    TRY(access("none", F_OK));
    TRY(access("f", 99));
    TRY(access("f/x", F_OK));
    TRY(access("d", R_OK | W_OK | X_OK));
    TRY(chmod("f", 0644));
    TRY(access("f", X_OK)); // not even root
    TRY(faccessat(AT_FDCWD, "l", R_OK, 0));
    TRY(fchmodat(AT_FDCWD, "f", 0600, 0));
    TRY(chown("f", (uid_t)-1, (gid_t)-1));
    TRY(chown("f", getuid(), getgid()));
    TRY(chown("none", getuid(), getgid()));
    TRY(fchown(fd, getuid(), (gid_t)-1));
    TRY(lchown("l", getuid(), (gid_t)-1));
    TRY(fchownat(fd, "", getuid(), (gid_t)-1, AT_EMPTY_PATH));
    TRY(chmod("none", 0644));
    TRY(fchmod(77, 0644));
    return 0;
}
