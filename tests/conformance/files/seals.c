// SPDX-License-Identifier: MIT
//
// memfd_create and its seals.
#include "conform.h"
#include <sys/mman.h>

static void show(int fd)
{
    printf("seals %x\n", fcntl(fd, F_GET_SEALS));
}

int main(int argc, char **argv)
{
    begin(argv);
    struct stat st;
    int plain = memfd_create("plain", 0), fd = memfd_create("sealed", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    int file = open("file", O_RDWR | O_CREAT, 0644);
    show(plain);
    TRY(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
    TRY(fcntl(0, F_ADD_SEALS, F_SEAL_WRITE) == -1);
    IS(fcntl(file, F_GET_SEALS) == -1 ? errno == EINVAL : fcntl(file, F_GET_SEALS) == F_SEAL_SEAL); // where /tmp is memory
    show(fd);
    TRY(fcntl(fd, F_ADD_SEALS, 0x1000));
    TRY(ftruncate(fd, 5000));
    TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    show(fd);
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    TRY(ftruncate(fd, 4999));
    TRY(truncate(path, 4999));
    TRY(ftruncate(fd, 5001));
    NEED(!stat(path, &st));
    printf("size %ld\n", (long)st.st_size);
    TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    TRY(ftruncate(fd, 5002));
    TRY(truncate(path, 5002));
    TRY(ftruncate(fd, 5001));
    TRY(pwrite(fd, "abc", 3, 4990));
    TRY(pwrite(fd, "abc", 3, 5000));
    TRY(posix_fallocate(fd, 0, 6000));
    TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4990, 5));
    char *map = mmap(NULL, 5001, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEED(map != MAP_FAILED);
    strcpy(map, "through the mapping");
    TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)); // while it is mapped
    munmap(map, 5001);
    TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    TRY(pwrite(fd, "abc", 3, 0));
    TRY(pwrite(fd, "abc", 0, 0));
    TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 5));
    TRY(mmap(NULL, 5001, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    map = mmap(NULL, 5001, PROT_READ, MAP_PRIVATE, fd, 0);
    NEED(map != MAP_FAILED);
    printf("%s\n", map);
    TRY(mprotect(map, 4096, PROT_READ | PROT_WRITE)); // a copy of its own
    map[0] = 'T';
    char c;
    NEED(pread(fd, &c, 1, 0) == 1);
    printf("%c\n", c);
    TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
    TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    show(fd);
    show(dup(fd));
    int future = memfd_create("future", MFD_ALLOW_SEALING);
    NEED(!ftruncate(future, 4096));
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, future, 0);
    TRY(fcntl(future, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    strcpy(map, "still");
    TRY(write(future, "x", 1));
    TRY(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, future, 0));
    char *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, future, 0);
    NEED(second != MAP_FAILED);
    printf("%s\n", second);
    TRY(mprotect(second, 4096, PROT_READ | PROT_WRITE));
    return 0;
}
