// SPDX-License-Identifier: MIT
// needs: root
// needs: glibc
//
// kcmp: what two processes share; and the robust list of another one.
#include "conform.h"
#include <linux/kcmp.h>
#include <sched.h>
#include <sys/wait.h>

static long compare(pid_t a, pid_t b, int type, unsigned long x, unsigned long y)
{
    return syscall(SYS_kcmp, a, b, type, x, y);
}

static void files(pid_t self)
{
    unsigned long f = (unsigned long)open("/dev/null", O_RDONLY), d = (unsigned long)dup((int)f);
    unsigned long other = (unsigned long)open("/dev/null", O_RDONLY);
    TRY(compare(self, self, KCMP_FILE, f, f));
    TRY(compare(self, self, KCMP_FILE, f, d));
    TRY(compare(self, self, KCMP_FILE, f, 99));
    long one = compare(self, self, KCMP_FILE, f, other), back = compare(self, self, KCMP_FILE, other, f); // an order
    IS((one == 1 && back == 2) || (one == 2 && back == 1));
    TRY(compare(self, self, 99, 0, 0));
    TRY(compare(self, 999999, KCMP_VM, 0, 0));
    TRY(compare(-1, self, KCMP_VM, 0, 0));
}

static void kinds(pid_t self, pid_t child)
{
    for (int type = KCMP_VM; type <= KCMP_SIGHAND; type++)
        printf("%d: %s\n", type, compare(self, child, type, 0, 0) ? "another" : "the same");
    printf("standard output: %s\n", compare(self, child, KCMP_FILE, 1, 1) ? "another" : "the same");
}

static pid_t child_of(unsigned long flags)
{
    fflush(stdout);
    pid_t child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (!child)
        for (;;)
            pause();
    NEED(child > 0);
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    NEED(waitpid(child, NULL, 0) == child);
}

int main(int argc, char **argv)
{
    begin(argv);
    pid_t self = getpid(), child;
    files(self);
    kinds(self, child = child_of(0));
    end(child);
    kinds(self, child = child_of(CLONE_FILES | CLONE_FS));
    void *head;
    size_t size = 0;
    TRY(syscall(SYS_get_robust_list, child, &head, &size));
    IS(size == 24);
    if (!fork()) {
        NEED(!setresuid(1000, 1000, 1000));
        TRY(compare(self, child, KCMP_VM, 0, 0));
        TRY(compare(getpid(), getpid(), KCMP_VM, 0, 0));
        TRY(syscall(SYS_get_robust_list, self, &head, &size));
        TRY(syscall(SYS_get_robust_list, 0, &head, &size));
        exit(0);
    }
    wait(NULL);
    end(child);
    TRY(syscall(SYS_get_robust_list, 999999, &head, &size));
    return 0;
}
