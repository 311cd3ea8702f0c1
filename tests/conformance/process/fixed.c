// SPDX-License-Identifier: MIT
// needs: fixed
// second: -DSECOND
//
// Two programs that depend on their position, with other text and data at the same addresses, start each other and take turns: each
// finds its own as it left it.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef SECOND
#define NAME "second"
#define TEXT "30000"
enum { SEED = 77, DATA = 90000, ZEROS = 30000, HEAP = 300000 };
#else
#define NAME "first"
#define TEXT "20000"
enum { SEED = 5, DATA = 40000, ZEROS = 120000, HEAP = 100000 };
#endif
#define STRING(x) #x
#define VALUE(x) STRING(x)

// Text without system calls: `ret` and numbers that differ between the programs. A function of it returns a number.
__asm__(".text\n.balign 4096\n"
        "filler:\n"
        "n = " TEXT "\n"
        ".rept " TEXT "\n mov $n, %eax\n ret\n n = n - 1\n.endr\n"
        "filler_end: ret\n"
        ".balign 4096\n"
        "patched: mov $1, %eax\n ret\n.balign 4096\n");
extern const uint8_t filler[], filler_end[];
extern uint8_t patched[];
extern char **environ;

static uint8_t data[DATA] = {1, 2, 3}, zeros[ZEROS];
static char second[4096], first[4096];

static unsigned long sum(const uint8_t *from, size_t size)
{
    unsigned long s = SEED;
    for (size_t i = 0; i < size; i++)
        s = s * 31 + from[i];
    return s;
}

static int call(const uint8_t *code)
{
    int (*f)(void);
    memcpy(&f, &code, sizeof(f));
    return f();
}

static uint8_t *heap;

static void fill(unsigned seed)
{
    if (!heap)
        heap = malloc(HEAP);
    for (size_t i = 0; i < DATA; i++)
        data[i] = (uint8_t)(i * seed);
    for (size_t i = 0; i < ZEROS; i++)
        zeros[i] = (uint8_t)(i + seed);
    for (size_t i = 0; i < HEAP; i++)
        heap[i] = (uint8_t)(i ^ seed);
}

static unsigned long state(void)
{
    unsigned long s = sum(filler, (size_t)(filler_end - filler)) ^ sum(data, DATA) ^ sum(zeros, ZEROS);
    return (heap ? s ^ sum(heap, HEAP) : s) + (unsigned)call(filler) + (unsigned)call(filler + 6 * 12345) + (unsigned)call(patched);
}

static pid_t start(const char *program, const char *role, const char *more)
{
    char *const argv[] = {(char *)program, (char *)role, (char *)more, NULL};
    pid_t p = -1;
    fflush(stdout);
    if (posix_spawn(&p, program, NULL, NULL, argv, environ))
        perror("posix_spawn");
    return p;
}

static void await(pid_t p)
{
    int status = 0;
    if (waitpid(p, &status, 0) != p || status)
        printf("status %x\n", status);
}

static void patch(int value)
{
    mprotect(patched, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    patched[1] = (uint8_t)value;
    mprotect(patched, 4096, PROT_READ | PROT_EXEC);
}

// ---- what the other program does

static void *thread(void *argument)
{
    return (void *)state();
}

static void with_threads(void)
{
    pthread_t t[4];
    unsigned long right = state();
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, thread, NULL);
    for (int i = 0; i < 4; i++) {
        void *got;
        pthread_join(t[i], &got);
        printf("%d", (unsigned long)got == right);
    }
    puts(" threads");
}

static void over_others(void)
{
    // Where the first program has its data, its zeros or its heap.
    uintptr_t base = ((uintptr_t)&zeros[ZEROS] + 0xfffffful) & ~0xffful;
    for (int i = 0; i < 3; i++) {
        uint8_t *p = mmap((void *)(base + (uintptr_t)i * 0x100000), 0x100000, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        unsigned long any = 0;
        for (size_t n = 0; p != MAP_FAILED && n < 0x100000; n += 512)
            any |= p[n];
        if (p != MAP_FAILED)
            memset(p, 0xee, 0x100000);
        printf("fresh: %lu\n", any); // where the heap of this one begins, which Linux chooses, there is no room
    }
}

static void forget_text(void)
{
    uintptr_t page = ((uintptr_t)filler + 0x3fff) & ~0xffful;
    unsigned long before = state();
    madvise((void *)page, 0x4000, MADV_DONTNEED);
    printf("again %d\n", state() == before);
}

static void answer(const char *fds)
{
    int in, out;
    char c;
    sscanf(fds, "%d,%d", &in, &out);
    fill(3);
    for (int i = 0; i < 50 && read(in, &c, 1) == 1; i++) {
        data[i * 7] ^= (uint8_t)c;
        heap[i * 99] ^= (uint8_t)c;
        c = (char)state();
        if (write(out, &c, 1) != 1)
            break;
    }
}

static int play(const char *role, const char *more)
{
    if (!strcmp(role, "answer"))
        return answer(more), 0;
    printf("%s %s: %lx", NAME, role, state());
    fill((unsigned)role[0]);
    printf(" %lx\n", state());
    if (!strcmp(role, "patch")) {
        patch(9);
        printf("%d\n", call(patched));
    } else if (!strcmp(role, "threads")) {
        with_threads();
    } else if (!strcmp(role, "over")) {
        over_others();
    } else if (!strcmp(role, "forget")) {
        forget_text();
    } else if (!strcmp(role, "fork")) {
        fflush(stdout);
        pid_t p = fork();
        if (!p) {
            patch(4);
            fill(8);
            printf("child %lx\n", state());
            fflush(stdout);
            _exit(0);
        }
        await(p);
        printf("parent %lx\n", state());
    } else if (!strcmp(role, "chain")) {
        await(start(first, more[0] == '0' ? "leaf" : "chain", more[0] == '2' ? "1" : "0"));
        printf("%s chain %s: %lx\n", NAME, more, state());
    } else if (!strcmp(role, "orphan")) {
        start(first, "later", more);
    } else if (!strcmp(role, "later")) {
        usleep(20000);
        printf("%s later: %lx\n", NAME, state());
        fflush(stdout);
        if (write(atoi(more), "x", 1) != 1)
            return 1;
    } else if (!strcmp(role, "doomed")) {
        await(start(first, "killer", more));
    } else if (!strcmp(role, "killer")) {
        kill(getppid(), SIGKILL);
        uint8_t *p = mmap(NULL, 0x400000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(p, 1, 0x400000);
        printf("%s killer: %lx\n", NAME, state());
    } else if (!strcmp(role, "exec")) {
        fflush(stdout);
        execl(first, first, "leaf", (char *)NULL);
    }
    return 0;
}

// ---- what the first does meanwhile

static void turns(void)
{
    int to[2], from[2];
    char fds[32], c = 'a';
    if (pipe(to) || pipe(from))
        return;
    snprintf(fds, sizeof(fds), "%d,%d", to[0], from[1]);
    pid_t p = start(second, "answer", fds);
    unsigned long all = 0;
    for (int i = 0; i < 50; i++) {
        zeros[i * 11] ^= (uint8_t)c;
        if (write(to[1], &c, 1) != 1 || read(from[0], &c, 1) != 1)
            break;
        all = all * 31 + (uint8_t)c + state();
    }
    await(p);
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
    printf("turns %lx\n", all);
}

static void orphan(void)
{
    int ready[2];
    char number[16], c = 0;
    if (pipe(ready))
        return;
    snprintf(number, sizeof(number), "%d", ready[1]);
    await(start(second, "orphan", number));
    printf("got %zd, %lx\n", read(ready[0], &c, 1), state());
    close(ready[0]);
    close(ready[1]);
}

// Its child ends it while it is not in place. The child's output ends when it has ended, too.
static void doomed(void)
{
    int out[2], status = 0;
    char text[256];
    ssize_t n, size = 0;
    if (pipe(out))
        return;
    fflush(stdout);
    pid_t p = fork();
    if (!p) {
        dup2(out[1], 1);
        close(out[0]);
        close(out[1]);
        execl(second, second, "doomed", "", (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    while ((n = read(out[0], text + size, sizeof(text) - 1 - (size_t)size)) > 0)
        size += n;
    text[size] = 0;
    close(out[0]);
    printf("%s", text);
    waitpid(p, &status, 0);
    printf("signal %d, %lx\n", WTERMSIG(status), state());
}

int main(int argc, char **argv)
{
    snprintf(first, sizeof(first), "%s", argv[0]);
    char *dot = strstr(first, ".second");
    if (dot)
        *dot = 0;
    snprintf(second, sizeof(second), "%.4000s.second", first);
    if (strchr(argv[1], '/') == NULL || argc > 2)
        return play(argv[1], argc > 2 ? argv[2] : "");
    static const char *const roles[] = {"leaf", "leaf", "patch", "leaf", "threads", "leaf", "over", "forget", "fork", "leaf", "exec"};
    for (unsigned round = 0; round < 3; round++) {
        fill(round + 20);
        patch((int)round + 30);
        for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
            await(start(second, roles[i], NULL));
            printf("%lx\n", state());
            data[i * 3001] ^= 0x55;
            forget_text();
        }
        await(start(second, "chain", "2"));
        printf("%lx\n", state());
        turns();
        orphan();
        doomed();
    }
    unsigned long before = state();
    for (int i = 0; i < 200; i++) {
        pid_t p = fork();
        if (!p)
            _exit(state() != before);
        await(p);
        zeros[i] = (uint8_t)~zeros[i];
        before = state();
    }
    printf("end %lx\n", before);
    return 0;
}
