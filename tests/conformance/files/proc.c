// SPDX-License-Identifier: MIT
//
// /proc/self.
#include "conform.h"
#include <dirent.h>
#include <sys/wait.h>

static void on_signal(int sig)
{
}

static void signals(void)
{
    const int used[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGWINCH, SIGRTMIN + 2};
    sigset_t set;
    uint64_t mask = 0;
    char line[256];
    sigemptyset(&set);
    for (int i = 0; i < 5; i++)
        mask |= 1ull << (used[i] - 1);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGHUP, on_signal);
    kill(getpid(), SIGUSR1);
    raise(SIGRTMIN + 2);
    FILE *f = fopen("/proc/thread-self/status", "r");
    NEED(f);
    while (fgets(line, sizeof(line), f)) {
        unsigned long long value;
        char name[16];
        if (sscanf(line, "S%15[a-zA-Z]: %llx", name, &value) == 2 && !strchr(line, '/'))
            printf("S%s %llx\n", name, value & mask);
    }
    fclose(f);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGRTMIN + 2, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(int argc, char **argv)
{
    begin(argv);
    char text[4096] = "", mine[4096] = "", line[512], name[64];
    ssize_t count = readlink("/proc/self/exe", text, sizeof(text) - 1);
    IS(count > 0 && !strcmp(text, argv[0]));
    NEED(getcwd(mine, sizeof(mine)));
    memset(text, 0, sizeof(text));
    IS(readlink("/proc/self/cwd", text, sizeof(text) - 1) > 0 && !strcmp(text, mine));
    FILE *f = fopen("/proc/self/cmdline", "r");
    size_t size = fread(text, 1, sizeof(text), f);
    fclose(f);
    IS(size == strlen(argv[0]) + 1 + strlen(argv[1]) + 1 && !strcmp(text, argv[0]) && !strcmp(text + strlen(argv[0]) + 1, argv[1]));
    memset(text, 0, sizeof(text));
    snprintf(name, sizeof(name), "%d", getpid());
    IS(readlink("/proc/self", text, sizeof(text)) > 0 && !strcmp(text, name));
    snprintf(name, sizeof(name), "/proc/%d/status", getpid());
    f = fopen(name, "r");
    NEED(f);
    while (fgets(line, sizeof(line), f)) {
        int value;
        if (sscanf(line, "Pid: %d", &value) == 1)
            IS(value == getpid());
        if (sscanf(line, "Tgid: %d", &value) == 1)
            IS(value == getpid());
        if (sscanf(line, "Threads: %d", &value) == 1)
            IS(value == 1);
        if (sscanf(line, "Uid: %d", &value) == 1)
            IS((uid_t)value == getuid());
        if (!strncmp(line, "State:", 6))
            printf("%s", line);
    }
    fclose(f);
    f = fopen("/proc/self/stat", "r");
    int pid, fields = 1;
    char state;
    NEED(fgets(text, sizeof(text), f) && sscanf(text, "%d", &pid) == 1 && sscanf(strrchr(text, ')'), ") %c", &state) == 1);
    for (char *p = strrchr(text, ')'); *p; p++)
        fields += *p == ' ';
    printf("pid %d, state %c, fields %d\n", pid == getpid(), state, fields);
    fclose(f);
    write_file("file", "content");
    int fd = open("file", O_RDONLY);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    memset(text, 0, sizeof(text));
    strcat(mine, "/file");
    IS(readlink(name, text, sizeof(text) - 1) > 0 && !strcmp(text, mine));
    show_file(name);
    NEED(!unlink("file"));
    memset(text, 0, sizeof(text));
    strcat(mine, " (deleted)");
    IS(readlink(name, text, sizeof(text) - 1) > 0 && !strcmp(text, mine));
    show_file(name); // opens the file that has no name
    TRY(readlink("/proc/self/fd/99", text, 10));
    DIR *d = opendir("/proc/self/fd");
    int entries = 0;
    for (struct dirent *e; (e = readdir(d));)
        entries += e->d_name[0] != '.';
    closedir(d);
    printf("%d descriptors\n", entries);
    d = opendir("/proc/self/task");
    entries = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        entries += e->d_name[0] != '.';
    printf("%d tasks\n", entries);
    static const char *const files[] = {"/proc/meminfo", "/proc/cpuinfo", "/proc/uptime", "/proc/loadavg", "/proc/version", "/proc/stat",
                                        "/proc/mounts", "/proc/self/mounts", "/proc/self/environ", "/proc/self/comm", "/proc/self/statm",
                                        "/proc/self/limits", "/proc/sys/kernel/pid_max", "/proc/sys/kernel/osrelease",
                                        "/proc/sys/vm/overcommit_memory", "/proc/filesystems", "/proc/self/auxv", "/proc/self/smaps",
                                        "/proc/self/mountinfo", "/proc/self/cgroup", "/proc/self/io", "/proc/self/oom_score_adj",
                                        "/proc/sys/kernel/random/boot_id", "/proc/sys/kernel/random/uuid", "/proc/sys/fs/file-max",
                                        "/proc/sys/net/core/somaxconn", "/sys/devices/system/cpu/online", "/proc/vmstat"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        fd = open(files[i], O_RDONLY);
        printf("%s: %s\n", files[i], fd < 0 ? "does not open" : "opens");
        close(fd);
    }
    // Of a child, by its number; and it goes with it.
    pid_t child = fork();
    NEED(child >= 0);
    if (!child)
        pause();
    snprintf(name, sizeof(name), "/proc/%d/status", child);
    f = fopen(name, "r");
    NEED(f);
    while (fgets(line, sizeof(line), f)) {
        int value;
        if (sscanf(line, "PPid: %d", &value) == 1)
            IS(value == getpid());
    }
    NEED(!kill(child, SIGSTOP) && waitpid(child, NULL, WUNTRACED) == child);
    memset(text, 0, sizeof(text));
    IS(pread(fileno(f), text, sizeof(text) - 1, 0) > 0 && strstr(text, "T (stopped)")); // read from the start it is of now
    snprintf(name, sizeof(name), "/proc/%d/cwd", child);
    memset(text, 0, sizeof(text));
    NEED(getcwd(mine, sizeof(mine)));
    IS(readlink(name, text, sizeof(text) - 1) > 0 && !strcmp(text, mine));
    snprintf(name, sizeof(name), "/proc/%d/fd", child);
    int folder = open(name, O_RDONLY | O_DIRECTORY);
    IS(folder >= 0);
    NEED(!kill(child, SIGKILL) && waitpid(child, NULL, 0) == child);
    TRY(pread(fileno(f), text, sizeof(text) - 1, 0));
    fclose(f);
    TRY(open(name, O_RDONLY));
    TRY(openat(folder, "0", O_RDONLY));
    TRY(chdir("/proc/self/task"));
    IS(!access("../stat", R_OK));
    TRY(open("/proc/self/none", O_RDONLY));
    TRY(open("/proc/999999/stat", O_RDONLY));
    TRY(unlink("/proc/self/stat"));
    TRY(mkdir("/proc/d", 0755));
    signals();
    return 0;
}
