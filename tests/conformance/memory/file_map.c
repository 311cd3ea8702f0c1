// SPDX-License-Identifier: MIT
//
// Mapped files: shared and private, writes both ways, the end of the file.
#include "conform.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static unsigned char *base;

static void caught(int sig, siginfo_t *info, void *context)
{
    printf("signal %d code %d at +%ld\n", sig, info->si_code, (long)((unsigned char *)info->si_addr - base));
    siglongjmp(back, 1);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
    NEED(!sigaction(SIGSEGV, &act, NULL) && !sigaction(SIGBUS, &act, NULL));
    int fd = open("file", O_RDWR | O_CREAT, 0644);
    char block[4096];
    for (int i = 0; i < 3; i++) {
        memset(block, 'a' + i, sizeof(block));
        NEED(write(fd, block, i < 2 ? 4096 : 100) > 0);
    }
    unsigned char *shared = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned char *private = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    unsigned char *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
    NEED(shared != MAP_FAILED && private != MAP_FAILED && second != MAP_FAILED);
    IS(shared[0] == 'a' && shared[4096] == 'b' && shared[8192 + 99] == 'c' && shared[8192 + 100] == 0);
    IS(second[0] == 'b');
    shared[4096] = 'X';
    IS(second[0] == 'X' && private[4096] == 'X');
    TRY(pread(fd, block, 2, 4096));
    printf("%c%c\n", block[0], block[1]);
    private[4096] = 'P';
    IS(shared[4096] == 'X');
    shared[4097] = 'Y';
    IS(private[4097] == 'b'); // its own page now
    TRY(pwrite(fd, "WW", 2, 4098));
    IS(shared[4098] == 'W' && second[3] == 'W');
    shared[8192 + 200] = 'Z'; // behind the end: not part of the file
    struct stat st;
    NEED(!fstat(fd, &st));
    printf("size %ld\n", (long)st.st_size);
    base = shared;
    if (!sigsetjmp(back, 1))
        printf("page behind the end: %d\n", shared[3 * 4096]);
    NEED(!ftruncate(fd, 4 * 4096));
    printf("after growing: %d\n", shared[3 * 4096]);
    NEED(!ftruncate(fd, 5000));
    if (!sigsetjmp(back, 1))
        printf("after shrinking: %d\n", shared[2 * 4096]);
    IS(shared[4096] == 'X');
    NEED(!close(fd));
    shared[0] = 'Q'; // mappings outlive the descriptor
    NEED(!msync(shared, 4096, MS_SYNC));
    NEED(!munmap(shared, 4 * 4096));
    fd = open("file", O_RDONLY);
    NEED(pread(fd, block, 1, 0) == 1);
    IS(block[0] == 'Q');
    TRY((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    OK((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    TRY((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 100));
    int write_only = open("file", O_WRONLY);
    TRY((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, write_only, 0));
    int folder = open(".", O_RDONLY);
    TRY((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, folder, 0));
    base = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (!sigsetjmp(back, 1))
        *base = 1;
    TRY(mprotect(base, 4096, PROT_READ | PROT_WRITE));
    return 0;
}
