// SPDX-License-Identifier: MIT
//
// Capabilities: what changes of the user do to them, capset, bounds, ambient ones, and who may send signals. Natively as root.
// needs: glibc root
#include "conform.h"
#include <grp.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const struct {
    int number;
    char letter;
} shown[] = {{CAP_CHOWN, 'c'}, {CAP_KILL, 'k'}, {CAP_SETUID, 'u'}, {CAP_NET_BIND_SERVICE, 'n'}, {CAP_MAC_ADMIN, 'm'}};

enum { SHOWN = sizeof(shown) / sizeof(shown[0]), OTHER = 4321 };

static struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};

static void put(const char *name, const struct __user_cap_data_struct *d, size_t at)
{
    printf(" %s ", name);
    for (int i = 0; i < SHOWN; i++) {
        const uint32_t *word = (const uint32_t *)((const char *)&d[shown[i].number / 32] + at);
        printf("%c", *word >> shown[i].number % 32 & 1 ? shown[i].letter : '-');
    }
}

static void show(const char *when)
{
    struct __user_cap_data_struct d[2];
    NEED(!syscall(SYS_capget, &header, d));
    printf("%s:", when);
    put("permitted", d, offsetof(struct __user_cap_data_struct, permitted));
    put("effective", d, offsetof(struct __user_cap_data_struct, effective));
    put("inheritable", d, offsetof(struct __user_cap_data_struct, inheritable));
    printf(" bound ");
    for (int i = 0; i < SHOWN; i++)
        printf("%c", prctl(PR_CAPBSET_READ, shown[i].number) == 1 ? shown[i].letter : '-');
    printf(" ambient ");
    for (int i = 0; i < SHOWN; i++)
        printf("%c", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, shown[i].number, 0, 0) == 1 ? shown[i].letter : '-');
    printf("\n");
}

// Of those that are permitted: these effective and inheritable.
static int set(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
    struct __user_cap_data_struct d[2];
    for (int i = 0; i < 2; i++)
        d[i] = (struct __user_cap_data_struct){(uint32_t)(effective >> 32 * i), (uint32_t)(permitted >> 32 * i),
                                               (uint32_t)(inheritable >> 32 * i)};
    return (int)syscall(SYS_capset, &header, d);
}

static void users(void)
{
    show("at first");
    TRY(setresuid(-1, OTHER, -1));
    show("another effective user");
    TRY(setresuid(-1, 0, -1));
    show("root again");
    TRY(syscall(SYS_setfsuid, OTHER));
    show("another user for files");
    TRY(syscall(SYS_setfsuid, 0));
    TRY(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    TRY(setresuid(OTHER, OTHER, OTHER));
    show("kept");
    TRY(setuid(0));
    TRY(set(1ul << CAP_SETUID | 1ul << CAP_KILL, 1ul << CAP_SETUID, 1ul << CAP_KILL));
    show("fewer");
    TRY(set(1ul << CAP_SETUID | 1ul << CAP_CHOWN, 0, 0));
    TRY(set(0, 1ul << CAP_SETUID, 0));
    TRY(setresuid(OTHER + 1, OTHER, OTHER));
    TRY(setresgid(5, 5, 5));
    TRY(set(0, 0, 0));
    TRY(setresuid(OTHER + 2, OTHER, OTHER));
    show("none");
}

static void gone_for_good(void)
{
    TRY(setuid(OTHER));
    show("not kept");
    TRY(setuid(0));
    TRY(setgroups(0, NULL));
    TRY(setpriority(PRIO_PROCESS, 0, -20));
    TRY(chown(".", 0, 0));
    TRY(set(1, 0, 0));
    pid_t parent = getppid();
    TRY(kill(parent, 0));
    TRY(kill(parent, SIGUSR1));
    TRY(syscall(SYS_tgkill, parent, parent, SIGUSR1));
    TRY(kill(getpid(), 0));
}

static void bounds(void)
{
    TRY(prctl(PR_CAPBSET_DROP, CAP_MAC_ADMIN, 0, 0, 0));
    TRY(prctl(PR_CAPBSET_DROP, 99, 0, 0, 0));
    TRY(prctl(PR_CAPBSET_READ, 99, 0, 0, 0));
    TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
    TRY(set(1ul << CAP_KILL | 1ul << CAP_SETUID | 1ul << CAP_SETPCAP, 1ul << CAP_SETUID | 1ul << CAP_SETPCAP, 1ul << CAP_KILL));
    TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
    show("ambient");
    TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_KILL, 0, 0));
    TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
    TRY(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    TRY(setresuid(OTHER, OTHER, OTHER));
    show("another user");
    char *const again[] = {"/proc/self/exe", ".", "executed", NULL};
    fflush(stdout);
    execv(again[0], again);
}

static void in_child(void (*part)(void))
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (!child) {
        part();
        exit(7);
    }
    NEED(waitpid(child, &status, 0) == child);
    printf("status %x\n", status);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        show("executed");
        return 8;
    }
    begin(argv);
    struct __user_cap_header_struct wrong = {1234, 0};
    TRY(syscall(SYS_capget, &wrong, NULL));
    IS(wrong.version == _LINUX_CAPABILITY_VERSION_3);
    header.pid = -1;
    TRY(set(0, 0, 0));
    header.pid = 0;
    in_child(users);
    in_child(gone_for_good);
    in_child(bounds);
    return 0;
}
