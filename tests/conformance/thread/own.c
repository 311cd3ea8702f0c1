// SPDX-License-Identifier: MIT
//
// What a thread has for itself: credentials and capabilities always, directory and table of files when it parts with the others.
//
// needs: glibc root
#include "conform.h"
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static pthread_barrier_t step;
static int other_fd;

static void meet(void)
{
    pthread_barrier_wait(&step);
}

static unsigned effective(void)
{
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2];
    NEED(syscall(SYS_capget, &h, d) == 0);
    return d[0].effective & 1u << CAP_CHOWN;
}

static long uid_of(const char *path)
{
    char text[4096];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    NEED(n > 0);
    text[n] = 0;
    return strtol(strstr(text, "\nUid:\t") + 6, NULL, 10);
}

static void *credentials(void *unused)
{
    char path[64];
    TRY(syscall(SYS_setresuid, 7, 8, 9));
    printf("thread: %ld %ld\n", syscall(SYS_getuid), syscall(SYS_geteuid));
    TRY(syscall(SYS_setresuid, 10, 10, 10));
    IS(effective() == 0);
    snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)syscall(SYS_gettid));
    printf("its status: %ld\n", uid_of(path));
    TRY(syscall(SYS_setgroups, 0, NULL));
    TRY(prctl(PR_SET_KEEPCAPS, 1));
    meet();
    meet();
    return NULL;
}

static void test_credentials(void)
{
    pthread_t t;
    NEED(!pthread_create(&t, NULL, credentials, NULL));
    meet();
    printf("first: %ld %ld %d\n", syscall(SYS_getuid), syscall(SYS_geteuid), prctl(PR_GET_KEEPCAPS));
    IS(effective() != 0);
    printf("status: %ld\n", uid_of("/proc/self/status"));
    TRY(syscall(SYS_setresuid, 0, 5, 0));
    TRY(syscall(SYS_setresuid, 0, 0, 0));
    meet();
    pthread_join(t, NULL);
}

// The C library tells all threads.
static void *idle(void *unused)
{
    meet();
    meet();
    printf("idle thread: %d %d %d\n", (int)syscall(SYS_getuid), (int)syscall(SYS_geteuid), (int)syscall(SYS_getgid));
    return NULL;
}

static void test_broadcast(void)
{
    pthread_t t[3];
    for (int i = 0; i < 3; i++)
        NEED(!pthread_create(&t[i], NULL, idle, NULL));
    meet();
    TRY(setgid(44));
    TRY(setresuid(0, 4, 0));
    TRY(seteuid(0));
    TRY(setuid(55));
    TRY(setuid(0));
    meet();
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    printf("first: %d %d %d\n", (int)getuid(), (int)geteuid(), (int)getgid());
}

static void *parts(void *unused)
{
    TRY(unshare(CLONE_FS));
    TRY(chdir("below"));
    umask(0);
    IS(access("inner", F_OK) == 0);
    meet(); // 1
    meet();
    TRY(unshare(CLONE_FILES));
    other_fd = dup(1);
    TRY(close(0));
    meet(); // 2
    meet(); // 3
    pid_t child = fork();
    if (!child) {
        IS(access("inner", F_OK) == 0);
        IS(fcntl(other_fd, F_GETFD) == 0);
        IS(umask(0) == 0);
        exit(0);
    }
    waitpid(child, NULL, 0);
    TRY(unshare(CLONE_VM));
    TRY(unshare(CLONE_THREAD));
    TRY(unshare(CLONE_SIGHAND));
    return NULL;
}

static void test_parts(void)
{
    pthread_t t;
    mkdir("own_dir", 0755);
    NEED(!chdir("own_dir"));
    mkdir("below", 0755);
    write_file("below/inner", "x");
    NEED(!pthread_create(&t, NULL, parts, NULL));
    meet(); // 1
    IS(access("inner", F_OK) == 0);
    IS(umask(022) == 022);
    meet();
    meet(); // 2
    TRY(fcntl(other_fd, F_GETFD));
    TRY(fcntl(0, F_GETFD));
    meet(); // 3
    pthread_join(t, NULL);
    TRY(unshare(CLONE_FS | CLONE_FILES));
    IS(access("below/inner", F_OK) == 0);
}

static void *executes(void *program)
{
    NEED(unshare(CLONE_FS | CLONE_FILES) == 0 && chdir("below") == 0 && dup2(1, 77) == 77);
    execl(program, program, "", "again", NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    static char self[4096];
    if (argc > 2) {
        IS(access("inner", F_OK) == 0);
        IS(fcntl(77, F_GETFD) == 0);
        return 0;
    }
    NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    begin(argv);
    pthread_barrier_init(&step, NULL, 2);
    test_credentials();
    test_parts();
    pthread_t t;
    if (!fork()) {
        pthread_create(&t, NULL, executes, self);
        pause();
    }
    wait(NULL);
    pthread_barrier_destroy(&step);
    pthread_barrier_init(&step, NULL, 4);
    test_broadcast();
    return 0;
}
