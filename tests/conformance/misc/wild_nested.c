// SPDX-License-Identifier: MIT
//
// Addresses that point nowhere good and are reached through something else: vectors, ranges that end in a hole, lengths that overflow,
// words that the kernel writes when a thread ends, the stack of a signal handler.
#include "conform.h"
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

// linux/futex.h and linux/sched.h, which musl-gcc does not find.
enum { PAGE = 4096, FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_CMP_REQUEUE = 4, FUTEX_WAKE_OP = 5, FUTEX_WAIT_BITSET = 9 };
struct clone3_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};
// A jump to code of the kernel or of the host would run it, as nothing protects from that; so no such address is here.
static const uintptr_t wild[] = {8, 0x7000000000, 0x7fc4000000, 0x7fd0000000, 0x7ffffffff8, 0x8000010000, 0x800000000000, (uintptr_t)-8};
enum { WILD = sizeof(wild) / sizeof(wild[0]) };
static char *edge; // a page; behind it is a hole
static int file, pipes[2];

// One word if all addresses get the same answer, else all of them.
static void show(const char *what, long (*call)(uintptr_t))
{
    const char *answers[WILD];
    bool same = true;
    for (int w = 0; w < WILD; w++) {
        errno = 0;
        long r = call(wild[w]);
        answers[w] = r == -1 ? errno_name(errno) : "ok";
        same &= answers[w] == answers[0] || !strcmp(answers[w], answers[0]);
    }
    printf("%s:", what);
    for (int w = 0; w < (same ? 1 : WILD); w++)
        printf(" %s", answers[w]);
    printf("\n");
}

static long read_vector(uintptr_t a)
{
    struct iovec v[2] = {{edge, 0}, {(void *)a, 8}};
    lseek(file, 0, SEEK_SET);
    return readv(file, v, 2);
}
static long write_vector(uintptr_t a)
{
    struct iovec v = {(void *)a, 8};
    return writev(pipes[1], &v, 1);
}
static long long_read(uintptr_t a)
{
    return read(file, (void *)a, 0x7fffffffffffffff);
}
static long signal_event(uintptr_t a)
{
    return syscall(SYS_rt_sigaction, SIGUSR1, a, NULL, 8);
}
static long futex_op(int op, uintptr_t a, uintptr_t b)
{
    struct timespec soon = {0, 1};
    static uint32_t word;
    bool waits = op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET;
    return syscall(SYS_futex, a ? (void *)a : &word, op, 0, waits ? (long)&soon : 1, b ? (void *)b : &word, waits ? -1 : 0);
}
#define FUTEX_CASE(op)                                                                                       \
    static long first_##op(uintptr_t a) { return futex_op(op, a & ~3ul, 0); }                                \
    static long second_##op(uintptr_t a) { return futex_op(op, 0, a & ~3ul); }
#define FUTEX_CASES(F) F(FUTEX_WAIT) F(FUTEX_WAKE) F(FUTEX_REQUEUE) F(FUTEX_CMP_REQUEUE) F(FUTEX_WAKE_OP) \
    F(FUTEX_WAIT_BITSET)
FUTEX_CASES(FUTEX_CASE)

static void show_edges(void)
{
    char *end = edge + PAGE;
    lseek(file, 0, SEEK_SET);
    TRY(read(file, end - 10, 100));
    TRY(lseek(file, 0, SEEK_CUR));
    TRY(pread(file, end, 100, 0));
    TRY(write(pipes[1], end - 10, 100));
    TRY(read(pipes[0], edge, 10));
    NEED(write(pipes[1], "0123456789abcdef", 16) == 16);
    TRY(read(pipes[0], end - 4, 16) == -1 ? -1 : 0);
    memset(edge, '/', PAGE);
    TRY(open(end - 10, O_RDONLY) == -1 ? -1 : 0);
    memset(edge, 'x', PAGE);
    TRY(open(end - 10, O_RDONLY));
    TRY(open(edge, O_RDONLY));
    TRY(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, end - 8));
    TRY(stat("/", (void *)(end - 8)));
    TRY(getcwd(end - 1, 100) ? 0 : -1);
    int folder = open("/", O_RDONLY | O_DIRECTORY);
    TRY(syscall(SYS_getdents64, folder, end - 8, 1000));
    TRY(syscall(SYS_getdents64, folder, edge, 8));
    close(folder);
    struct iovec v[2] = {{edge, 8}, {edge, (size_t)1 << 63}}, w[2] = {{edge, 8}, {end, 8}};
    TRY(readv(file, v, 2));
    TRY(preadv(file, w, 2, 0));
    TRY(pwritev(file, w, 2, 0));
    TRY(readv(file, w, 1025));
    TRY(readv(file, (void *)(end - 16), 2));
    TRY(writev(file, (void *)0x7ffffffff8, 1024));
    unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
    if (vdso)
        TRY(pread(file, (void *)vdso, 8, 0));
    TRY(pread(file, (void *)(uintptr_t)show_edges, 8, 0));
}

static void *with_wild_list(void *address)
{
    syscall(SYS_set_robust_list, address, 24);
    return NULL;
}
static void *with_list_of_wild(void *address)
{
    static __thread struct {
        void *next;
        long offset;
        void *pending;
    } head;
    head.next = address;
    head.pending = (char *)address + 8;
    head.offset = -8;
    syscall(SYS_set_robust_list, &head, sizeof(head));
    return NULL;
}

static int in_child(void (*body)(uintptr_t), uintptr_t address)
{
    int status;
    pid_t child = fork();
    if (!child) {
        body(address);
        _exit(0);
    }
    NEED(child > 0 && waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
static void show_children(const char *what, void (*body)(uintptr_t))
{
    printf("%s:", what);
    for (int w = 0; w < WILD; w++)
        printf(" %d", in_child(body, wild[w]));
    printf("\n");
}

static void nothing(int s)
{
}
static void on_wild_stack(uintptr_t a)
{
    struct sigaction act = {.sa_handler = nothing, .sa_flags = SA_ONSTACK};
    stack_t s = {.ss_sp = (void *)(a & ~0xffful), .ss_size = 65536};
    sigaction(SIGUSR1, &act, NULL);
    if (sigaltstack(&s, NULL))
        _exit(7);
    raise(SIGUSR1);
}
static void with_wild_sp(uintptr_t a)
{
    struct sigaction act = {.sa_handler = nothing};
    sigaction(SIGUSR1, &act, NULL);
    long pid = getpid();
    __asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; syscall; mov %%rbx, %%rsp" ::"r"(a), "a"(SYS_kill), "D"(pid), "S"(SIGUSR1)
                     : "rbx", "rcx", "r11", "memory");
}
static void jump_to(uintptr_t a)
{
    ((void (*)(void))a)();
}
static void return_from_nowhere(uintptr_t a)
{
    __asm__ volatile("mov %0, %%rsp; syscall" ::"r"(a), "a"(SYS_rt_sigreturn) : "rcx", "r11", "memory");
}
static void wild_handler(uintptr_t a)
{
    signal(SIGUSR1, (void (*)(int))a);
    raise(SIGUSR1);
}
static void end_with_wild_word(uintptr_t a)
{
    syscall(SYS_set_tid_address, a);
    syscall(SYS_exit, 5);
}
static void thread_with_wild_words(uintptr_t a)
{
    struct clone3_arguments c = {.flags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID, .child_tid = a, .exit_signal = SIGCHLD};
    int status = 0;
    long child = syscall(SYS_clone3, &c, sizeof(c));
    if (!child)
        _exit(3);
    if (child > 0)
        waitpid((pid_t)child, &status, 0);
    _exit(child < 0 ? errno : 100 + WEXITSTATUS(status));
}
static void parent_word(uintptr_t a)
{
    struct clone3_arguments c = {.flags = CLONE_PARENT_SETTID, .parent_tid = a, .exit_signal = SIGCHLD};
    int status = 0;
    long child = syscall(SYS_clone3, &c, sizeof(c));
    if (!child)
        _exit(3);
    if (child > 0)
        waitpid((pid_t)child, &status, 0);
    _exit(child < 0 ? errno : 100 + WEXITSTATUS(status));
}
static void wild_arguments(uintptr_t a)
{
    char *arguments[] = {"x", (char *)a, NULL}, *none[] = {NULL};
    execve("/proc/self/exe", arguments, none);
    if (errno != EFAULT)
        _exit(1);
    execve("/proc/self/exe", none, (char **)a);
    if (errno != EFAULT)
        _exit(2);
    execve("/proc/self/exe", (char **)a, none);
    if (errno != EFAULT)
        _exit(3);
    execve((char *)a, none, none);
    _exit(errno == EFAULT ? 0 : 4);
}

int main(int argc, char **argv)
{
    begin(argv);
    write_file("file", "some content of a file that is long enough to reach over the end of what is there; and more");
    file = open("file", O_RDWR);
    NEED(file >= 0 && !pipe2(pipes, O_NONBLOCK));
    edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(edge != MAP_FAILED && !munmap(edge + PAGE, PAGE));
    show("readv", read_vector);
    show("writev", write_vector);
    show("read of all there is", long_read);
    show("sigaction", signal_event);
#define SHOW(op) show(#op, first_##op), show(#op " second", second_##op);
    FUTEX_CASES(SHOW)
    show_edges();
    for (int w = 0; w < WILD; w++) {
        pthread_t t;
        NEED(!pthread_create(&t, NULL, with_wild_list, (void *)wild[w]) && !pthread_join(t, NULL));
        NEED(!pthread_create(&t, NULL, with_list_of_wild, (void *)wild[w]) && !pthread_join(t, NULL));
    }
    show_children("signal stack", on_wild_stack);
    show_children("stack", with_wild_sp);
    show_children("jump", jump_to);
    show_children("sigreturn", return_from_nowhere);
    show_children("handler", wild_handler);
    show_children("word at the end", end_with_wild_word);
    show_children("child's word", thread_with_wild_words);
    show_children("parent's word", parent_word);
    show_children("arguments", wild_arguments);
    return 0;
}
