// SPDX-License-Identifier: MIT
//
// Reading folders: every entry once, kinds, positions, changes while reading.
#include "conform.h"
#include <dirent.h>

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
    char *names[2000];
    int count = 0;
    DIR *d = opendir(path);
    NEED(d);
    for (struct dirent *e; (e = readdir(d));) {
        NEED(e->d_ino && count < 2000);
        NEED(asprintf(&names[count++], "%s type %d", e->d_name, e->d_type) > 0);
    }
    closedir(d);
    qsort(names, (size_t)count, sizeof(*names), compare);
    printf("%s: %d entries\n", path, count);
    for (int i = 0; i < count && i < 12; i++)
        printf("  %s\n", names[i]);
    for (int i = 1; i < count; i++)
        NEED(strcmp(names[i - 1], names[i]));
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!mkdir("d", 0755) && !mkdir("d/sub", 0755) && !symlink("x", "d/link") && !mkfifo("d/fifo", 0644));
    write_file("d/file", "");
    write_file("d/.hidden", "");
    list("d");
    NEED(!mkdir("many", 0755));
    for (int i = 0; i < 1000; i++) {
        char name[64];
        snprintf(name, sizeof(name), "many/a rather long name of a file %04d", i);
        write_file(name, "");
    }
    list("many");
    // Removing what was just read.
    DIR *d = opendir("many");
    NEED(d);
    int removed = 0;
    for (struct dirent *e; (e = readdir(d));)
        removed += !unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    printf("removed %d\n", removed);
    list("many");
    TRY(rmdir("many"));
    // Positions.
    d = opendir("d");
    readdir(d);
    readdir(d);
    long at = telldir(d);
    char third[300];
    strcpy(third, readdir(d)->d_name);
    readdir(d);
    seekdir(d, at);
    IS(!strcmp(readdir(d)->d_name, third));
    rewinddir(d);
    int count = 0;
    while (readdir(d))
        count++;
    printf("%d after rewinding\n", count);
    write_file("d/later", "");
    rewinddir(d);
    for (count = 0; readdir(d);)
        count++;
    printf("%d after one more\n", count);
    closedir(d);
    char buffer[1024];
    int fd = open("d", O_RDONLY);
    TRY(syscall(SYS_getdents64, fd, buffer, 10));
    TRY(syscall(SYS_getdents64, fd, (void *)8, 1000));
    TRY(syscall(SYS_getdents64, open("d/file", O_RDONLY), buffer, 1000));
    TRY(syscall(SYS_getdents64, 77, buffer, 1000));
    NEED(!mkdir("gone", 0755));
    fd = open("gone", O_RDONLY);
    NEED(!rmdir("gone"));
    TRY(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)));
    return 0;
}
