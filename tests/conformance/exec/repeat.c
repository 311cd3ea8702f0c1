// SPDX-License-Identifier: MIT
//
// The same program many times in a row: nothing of one run is seen by the next, and pages that are not written behave as any other.
#include "conform.h"
#include <setjmp.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { PAGE = 4096, PAGES = 8, RUNS = 16 };

// One page for each thing that is done to pages, in the file and never written.
static const char table[PAGES][PAGE] __attribute__((aligned(PAGE))) = {
    "none", "hidden", "covered", "moved", "written", "dropped", "kept", "grown"};
static char data[PAGE] = "data";
static char bss[4 * PAGE];
static sigjmp_buf again;

static void on_fault(int sig)
{
    siglongjmp(again, sig);
}

static const char *look(const volatile char *at)
{
    static char text[2];
    int sig = sigsetjmp(again, 1);
    if (sig)
        return sig == SIGSEGV ? "SIGSEGV" : sig == SIGBUS ? "SIGBUS" : "another signal";
    text[0] = *at ? *at : '0';
    return text;
}

static int is_zero(const volatile char *at, size_t size)
{
    while (size && !*at)
        at++, size--;
    return !size;
}

// Each run maps something else where the last one had memory that it wrote to, and leaves such memory there.
static void meet(int run)
{
    static const struct {
        const char *name;
        int prot, flags;
    } kinds[] = {
        {"zeros", PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS}, {"zeros to read", PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS},
        {"file to read", PROT_READ, MAP_PRIVATE}, {"file to write", PROT_READ | PROT_WRITE, MAP_PRIVATE},
        {"file to run", PROT_READ | PROT_EXEC, MAP_PRIVATE}, {"shared file", PROT_READ | PROT_WRITE, MAP_SHARED},
        {"nothing", PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS},
    };
    const int kind = run % (int)(sizeof(kinds) / sizeof(kinds[0]));
    const int fd = kinds[kind].flags & MAP_ANONYMOUS ? -1 : open("table", O_RDWR);
    char *at = mmap(NULL, 3 * PAGE, kinds[kind].prot, kinds[kind].flags, fd, 0);
    NEED(at != MAP_FAILED);
    printf("%s: %s %s", kinds[kind].name, look(at), look(at + PAGE));
    printf(" %s, %d; ", look(at + 2 * PAGE), kinds[kind].prot && is_zero(at + PAGE + 10, PAGE - 10));
    NEED(mmap(at, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
    printf("new %d; ", is_zero(at, 3 * PAGE));
    memset(at, 'm', 3 * PAGE);
    char *heap = (char *)syscall(SYS_brk, 0), *end = heap + 3 * PAGE;
    NEED((char *)syscall(SYS_brk, end) == end);
    printf("heap %d; ", is_zero(heap, 3 * PAGE));
    memset(heap, 'h', 3 * PAGE);
    close(fd);
}

static void *page(int i)
{
    return (void *)(uintptr_t)table[i];
}

static int child(int run)
{
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    const char *grown = mremap(page(7), PAGE, 2 * PAGE, MREMAP_MAYMOVE); // to where the last run had memory
    NEED(grown != MAP_FAILED);
    printf("grown %s; ", look(grown));
    meet(run);
    printf("data %s, bss %d, ", data, bss[5000]);
    data[0] = 'D';
    bss[5000] = 1;
    void *room = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(!munmap(page(0), PAGE));
    NEED(!mprotect(page(1), PAGE, PROT_NONE));
    NEED(mmap(page(2), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page(2));
    const char *moved = mremap(page(3), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
    NEED(moved != MAP_FAILED);
    NEED(!mprotect(page(4), PAGE, PROT_READ | PROT_WRITE));
    *(char *)page(4) = 'W';
    NEED(!madvise(page(5), PAGE, MADV_DONTNEED));
    printf("unmapped %s, ", look(table[0]));
    printf("hidden %s, ", look(table[1]));
    printf("covered %s, ", look(table[2]));
    printf("moved %s %s, ", look(table[3]), look(moved));
    printf("written %s, ", look(table[4]));
    printf("dropped %s, kept %s, ", look(table[5]), look(table[6]));
    fflush(stdout);
    pid_t p = fork();
    if (!p) {
        printf("fork %s, ", look(table[6]));
        fflush(stdout);
        _exit(!!munmap(page(6), PAGE));
    }
    int status;
    NEED(waitpid(p, &status, 0) == p && !status);
    printf("after it %s\n", look(table[6]));
    return 0;
}

int main(int argc, char **argv)
{
    begin(argv);
    if (argc > 2)
        return child(atoi(argv[2]));
    char number[8];
    char *const args[] = {argv[0], argv[1], number, NULL}, *const env[] = {NULL};
    static char text[PAGE + 10];
    memset(text, 't', sizeof(text));
    int fd = open("table", O_CREAT | O_WRONLY, 0600);
    NEED(fd >= 0 && write(fd, text, sizeof(text)) == sizeof(text) && !close(fd));
    for (int i = 0; i < RUNS; i++) {
        pid_t p;
        int status;
        snprintf(number, sizeof(number), "%d", i);
        NEED(!posix_spawn(&p, argv[0], NULL, NULL, args, env));
        NEED(waitpid(p, &status, 0) == p && !status);
    }
    return 0;
}
