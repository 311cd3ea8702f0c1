// SPDX-License-Identifier: MIT
//
// clone without a thread library: shared memory, ids, the word that is cleared and woken at the end.
#include "conform.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(16)));
static int tid_of_parent, tid_of_child = -1;
static volatile int ran;

static int child(void *argument)
{
    ran = *(int *)argument;
    syscall(SYS_exit, 0);
    return 0;
}

int main(int argc, char **argv)
{
    begin(argv);
    int number = 77;
    int flags =
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    int tid = clone(child, stack + sizeof(stack), flags, &number, &tid_of_parent, NULL, &tid_of_child);
    OK(tid);
    IS(tid_of_parent == tid);
    while (__atomic_load_n(&tid_of_child, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, &tid_of_child, 0, -1, NULL, NULL, 0);
    printf("ran %d, word %d\n", ran, tid_of_child);
    TRY(clone(child, stack + sizeof(stack), CLONE_THREAD, &number)); // a thread shares signal handlers
    TRY(clone(child, stack + sizeof(stack), CLONE_SIGHAND, &number)); // handlers go with memory
    TRY(clone(child, stack + sizeof(stack), CLONE_FS | CLONE_NEWNS, &number));
    TRY(syscall(SYS_clone3, &number, 8ul));
    TRY(syscall(SYS_clone3, 8, 88ul));
    return 0;
}
