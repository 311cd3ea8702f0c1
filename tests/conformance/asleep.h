// SPDX-License-Identifier: MIT
//
// Waiting until somebody waits: a program that let a while pass instead would depend on how busy the machine is.
#pragma once

#include <dirent.h>

#include "conform.h"

// The letter by which /proc tells what a thread of this process, or the first thread of another one, does.
static inline char state_of(pid_t number)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", number);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        snprintf(path, sizeof(path), "/proc/%d/stat", number);
        fd = open(path, O_RDONLY);
    }
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    const char *end = n < 0 ? NULL : strrchr(text, ')');
    return end ? end[2] : '?';
}

static inline bool is_asleep(pid_t number)
{
    return state_of(number) == 'S';
}

static inline bool others_are_asleep(pid_t self)
{
    DIR *threads = opendir("/proc/self/task");
    bool all = true;
    NEED(threads);
    for (struct dirent *e; (e = readdir(threads));)
        all &= e->d_name[0] == '.' || atoi(e->d_name) == self || is_asleep(atoi(e->d_name));
    closedir(threads);
    return all;
}

// Twice in a row: a lock on the way to where it sleeps is no sleep.
static inline void until_asleep(bool (*asleep)(pid_t), pid_t number)
{
    int error = errno;
    for (int seen = 0; seen < 2; usleep(1000))
        seen = asleep(number) ? seen + 1 : 0;
    errno = error;
}

// Until the thread of this process, or the first thread of another process, waits in the kernel.
static inline void until_sleeps(pid_t number)
{
    until_asleep(is_asleep, number);
}

// Until all other threads of this process do.
static inline void until_others_sleep(void)
{
    until_asleep(others_are_asleep, (pid_t)syscall(SYS_gettid));
}
