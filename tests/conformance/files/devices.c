// SPDX-License-Identifier: MIT
//
// /dev.
#include "conform.h"
#include <sys/mman.h>
#include <sys/sysmacros.h>

static void show(const char *path)
{
    struct stat st;
    if (stat(path, &st))
        printf("%s: %s\n", path, errno_name(errno));
    else
        printf("%s: mode %o, device %u:%u\n", path, st.st_mode, major(st.st_rdev), minor(st.st_rdev));
}

int main(int argc, char **argv)
{
    begin(argv);
    unsigned char data[4096];
    show("/dev/null");
    show("/dev/zero");
    show("/dev/full");
    show("/dev/random");
    show("/dev/urandom");
    show("/dev/tty");
    int fd = open("/dev/null", O_RDWR);
    TRY(read(fd, data, 10));
    TRY(write(fd, data, 4096));
    TRY(lseek(fd, 100, SEEK_SET));
    TRY(ftruncate(fd, 10));
    TRY(isatty(fd));
    fd = open("/dev/zero", O_RDWR);
    memset(data, 1, sizeof(data));
    TRY(read(fd, data, sizeof(data)));
    IS(all_are(data, sizeof(data), 0));
    TRY(write(fd, data, 100));
    unsigned char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    IS(p != MAP_FAILED && all_are(p, 4096, 0));
    fd = open("/dev/full", O_RDWR);
    TRY(write(fd, data, 1));
    TRY(read(fd, data, 100));
    fd = open("/dev/urandom", O_RDONLY);
    TRY(read(fd, data, 4096));
    IS(!all_are(data, 4096, data[0]));
    fd = open("/dev/random", O_RDONLY);
    TRY(read(fd, data, 16));
    TRY(open("/dev/none", O_RDONLY));
    char link[64] = "";
    TRY(readlink("/dev/fd", link, sizeof(link)));
    printf("%s\n", link);
    memset(link, 0, sizeof(link));
    TRY(readlink("/dev/stdout", link, sizeof(link)));
    printf("%s\n", link);
    int shm = OK(open("/dev/shm/conformance", O_RDWR | O_CREAT, 0600));
    TRY(ftruncate(shm, 4096));
    TRY(unlink("/dev/shm/conformance"));
    return 0;
}
