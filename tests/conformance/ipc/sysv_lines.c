// SPDX-License-Identifier: MIT
//
// System V semaphores and messages: who is served first, what waiting operations become of, who may do what, and in which order
// arguments are looked at.
// needs: root
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *__buf;
};

static int set, queue;
static char order[64];

static int op(int number, int value, int flags)
{
    struct sembuf b = {(unsigned short)number, (short)value, (short)flags};
    return semop(set, &b, 1);
}

static int value(int number)
{
    return semctl(set, number, GETVAL);
}

static void wait_for(int number, int command, int count)
{
    while (semctl(set, number, command) != count)
        usleep(500);
}

// A thread that carries out some operations and then notes its letter.
struct job {
    char letter;
    struct sembuf ops[3];
    unsigned count;
    int error;
    pthread_t thread;
};
#define JOB(l, n, ...) {.letter = l, .ops = {__VA_ARGS__}, .count = n}
static pthread_mutex_t order_lock = PTHREAD_MUTEX_INITIALIZER;

static void *run(void *argument)
{
    struct job *j = argument;
    j->error = semop(set, j->ops, j->count) ? errno : 0;
    pthread_mutex_lock(&order_lock);
    size_t n = strlen(order);
    order[n] = j->letter;
    pthread_mutex_unlock(&order_lock);
    return NULL;
}

static void start(struct job *j)
{
    NEED(!pthread_create(&j->thread, NULL, run, j));
}

static void finish(struct job *j)
{
    pthread_join(j->thread, NULL);
    if (j->error)
        printf("%c: %s\n", j->letter, errno_name(j->error));
}

static void reset(void)
{
    unsigned short zero[3] = {0};
    NEED(!semctl(set, 0, SETALL, (union semun){.array = zero}));
    memset(order, 0, sizeof(order));
}

// The longest waiting first, though a later one gets what an earlier one cannot use.
static void lines(void)
{
    struct job a = JOB('a', 1, {0, -2, 0}), b = JOB('b', 1, {0, -1, 0}), c = JOB('c', 1, {0, -1, 0});
    reset();
    start(&a);
    wait_for(0, GETNCNT, 1);
    start(&b);
    wait_for(0, GETNCNT, 2);
    start(&c);
    wait_for(0, GETNCNT, 3);
    TRY(op(0, 1, 0));
    finish(&b);
    TRY(semctl(set, 0, GETNCNT));
    TRY(op(0, 2, 0));
    finish(&a);
    TRY(semctl(set, 0, GETNCNT));
    TRY(value(0));
    TRY(op(0, 1, 0));
    TRY(semctl(set, 0, GETNCNT));
    finish(&c);
    puts(order);
    // Nobody comes in between: what is there is the waiting one's at once.
    reset();
    b.ops[0].sem_op = -3;
    start(&b);
    wait_for(0, GETNCNT, 1);
    TRY(op(0, 3, 0));
    TRY(op(0, -1, IPC_NOWAIT));
    TRY(value(0));
    finish(&b);
}

// What waits is all or nothing, on whichever semaphore stands in its way.
static void several(void)
{
    struct job a = JOB('a', 3, {0, -1, 0}, {1, -1, 0}, {2, 1, 0}), z = JOB('z', 1, {2, 0, 0}), w = JOB('w', 1, {2, -1, 0});
    reset();
    start(&a);
    wait_for(0, GETNCNT, 1);
    TRY(op(0, 1, 0));
    TRY(semctl(set, 0, GETNCNT));
    TRY(semctl(set, 1, GETNCNT));
    TRY(value(0));
    start(&w);
    wait_for(2, GETNCNT, 1);
    TRY(op(1, 1, 0));
    finish(&a);
    finish(&w);
    TRY(value(2));
    // Who waits for zero is served before who changes it again.
    NEED(!op(2, 1, 0));
    start(&z);
    wait_for(2, GETZCNT, 1);
    struct job y = JOB('y', 2, {2, 0, 0}, {2, 5, 0});
    start(&y);
    wait_for(2, GETZCNT, 2);
    TRY(op(2, -1, 0));
    finish(&z);
    finish(&y);
    TRY(value(2));
    // Waiting becomes EAGAIN where a later operation that may not wait stands in the way, and ERANGE where there is no room.
    reset();
    struct job n = JOB('n', 2, {0, -1, 0}, {1, -1, IPC_NOWAIT}), r = JOB('r', 2, {0, -1, 0}, {2, 32767, 0});
    start(&n);
    wait_for(0, GETNCNT, 1);
    TRY(op(0, 1, 0));
    finish(&n);
    reset();
    NEED(!op(2, 1, 0));
    start(&r);
    wait_for(0, GETNCNT, 1);
    TRY(op(0, 1, 0));
    finish(&r);
    TRY(value(0));
}

static void processes(void)
{
    reset();
    pid_t child = fork();
    if (!child)
        _exit(op(0, -1, 0) || op(1, 1, SEM_UNDO) || op(2, 4, SEM_UNDO) ? 1 : 0);
    wait_for(0, GETNCNT, 1);
    struct semid_ds before, after;
    NEED(!semctl(set, 0, IPC_STAT, (union semun){.buf = &before}));
    NEED(!op(0, 1, 0));
    IS(semctl(set, 0, GETPID) == child);
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
    IS(value(1) == 0 && value(2) == 0);
    IS(semctl(set, 1, GETPID) == child);
    NEED(!semctl(set, 0, IPC_STAT, (union semun){.buf = &after}));
    IS(after.sem_otime >= before.sem_otime && after.sem_otime > 0);
    // What cannot be given back is cut off.
    child = fork();
    if (!child) {
        op(0, 3, SEM_UNDO);
        op(0, -2, 0);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    TRY(value(0));
    // A set that is gone has nothing to undo; an exit wakes who waits.
    struct job a = JOB('a', 1, {0, -1, 0});
    NEED(!semctl(set, 0, SETVAL, (union semun){.val = 1}));
    child = fork();
    if (!child) {
        op(0, -1, SEM_UNDO);
        usleep(30000);
        _exit(0);
    }
    while (value(0))
        usleep(500);
    start(&a);
    finish(&a);
    waitpid(child, NULL, 0);
    TRY(value(0));
    NEED(!op(1, 2, SEM_UNDO));
    TRY(unshare(CLONE_SYSVSEM));
    TRY(value(1));
}

static void control(void)
{
    TRY(semctl(-1, 0, SETVAL, (union semun){.val = -1}));
    TRY(semctl(set + 12345, 0, SETVAL, (union semun){.val = -1}));
    TRY(semctl(set + 12345, 0, SETVAL, (union semun){.val = 1}));
    TRY(semctl(set, 9, SETVAL, (union semun){.val = 1}));
    TRY(semctl(set, 9, GETNCNT));
    TRY(semctl(set, 0, SETALL, (union semun){.array = (void *)8}));
    TRY(semctl(set, 0, IPC_SET, (union semun){.buf = (void *)8}));
    struct semid_ds ds;
    IS(semctl(set, 0, SEM_STAT, (union semun){.buf = &ds}) == set && ds.sem_nsems == 3);
    IS(semctl(set, 0, SEM_STAT_ANY, (union semun){.buf = &ds}) == set);
    struct msqid_ds qs;
    IS(msgctl(queue, MSG_STAT, &qs) == queue && msgctl(queue, MSG_STAT_ANY, &qs) == queue);
    struct seminfo si, more;
    struct msginfo mi;
    IS(semctl(0, 0, IPC_INFO, (union semun){.__buf = &si}) >= 0);
    printf("%d %d %d %d %d %d %d %d\n", si.semmni, si.semmns, si.semmsl, si.semopm, si.semvmx, si.semusz, si.semaem, si.semume);
    IS(semctl(0, 0, SEM_INFO, (union semun){.__buf = &si}) >= 0);
    int another = semget(IPC_PRIVATE, 7, 0600);
    IS(semctl(0, 0, SEM_INFO, (union semun){.__buf = &more}) >= 0 && more.semusz == si.semusz + 1 && more.semaem == si.semaem + 7);
    NEED(!semctl(another, 0, IPC_RMID));
    IS(msgctl(0, IPC_INFO, (struct msqid_ds *)&mi) >= 0);
    printf("%d %d %d %d\n", mi.msgmni, mi.msgmax, mi.msgmnb, mi.msgtql);
    NEED(!semctl(set, 0, IPC_STAT, (union semun){.buf = &ds}));
    ds.sem_perm.uid = -1;
    TRY(semctl(set, 0, IPC_SET, (union semun){.buf = &ds}));
    TRY(msgctl(queue, IPC_STAT, (void *)8));
    TRY(msgctl(queue, 77, &qs));
    TRY(msgctl(-1, IPC_RMID, NULL));
    show_file("/proc/sys/kernel/sem");
    show_file("/proc/sys/kernel/msgmni");
}

struct message {
    long type;
    char text[64];
};
struct listener {
    char letter;
    long type;
    int flags;
    size_t size;
    ssize_t result;
    int error;
    struct message m;
    pthread_t thread;
};

#define LISTENER(l, t, f, s) {.letter = l, .type = t, .flags = f, .size = s}

static void *listen_for(void *argument)
{
    struct listener *l = argument;
    l->result = msgrcv(queue, &l->m, l->size, l->type, l->flags);
    l->error = errno;
    return NULL;
}

static void hear(struct listener *l)
{
    NEED(!pthread_create(&l->thread, NULL, listen_for, l));
    until_others_sleep();
}

static void heard(struct listener *l)
{
    pthread_join(l->thread, NULL);
    if (l->result < 0)
        printf("%c: %s\n", l->letter, errno_name(l->error));
    else
        printf("%c: %zd bytes %.*s of type %ld\n", l->letter, l->result, (int)l->result, l->m.text, l->m.type);
}

static void say(long type, const char *text)
{
    struct message m = {.type = type};
    strcpy(m.text, text);
    if (msgsnd(queue, &m, strlen(text), 0))
        printf("say %s: %s\n", text, errno_name(errno));
}

static unsigned waiting(void)
{
    struct msqid_ds ds;
    NEED(!msgctl(queue, IPC_STAT, &ds));
    return (unsigned)ds.msg_qnum;
}

// A message goes to the first who wants it, and nobody comes in between.
static void messages(void)
{
    struct listener a = LISTENER('a', 5, 0, 60), b = LISTENER('b', 0, 0, 60), c = LISTENER('c', -3, 0, 60);
    struct listener d = LISTENER('d', 0, 0, 2), e = LISTENER('e', 7, MSG_EXCEPT, 60);
    hear(&a);
    hear(&b);
    say(5, "five");
    say(4, "four");
    printf("%u wait\n", waiting());
    heard(&a);
    heard(&b);
    hear(&c);
    hear(&e);
    say(7, "seven");
    say(3, "three");
    say(9, "nine");
    printf("%u wait\n", waiting());
    heard(&c);
    heard(&e);
    struct message m;
    TRY(msgrcv(queue, &m, 60, 0, IPC_NOWAIT | MSG_COPY));
    TRY(msgrcv(queue, &m, 2, 0, IPC_NOWAIT | MSG_COPY));
    TRY(msgrcv(queue, &m, 2, 0, IPC_NOWAIT | MSG_COPY | MSG_NOERROR));
    printf("another error: %d\n", msgrcv(queue, &m, 60, 1, IPC_NOWAIT | MSG_COPY) == -1 && errno == ENOMSG);
    TRY(msgrcv(queue, &m, 60, 0, MSG_COPY));
    TRY(msgrcv(queue, &m, 60, 0, IPC_NOWAIT | MSG_COPY | MSG_EXCEPT));
    TRY(msgrcv(queue, &m, 60, 0, IPC_NOWAIT));
    // Too long for one who waits: he is told, and the next gets it.
    b = (struct listener)LISTENER('b', 0, 0, 60);
    hear(&d);
    hear(&b);
    say(1, "long");
    heard(&d);
    heard(&b);
    d = (struct listener)LISTENER('d', 0, MSG_NOERROR, 2);
    hear(&d);
    say(1, "long");
    heard(&d);
    printf("%u wait\n", waiting());
    struct msqid_ds ds;
    NEED(!msgctl(queue, IPC_STAT, &ds));
    IS(ds.msg_lspid == getpid() && ds.msg_rtime > 0 && ds.msg_cbytes == 0);
    // A change of the queue is no message.
    a = (struct listener)LISTENER('a', 0, 0, 60);
    hear(&a);
    TRY(msgctl(queue, IPC_SET, &ds));
    usleep(10000);
    say(2, "after");
    heard(&a);
}

// Another user.
static void permissions(void)
{
    struct msqid_ds qs;
    struct semid_ds ds;
    NEED(!msgctl(queue, IPC_STAT, &qs) && !semctl(set, 0, IPC_STAT, (union semun){.buf = &ds}));
    qs.msg_perm.mode = 0602;
    ds.sem_perm.mode = 0604;
    NEED(!msgctl(queue, IPC_SET, &qs) && !semctl(set, 0, IPC_SET, (union semun){.buf = &ds}));
    pid_t child = fork();
    if (!child) {
        struct message m = {.type = 1};
        NEED(!setgid(1000) && !setuid(1000));
        TRY(msgsnd(queue, &m, 1, 0));
        TRY(msgrcv(queue, &m, 60, 0, IPC_NOWAIT));
        TRY(msgctl(queue, IPC_STAT, &qs));
        TRY(msgctl(queue, MSG_STAT, &qs));
        OK(msgctl(queue, MSG_STAT_ANY, &qs));
        TRY(msgctl(queue, IPC_SET, &qs));
        TRY(msgctl(queue, IPC_RMID, NULL));
        TRY(semctl(set, 0, GETVAL));
        TRY(semctl(set, 0, SETVAL, (union semun){.val = 1}));
        TRY(semctl(set, 9, SETVAL, (union semun){.val = 1}));
        TRY(semctl(set, 9, GETVAL));
        TRY(op(0, 1, 0));
        TRY(op(0, 0, IPC_NOWAIT));
        TRY(semctl(set, 0, IPC_STAT, (union semun){.buf = &ds}));
        TRY(semctl(set, 0, IPC_SET, (union semun){.buf = &ds}));
        TRY(semctl(set, 0, IPC_RMID));
        OK(semget(0x4d590007, 0, 0400));
        OK(semget(0x4d590007, 0, 0004));
        TRY(semget(0x4d590007, 0, 0200));
        TRY(semget(0x4d590007, 4, 0200));
        TRY(semget(0x4d590007, 4, IPC_CREAT | IPC_EXCL | 0200));
        int own = msgget(IPC_PRIVATE, 0600);
        NEED(own >= 0 && !msgctl(own, IPC_STAT, &qs));
        qs.msg_qbytes = 16385;
        TRY(msgctl(own, IPC_SET, &qs));
        qs.msg_qbytes = 100;
        TRY(msgctl(own, IPC_SET, &qs));
        TRY(msgctl(own, IPC_RMID, NULL));
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
}

int main(int argc, char **argv)
{
    begin(argv);
    set = semget(0x4d590007, 3, IPC_CREAT | 0600);
    queue = msgget(IPC_PRIVATE, 0600);
    NEED(set >= 0 && queue >= 0);
    lines();
    several();
    processes();
    control();
    messages();
    permissions();
    NEED(!semctl(set, 0, IPC_RMID) && !msgctl(queue, IPC_RMID, NULL));
    return 0;
}
