// SPDX-License-Identifier: MIT
//
// clone(2): processes that share memory, handlers, files or directories; which flags go together; clone3's arguments.
//
// needs: glibc
#include "conform.h"
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

static char *stack;
static volatile int handled_by_child, seen, go;
static volatile int fd_of_child;

static void handler(int sig)
{
    seen = sig;
}

static int share_handlers(void *unused)
{
    struct sigaction old, a = {.sa_handler = handler};
    sigaction(SIGUSR2, NULL, &old);
    handled_by_child = old.sa_handler == handler;
    sigaction(SIGUSR1, &a, NULL);
    return 3;
}

static int share_files(void *unused)
{
    fd_of_child = dup(1);
    chdir("/");
    return 4;
}

static int execute(void *program)
{
    char *const argv[] = {program, "", "executed", NULL};
    execv(program, argv);
    return 1;
}

static void run(const char *name, int (*f)(void *), int flags, void *argument)
{
    int status = -1;
    errno = 0;
    int pid = clone(f, stack + 65536, flags, argument);
    if (pid == -1) {
        printf("%s: %s\n", name, errno_name(errno));
        return;
    }
    NEED(waitpid(pid, &status, __WALL) == pid);
    printf("%s: exits %d\n", name, WEXITSTATUS(status));
}

static void test_handlers(char *self)
{
    const struct sigaction a = {.sa_handler = handler}, none = {.sa_handler = SIG_DFL};
    sigaction(SIGUSR2, &a, NULL);
    run("handlers", share_handlers, CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);
    IS(handled_by_child);
    struct sigaction now = {0};
    sigaction(SIGUSR1, NULL, &now);
    IS(now.sa_handler == handler);
    raise(SIGUSR1);
    IS(seen == SIGUSR1);
    sigaction(SIGUSR1, &none, NULL);
    run("no handlers", share_handlers, CLONE_VM | SIGCHLD, NULL);
    sigaction(SIGUSR1, NULL, &now);
    IS(now.sa_handler == SIG_DFL);
    run("exec", execute, CLONE_VM | CLONE_SIGHAND | CLONE_FILES | SIGCHLD, self);
    sigaction(SIGUSR2, NULL, &now);
    IS(now.sa_handler == handler);
}

static void test_files(void)
{
    char before[4096], after[4096];
    getcwd(before, sizeof(before));
    run("files", share_files, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL);
    IS(fcntl(fd_of_child, F_GETFD) == 0);
    close(fd_of_child);
    IS(!strcmp(getcwd(after, sizeof(after)), "/"));
    chdir(before);
    run("no files", share_files, CLONE_VM | SIGCHLD, NULL);
    TRY(fcntl(fd_of_child, F_GETFD));
    IS(!strcmp(getcwd(after, sizeof(after)), before));
    run("without memory", share_files, CLONE_FILES | SIGCHLD, NULL);
}

static void refused(const char *name, unsigned long flags)
{
    errno = 0;
    long r = syscall(SYS_clone, flags, 0, 0, 0, 0);
    if (!r)
        _exit(0);
    printf("%s = %s\n", name, r == -1 ? errno_name(errno) : "ok");
    if (r > 0)
        waitpid(r, NULL, __WALL);
}
#define REFUSED(flags) refused(#flags, flags)

static void test_flags(void)
{
    REFUSED(CLONE_THREAD);
    REFUSED(CLONE_THREAD | CLONE_VM);
    REFUSED(CLONE_THREAD | CLONE_SIGHAND);
    REFUSED(CLONE_SIGHAND);
    REFUSED(CLONE_SIGHAND | SIGCHLD);
    REFUSED(CLONE_FS | CLONE_NEWNS | SIGCHLD);
    REFUSED(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD);
    REFUSED(CLONE_PIDFD | CLONE_DETACHED | SIGCHLD);
    REFUSED(CLONE_DETACHED | SIGCHLD);
    REFUSED(CLONE_PTRACE | CLONE_UNTRACED | SIGCHLD);
    REFUSED(CLONE_IO | CLONE_SYSVSEM | SIGCHLD);
    REFUSED(0);
    REFUSED(200);
}

static void clone3(const char *name, struct clone_args a, size_t size)
{
    errno = 0;
    long r = syscall(SYS_clone3, &a, size);
    if (!r)
        _exit(0);
    printf("clone3 %s = %s\n", name, r == -1 ? errno_name(errno) : "ok");
    if (r > 0)
        waitpid(r, NULL, __WALL);
}
#define CLONE3(...) clone3(#__VA_ARGS__, (struct clone_args){__VA_ARGS__}, sizeof(struct clone_args))

static void test_clone3(void)
{
    int number = 0;
    CLONE3(.exit_signal = SIGCHLD);
    signal(64, SIG_IGN);
    CLONE3(.exit_signal = 64);
    CLONE3(.exit_signal = 65);
    CLONE3(.exit_signal = 0x100);
    CLONE3(.flags = SIGCHLD);
    CLONE3(.flags = CLONE_DETACHED);
    CLONE3(.flags = 1ul << 40, .exit_signal = SIGCHLD);
    CLONE3(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
    CLONE3(.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD);
    CLONE3(.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD);
    CLONE3(.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD);
    CLONE3(.flags = CLONE_THREAD, .exit_signal = 0);
    CLONE3(.stack = (uint64_t)stack);
    CLONE3(.stack_size = 65536);
    CLONE3(.stack = (uint64_t)stack, .stack_size = ~0ul);
    CLONE3(.set_tid = 0, .set_tid_size = 1);
    CLONE3(.set_tid = (uint64_t)&number, .set_tid_size = 0);
    CLONE3(.set_tid = (uint64_t)&number, .set_tid_size = 33);
    CLONE3(.flags = CLONE_INTO_CGROUP, .cgroup = 1ul << 40);
    CLONE3(.flags = CLONE_PIDFD, .pidfd = 8, .exit_signal = SIGCHLD);
    clone3("too short", (struct clone_args){.exit_signal = SIGCHLD}, CLONE_ARGS_SIZE_VER0 - 1);
    clone3("first version", (struct clone_args){.exit_signal = SIGCHLD}, CLONE_ARGS_SIZE_VER0);
    static struct {
        struct clone_args a;
        char rest[8192];
    } longer = {.a = {.exit_signal = SIGCHLD}};
    TRY(syscall(SYS_clone3, &longer, 4097));
    TRY(syscall(SYS_clone3, NULL, 64));
    longer.rest[0] = 1;
    TRY(syscall(SYS_clone3, &longer, 128));
}

int main(int argc, char **argv)
{
    static char self[4096];
    if (argc > 2) {
        struct sigaction a;
        sigaction(SIGUSR2, NULL, &a);
        return a.sa_handler == SIG_DFL ? 5 : 6;
    }
    begin(argv);
    NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    test_handlers(self);
    test_files();
    test_flags();
    test_clone3();
    return 0;
}
