// SPDX-License-Identifier: MIT
// needs: root
// needs: glibc
//
// Many supplementary groups, secure bits, and what becomes of capabilities and dumpability when users change.
#include "conform.h"
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static gid_t many[65536];

static void show(const char *after)
{
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2];
    NEED(!syscall(SYS_capget, &h, d));
    printf("%s: %s, %s, dumpable %d\n", after, d[0].permitted & 1 ? "permitted" : "not permitted",
           d[0].effective & 1 ? "effective" : "not effective", prctl(PR_GET_DUMPABLE));
}

static void groups(void)
{
    gid_t got[4];
    for (unsigned i = 0; i < 65536; i++)
        many[i] = 70000 - i;
    TRY(setgroups(65537, many));
    TRY(setgroups(-1, many));
    TRY(setgroups(65536, many));
    TRY(getgroups(0, NULL));
    TRY(getgroups(4, got));
    TRY(getgroups(65536, many));
    IS(many[0] == 4465 && many[65535] == 70000); // in order
    TRY(syscall(SYS_setgroups, 65536, -1L));
    if (!fork()) {
        TRY(getgroups(0, NULL));
        TRY(setgroups(4, (const gid_t[]){9, 3, 7, 3}));
        TRY(getgroups(4, got));
        printf("%u %u %u %u\n", got[0], got[1], got[2], got[3]);
        exit(0);
    }
    wait(NULL);
    TRY(getgroups(0, NULL));
    TRY(setgroups(0, NULL));
}

static void secure_bits(void)
{
    TRY(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NOROOT | SECBIT_NOROOT_LOCKED));
    TRY(prctl(PR_GET_SECUREBITS));
    TRY(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
    TRY(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED));
    TRY(prctl(PR_SET_KEEPCAPS, 1));
    TRY(prctl(PR_SET_SECUREBITS, 1ul << 20));
    NEED(!setresuid(1000, 1000, 1000));
    show("without the usual change");
}

static void kept(void)
{
    NEED(!prctl(PR_SET_KEEPCAPS, 1) && !setresuid(1000, 1000, 1000));
    show("kept");
}

static void back_and_forth(void)
{
    NEED(!seteuid(1000));
    show("another effective user");
    NEED(!seteuid(0));
    show("root again");
    NEED(!prctl(PR_SET_DUMPABLE, 1) && !setresgid(1000, 1000, 1000));
    show("another group");
    NEED(!prctl(PR_SET_DUMPABLE, 1) && !setresuid(1000, 0, 0));
    show("another real user");
    NEED(!setresuid(1000, 1000, 1000));
    show("nobody");
}

static void alone(void (*what)(void))
{
    fflush(stdout);
    if (!fork()) {
        what();
        exit(0);
    }
    wait(NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    alone(groups);
    alone(secure_bits);
    alone(kept);
    alone(back_and_forth);
    return 0;
}
