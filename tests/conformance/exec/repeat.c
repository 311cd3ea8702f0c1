// SPDX-License-Identifier: MIT
//
// The same program many times in a row: nothing of one run is seen by the next, and pages that are not written behave as any other.
#include "conform.h"
#include <setjmp.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PAGE = 4096, PAGES = 8, RUNS = 12 };

// One page for each thing that is done to pages, in the file and never written.
static const char table[PAGES][PAGE] __attribute__((aligned(PAGE))) = {"none", "hidden", "covered", "moved", "written", "dropped", "kept"};
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
        return sig == SIGSEGV ? "SIGSEGV" : "another signal";
    text[0] = *at ? *at : '0';
    return text;
}

static void *page(int i)
{
    return (void *)(uintptr_t)table[i];
}

static int child(void)
{
    signal(SIGSEGV, on_fault);
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
        return child();
    char *const args[] = {argv[0], argv[1], "child", NULL}, *const env[] = {NULL};
    for (int i = 0; i < RUNS; i++) {
        pid_t p;
        int status;
        NEED(!posix_spawn(&p, argv[0], NULL, NULL, args, env));
        NEED(waitpid(p, &status, 0) == p && !status);
    }
    return 0;
}
