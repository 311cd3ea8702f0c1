// SPDX-License-Identifier: MIT
// needs: root
//
// What is written to in /proc/PID, memory through /proc/self/mem, files of a process that has ended, and what status and others tell.
#include "conform.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    printf("%s into %s: %s\n", text, path, n < 0 ? errno_name(errno) : "ok");
    close(fd);
}

static void settings(void)
{
    put("/proc/self/oom_score_adj", "500");
    show_file("/proc/self/oom_score_adj");
    show_file("/proc/self/oom_adj");
    put("/proc/self/oom_score_adj", " 0x10\n");
    show_file("/proc/self/oom_score_adj");
    put("/proc/self/oom_score_adj", "1001");
    put("/proc/self/oom_score_adj", "-1001");
    put("/proc/self/oom_score_adj", "1x");
    put("/proc/self/oom_score_adj", "x");
    put("/proc/self/oom_adj", "15");
    show_file("/proc/self/oom_score_adj");
    put("/proc/self/oom_adj", "16");
    put("/proc/self/oom_score_adj", "0");
    put("/proc/self/coredump_filter", "0x7");
    show_file("/proc/self/coredump_filter");
    put("/proc/self/coredump_filter", "y");
    put("/proc/self/timerslack_ns", "70000");
    TRY(prctl(PR_GET_TIMERSLACK));
    show_file("/proc/self/timerslack_ns");
    put("/proc/self/timerslack_ns", "0");
    TRY(prctl(PR_GET_TIMERSLACK));
    if (!fork()) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/comm", getppid());
        int fd = open(path, O_WRONLY);
        TRY(write(fd, "other", 5)); // only a process itself
        show_file("/proc/self/oom_score_adj");
        show_file("/proc/self/coredump_filter");
        exit(0);
    }
    wait(NULL);
    if (!fork()) {
        NEED(!setresuid(1000, 1000, 1000) && !prctl(PR_SET_DUMPABLE, 1));
        put("/proc/self/oom_score_adj", "200");
        put("/proc/self/oom_score_adj", "99");
        put("/proc/self/oom_score_adj", "-1");
        exit(0);
    }
    wait(NULL);
}

static void memory(void)
{
    static char text[] = "as it is";
    char got[16] = "";
    int fd = open("/proc/self/mem", O_RDWR);
    IS(fd >= 0);
    TRY(pread(fd, got, sizeof(text), (off_t)(uintptr_t)text));
    printf("%s\n", got);
    TRY(pwrite(fd, "will", 4, (off_t)(uintptr_t)text));
    printf("%s\n", text);
    char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(two != MAP_FAILED && !munmap(two + 4096, 4096));
    TRY(pread(fd, got, 16, (off_t)(uintptr_t)(two + 4096 - 6)));
    TRY(pread(fd, got, 16, (off_t)(uintptr_t)(two + 4096)));
    TRY(pread(fd, got, 16, 0));
    TRY(pwrite(fd, got, 16, (off_t)(uintptr_t)(two + 4096)));
    close(fd);
}

static void ended(void)
{
    static const char *const names[] = {"stat", "maps", "status", "environ", "auxv", "cmdline"};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    int fds[COUNT], ends[2];
    char path[64], byte;
    NEED(!pipe(ends));
    pid_t child = fork();
    if (!child) {
        close(ends[1]);
        _exit((int)read(ends[0], &byte, 1));
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(path, sizeof(path), "/proc/%d/%s", child, names[i]);
        fds[i] = open(path, O_RDONLY);
        NEED(fds[i] >= 0);
    }
    snprintf(path, sizeof(path), "/proc/%d", child);
    int folder = open(path, O_RDONLY);
    close(ends[1]);
    siginfo_t info;
    NEED(!waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    for (int i = 0; i < COUNT; i++) {
        int fd = openat(folder, names[i], O_RDONLY);
        printf("%s of one that ended: %s\n", names[i], fd < 0 ? errno_name(errno) : "opens");
        close(fd);
    }
    NEED(waitpid(child, NULL, 0) == child);
    for (int i = 0; i < 3; i++) {
        printf("%s: ", names[i]);
        TRY(read(fds[i], &byte, 1));
    }
    TRY(openat(folder, "stat", O_RDONLY));
}

static void has(const char *path, const char *key)
{
    char line[512];
    bool found = false;
    FILE *f = fopen(path, "r");
    NEED(f);
    while (fgets(line, sizeof(line), f))
        found |= !strncmp(line, key, strlen(key));
    fclose(f);
    printf("%s in %s: %s\n", key, path, found ? "yes" : "no");
}

static void told(void)
{
    static const char *const of_status[] = {"SigQ:", "Cpus_allowed:", "Cpus_allowed_list:", "Mems_allowed:", "Mems_allowed_list:"};
    static const char *const of_memory[] = {"SwapCached:", "Active:", "Inactive:", "Dirty:", "AnonPages:", "Mapped:", "Shmem:", "Slab:",
                                            "SReclaimable:", "CommitLimit:", "Committed_AS:", "HugePages_Total:", "HugePages_Free:",
                                            "Hugepagesize:"};
    static const char *const of_machine[] = {"intr ", "ctxt ", "softirq "};
    for (size_t i = 0; i < sizeof(of_status) / sizeof(of_status[0]); i++)
        has("/proc/self/status", of_status[i]);
    for (size_t i = 0; i < sizeof(of_memory) / sizeof(of_memory[0]); i++)
        has("/proc/meminfo", of_memory[i]);
    for (size_t i = 0; i < sizeof(of_machine) / sizeof(of_machine[0]); i++)
        has("/proc/stat", of_machine[i]);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    if (sched_setaffinity(0, sizeof(one), &one))
        return;
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    NEED(f);
    while (fgets(line, sizeof(line), f))
        if (!strncmp(line, "Cpus_allowed_list:", 18))
            printf("%s", line);
    fclose(f);
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!chmod(".", 0755));
    settings();
    memory();
    ended();
    told();
    return 0;
}
