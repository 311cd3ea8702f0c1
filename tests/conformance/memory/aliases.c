// SPDX-License-Identifier: MIT
//
// One page at several addresses: threads, forked and executed processes, atomics, futexes, read and write on the file.
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { PAGE = 4096, ROUNDS = 300, FUTEX_WAIT = 0, FUTEX_WAKE = 1 };

static int file_of(const char *name, long pages)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    NEED(fd >= 0 && !ftruncate(fd, pages * PAGE));
    return fd;
}

static void *map(int fd, int pages, int prot)
{
    void *p = mmap(NULL, pages * PAGE, prot, MAP_SHARED, fd, 0);
    NEED(p != MAP_FAILED);
    return p;
}

static void *add(void *p)
{
    for (int i = 0; i < ROUNDS; i++)
        atomic_fetch_add((atomic_int *)p, 1);
    return NULL;
}

static void by_threads(void)
{
    int fd = file_of("threads", 1), got;
    pthread_t t[4];
    atomic_int *view[4];
    for (int i = 0; i < 4; i++)
        view[i] = map(fd, 1, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 4; i++)
        NEED(!pthread_create(&t[i], NULL, add, view[i]));
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    printf("threads %d %d\n", *view[0], *view[3]);
    NEED(pread(fd, &got, 4, 0) == 4);
    printf("file %d\n", got);
}

// Writes through one view are seen in order through another.
struct message {
    atomic_uint sequence;
    unsigned values[64];
};

static void *publish(void *p)
{
    struct message *m = p;
    for (unsigned i = 1; i <= 100; i++) {
        while (atomic_load(&m->sequence) & 1)
            sched_yield();
        for (int j = 0; j < 64; j++)
            m->values[j] = i * 64 + j;
        atomic_fetch_add(&m->sequence, 1);
    }
    return NULL;
}

static void in_order(void)
{
    int fd = file_of("order", 1);
    struct message *a = map(fd, 1, PROT_READ | PROT_WRITE), *b = map(fd, 1, PROT_READ | PROT_WRITE);
    pthread_t t;
    int wrong = 0;
    NEED(!pthread_create(&t, NULL, publish, a));
    for (unsigned i = 1; i <= 100; i++) {
        while (!(atomic_load(&b->sequence) & 1))
            sched_yield();
        for (int j = 0; j < 64; j++)
            wrong += b->values[j] != i * 64 + j;
        atomic_fetch_add(&b->sequence, 1);
    }
    pthread_join(t, NULL);
    printf("wrong %d\n", wrong);
}

static void many_views(void)
{
    int fd = file_of("views", 1);
    volatile char *v[9];
    for (int i = 0; i < 9; i++)
        v[i] = map(fd, 1, PROT_READ | PROT_WRITE);
    int sum = 0;
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 9; i++) {
            v[i][i] = (char)(i + round);
            for (int j = 0; j < 9; j++)
                sum += v[j][i] == i + round;
        }
    printf("views %d\n", sum);
}

static void with_file(void)
{
    int fd = file_of("file", 3);
    char *a = map(fd, 3, PROT_READ | PROT_WRITE);
    const char *b = map(fd, 3, PROT_READ);
    char text[8] = "";
    for (int i = 0; i < 50; i++) {
        NEED(pwrite(fd, &i, sizeof(i), PAGE - 2) == sizeof(i)); // over a border
        NEED(!memcmp(a + PAGE - 2, &i, sizeof(i)) && !memcmp(b + PAGE - 2, &i, sizeof(i)));
        a[PAGE - 1]++;
        int got;
        NEED(pread(fd, &got, sizeof(got), PAGE - 2) == sizeof(got));
        NEED(!memcmp(&got, b + PAGE - 2, sizeof(got)));
    }
    memcpy(a + 100, "through", 8);
    NEED(write(fd, b + 100, 8) == 8); // the page is read and written by one call
    IS(!strcmp(a, "through"));
    NEED(pread(fd, a + 200, 8, 0) == 8);
    IS(!strcmp(b + 200, "through"));
    char *private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    a[0] = 'T';
    IS(private[0] == 'T');
    private[0] = 'p';
    IS(b[0] == 'T');
    NEED(!ftruncate(fd, 10) && !ftruncate(fd, 3 * PAGE));
    printf("after truncation %d %d %.7s\n", b[100], b[PAGE], b);
    a[5] = '!';
    NEED(!mprotect(a, PAGE, PROT_READ));
    NEED(pread(fd, text, 7, 0) == 7);
    printf("%s\n", text);
    NEED(!mprotect(a, PAGE, PROT_READ | PROT_WRITE));
    a[6] = '?';
    printf("%.7s\n", b);
    char *c = mremap(a, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
    NEED(c != MAP_FAILED);
    c[4] = '#';
    printf("%.7s\n", b);
    char *twice = mremap(c, 0, PAGE, MREMAP_MAYMOVE);
    NEED(twice != MAP_FAILED && twice != c);
    twice[3] = '+';
    printf("%.7s %.7s\n", b, c);
    NEED(!munmap(c, 5 * PAGE));
    twice[2] = '-';
    NEED(!munmap(twice, PAGE));
    printf("%.7s\n", b);
}

static void anonymous(void)
{
    char *a = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(a != MAP_FAILED);
    a[PAGE] = 'x';
    char *b = mremap(a + PAGE, 0, PAGE, MREMAP_MAYMOVE);
    NEED(b != MAP_FAILED);
    b[1] = 'y';
    printf("anonymous %s %s\n", a + PAGE, b);
    NEED(!madvise(a, 4 * PAGE, MADV_DONTNEED));
    printf("still %s\n", a + PAGE);
    NEED(!munmap(a, 4 * PAGE));
    printf("still %s\n", b);
}

// A ring that is mapped twice, one view behind the other.
static void ring(void)
{
    int fd = memfd_create("ring", 0);
    NEED(fd >= 0 && !ftruncate(fd, 2 * PAGE));
    unsigned char *r = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(mmap(r, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == r);
    NEED(mmap(r + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == r + 2 * PAGE);
    unsigned long at = 0, sum = 0, wrong = 0;
    for (int i = 0; i < 200; i++) {
        unsigned char *p = r + at % (2 * PAGE);
        for (int j = 0; j < 777; j++)
            p[j] = (unsigned char)(i + j);
        for (int j = 0; j < 777; j++)
            wrong += r[(at + j) % (2 * PAGE)] != (unsigned char)(i + j);
        at += 777;
        sum += *p;
    }
    memcpy(r + 2 * PAGE + 100, r, 3000); // within one page, by way of two addresses
    unsigned long first, second;
    memcpy(&first, r, 8);
    memcpy(&second, r + 100, 8);
    memmove(r + 10, r + 2 * PAGE, 50);
    printf("ring %lu %lu %d\n", sum, wrong, first == second);
}

static int futex(void *p, int op, int value)
{
    struct timespec limit = {60, 0};
    return syscall(SYS_futex, p, op, value, op == FUTEX_WAIT ? &limit : NULL, NULL, 0);
}

static void *wake_later(void *p)
{
    atomic_int *word = p;
    until_sleeps(getpid());
    atomic_store(word, 1);
    int n;
    while (!(n = futex(word, FUTEX_WAKE, 10)))
        usleep(1000);
    return NULL;
}

static void futexes(void)
{
    int fd = file_of("futex", 2);
    atomic_int *a = map(fd, 2, PROT_READ | PROT_WRITE), *b = map(fd, 2, PROT_READ | PROT_WRITE);
    pthread_t t;
    NEED(!pthread_create(&t, NULL, wake_later, a + 1024));
    int r;
    while ((r = futex(b + 1024, FUTEX_WAIT, 0)) && errno == EINTR)
        ;
    printf("woken %d %d\n", r, b[1024]);
    pthread_join(t, NULL);
}

struct both {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    int turn, count;
};

static void take_turns(struct both *s, int me)
{
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&s->mutex);
        while (s->turn != me)
            pthread_cond_wait(&s->condition, &s->mutex);
        s->count++;
        s->turn = !me;
        pthread_cond_broadcast(&s->condition);
        pthread_mutex_unlock(&s->mutex);
    }
}

static struct both *shared_state(int fd)
{
    struct both *s = map(fd, 1, PROT_READ | PROT_WRITE);
    pthread_mutexattr_t m;
    pthread_condattr_t c;
    pthread_mutexattr_init(&m);
    pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&c);
    pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->mutex, &m);
    pthread_cond_init(&s->condition, &c);
    return s;
}

static void processes(const char *self, const char *folder)
{
    int fd = file_of("processes", 1);
    struct both *s = shared_state(fd);
    pid_t child = fork();
    NEED(child >= 0);
    if (!child) {
        munmap(s, PAGE);
        take_turns(map(fd, 1, PROT_READ | PROT_WRITE), 1);
        _exit(0);
    }
    take_turns(s, 0);
    int status;
    NEED(waitpid(child, &status, 0) == child);
    printf("forked %d, %d\n", status, s->count);
    child = vfork();
    if (!child) {
        execl(self, self, folder, "other", NULL);
        _exit(127);
    }
    take_turns(s, 0);
    NEED(waitpid(child, &status, 0) == child);
    printf("executed %d, %d\n", status, s->count);
}

static void inherited(void)
{
    atomic_int *a = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(a != MAP_FAILED);
    for (int i = 0; i < 3; i++)
        if (!fork()) {
            add(a);
            for (int j = 0; j < 64; j++)
                a[j * 1024 + 1 + i] = i + 1;
            if (i == 1)
                munmap(a, 64 * PAGE); // the others keep it
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    int sum = 0;
    for (int j = 0; j < 64; j++)
        sum += a[j * 1024 + 1] + a[j * 1024 + 2] + a[j * 1024 + 3];
    printf("inherited %d %d\n", *a, sum);
}

int main(int argc, char **argv)
{
    begin(argv);
    if (argc > 2) {
        int fd = open("processes", O_RDWR);
        NEED(fd >= 0);
        take_turns(map(fd, 1, PROT_READ | PROT_WRITE), 1);
        return 7;
    }
    by_threads();
    in_order();
    many_views();
    with_file();
    anonymous();
    ring();
    futexes();
    inherited();
    processes(argv[0], argv[1]);
    return 0;
}
