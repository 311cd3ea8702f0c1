// SPDX-License-Identifier: MIT
//
// What getrusage and wait4 count besides processor time; a poll of more files than there may be; settings in /proc/sys.
#include "conform.h"
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void use(void)
{
    const size_t size = 8 << 20;
    char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(m, 1, size);
    usleep(20000);
    usleep(20000);
}

static void show(const char *who, const struct rusage *u)
{
    printf("%s: faults %s, waits %s, memory %s\n", who, u->ru_minflt > 1 ? "yes" : "no", u->ru_nvcsw > 1 ? "yes" : "no",
           u->ru_maxrss > 8000 ? "yes" : "no");
}

static long switches(void)
{
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *line = strstr(text, "\nvoluntary_ctxt_switches:");
    return line ? strtol(line + 25, NULL, 10) : -1;
}

int main(int argc, char **argv)
{
    struct rusage u;
    struct rlimit l;
    begin(argv);
    use();
    getrusage(RUSAGE_SELF, &u);
    show("self", &u);
    getrusage(RUSAGE_THREAD, &u);
    show("thread", &u);
    getrusage(RUSAGE_CHILDREN, &u);
    IS(!u.ru_minflt && !u.ru_nvcsw && !u.ru_maxrss);
    IS(switches() > 1);
    pid_t pid = fork();
    if (!pid) {
        use();
        _exit(0);
    }
    NEED(wait4(pid, NULL, 0, &u) == pid);
    show("a child", &u);
    getrusage(RUSAGE_CHILDREN, &u);
    show("children", &u);
    getrlimit(RLIMIT_NOFILE, &l);
    struct pollfd *p = calloc(l.rlim_cur + 1, sizeof(*p));
    for (rlim_t i = 0; i <= l.rlim_cur; i++)
        p[i].fd = -1;
    TRY(poll(p, l.rlim_cur, 0));
    TRY(poll(p, l.rlim_cur + 1, 0));
    show_file("/proc/sys/kernel/sched_rt_period_us");
    show_file("/proc/sys/kernel/arch");
    show_file("/proc/sys/fs/overflowuid");
    show_file("/proc/sys/fs/inotify/max_queued_events");
    return 0;
}
