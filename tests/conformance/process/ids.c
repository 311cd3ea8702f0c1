// SPDX-License-Identifier: MIT
//
// Ids of the process, its group, session and user.
#include "conform.h"
#include <grp.h>

int main(int argc, char **argv)
{
    begin(argv);
    IS(getpid() > 0 && getpid() == syscall(SYS_getpid) && getpid() == syscall(SYS_gettid));
    IS(getpgid(0) == getpgrp() && getpgid(getpid()) == getpgrp());
    IS(getsid(0) > 0 || getsid(0) == 0);
    TRY(getpgid(999999));
    TRY(getsid(999999));
    TRY(setpgid(999999, 0));
    TRY(setpgid(0, -1));
    uid_t r, e, s;
    TRY(getresuid(&r, &e, &s));
    IS(r == getuid() && e == geteuid() && s == e);
    TRY(setuid(getuid()));
    TRY(setreuid((uid_t)-1, (uid_t)-1));
    TRY(setresuid((uid_t)-1, getuid(), (uid_t)-1));
    gid_t g1, g2, g3;
    TRY(getresgid(&g1, &g2, &g3));
    IS(g1 == getgid() && g2 == getegid() && g3 == g2);
    TRY(setgid(getgid()));
    TRY(setregid((gid_t)-1, (gid_t)-1));
    TRY(setresgid((gid_t)-1, (gid_t)-1, getgid()));
    TRY(getgroups(0, NULL) >= 0);
    TRY(getgroups(-1, NULL));
    IS((uid_t)syscall(SYS_setfsuid, -1) == geteuid());
    IS((gid_t)syscall(SYS_setfsgid, -1) == getegid());
    TRY(syscall(SYS_getresuid, 8, &e, &s));
    return 0;
}
