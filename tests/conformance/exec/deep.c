// SPDX-License-Identifier: MIT
//
// A hundred programs, one after the other in one process: nothing is left over.
#include "conform.h"
#include <dirent.h>
#include <sys/mman.h>

extern char **environ;

int main(int argc, char **argv)
{
    begin((char *[]){argv[0], NULL});
    int count = argc > 2 ? atoi(argv[2]) : 0;
    if (count == 100) {
        int open_files = 0;
        for (int fd = 0; fd < 100; fd++)
            open_files += fcntl(fd, F_GETFD) >= 0;
        printf("%d, %d descriptors\n", count, open_files);
        return 3;
    }
    NEED(mmap(NULL, 1 << 24, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != MAP_FAILED);
    NEED(open("/", O_RDONLY | O_CLOEXEC) >= 0);
    char number[16];
    snprintf(number, sizeof(number), "%d", count + 1);
    execve(argv[0], (char *[]){argv[0], argv[1], number, NULL}, environ);
    printf("%d: %s\n", count, errno_name(errno));
    return 1;
}
