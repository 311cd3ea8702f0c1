// SPDX-License-Identifier: MIT
//
// System V semaphores: sets, several operations at once, waits, time-outs, undo, removal.
#include "conform.h"
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *__buf;
};

static int op(int id, int number, int value, int flags)
{
    struct sembuf b = {(unsigned short)number, (short)value, (short)flags};
    return semop(id, &b, 1);
}

static int value(int id, int number)
{
    return semctl(id, number, GETVAL);
}

static void *waits_for_removal(void *argument)
{
    int id = *(int *)argument;
    static int error;
    error = op(id, 0, -1, 0) ? errno : 0;
    return &error;
}

static void handler(int sig)
{
}

static int status_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void sets(int key)
{
    TRY(semget(key, 2, 0600));
    TRY(semget(key, 0, IPC_CREAT | 0600));
    TRY(semget(key, -1, IPC_CREAT | 0600));
    TRY(semget(key, 32001, IPC_CREAT | 0600));
    int id = semget(key, 3, IPC_CREAT | IPC_EXCL | 0640);
    NEED(id >= 0);
    TRY(semget(key, 3, IPC_CREAT | IPC_EXCL | 0600));
    IS(semget(key, 3, IPC_CREAT | 0600) == id);
    IS(semget(key, 0, 0) == id);
    TRY(semget(key, 4, 0));
    struct semid_ds ds;
    TRY(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
    IS(ds.sem_nsems == 3 && ds.sem_otime == 0 && ds.sem_ctime > 0 && ds.sem_perm.uid == geteuid());
    printf("mode %o\n", ds.sem_perm.mode);
    ds.sem_perm.mode = 0600;
    TRY(semctl(id, 0, IPC_SET, (union semun){.buf = &ds}));
    TRY(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
    printf("mode %o\n", ds.sem_perm.mode);
    TRY(semctl(id, 0, IPC_STAT, (union semun){.buf = (void *)8}));
    unsigned short all[3] = {5, 6, 7}, got[3];
    TRY(semctl(id, 0, SETALL, (union semun){.array = all}));
    TRY(semctl(id, 0, GETALL, (union semun){.array = got}));
    IS(!memcmp(all, got, sizeof(all)));
    all[1] = 32768;
    TRY(semctl(id, 0, SETALL, (union semun){.array = all}));
    TRY(semctl(id, 1, SETVAL, (union semun){.val = 2}));
    TRY(semctl(id, 1, GETVAL));
    TRY(semctl(id, 3, GETVAL));
    TRY(semctl(id, -1, GETVAL));
    TRY(semctl(id, 1, SETVAL, (union semun){.val = -1}));
    TRY(semctl(id, 1, SETVAL, (union semun){.val = 32768}));
    IS(semctl(id, 1, GETPID) == getpid());
    TRY(semctl(id, 0, 77));
    struct seminfo info;
    IS(semctl(0, 0, IPC_INFO, (union semun){.__buf = &info}) >= 0);
    IS(info.semmsl == 32000 && info.semopm == 500 && info.semvmx == 32767);
    TRY(semctl(id, 0, IPC_RMID));
    TRY(semctl(id, 0, IPC_RMID));
    TRY(semget(key, 0, 0));
}

static void operations(int id)
{
    TRY(op(id, 0, 3, 0));
    TRY(op(id, 0, -2, 0));
    TRY(value(id, 0));
    TRY(op(id, 0, -2, IPC_NOWAIT));
    TRY(op(id, 0, 0, IPC_NOWAIT));
    TRY(op(id, 9, 1, 0));
    TRY(op(id, 0, 32767, 0));
    TRY(semop(id, NULL, 0));
    TRY(semop(id, (void *)8, 1));
    struct sembuf many[501] = {{0, 0, 0}};
    TRY(semop(id, many, 501));
    TRY(semop(-1, many, 1));
    TRY(semop(id + 77777, many, 1));
    // All or none, in order.
    struct sembuf b[3] = {{0, 2, 0}, {1, -1, IPC_NOWAIT}, {0, 1, 0}};
    TRY(semop(id, b, 3));
    TRY(value(id, 0));
    struct sembuf c[3] = {{1, 2, 0}, {1, -2, 0}, {1, 0, 0}};
    TRY(semop(id, c, 3));
    TRY(value(id, 1));
    const struct timespec soon = {0, 20000000}, bad = {0, 1000000000};
    b[0] = (struct sembuf){1, -1, 0};
    TRY(semtimedop(id, b, 1, &soon));
    TRY(semtimedop(id, b, 1, &bad));
    TRY(semctl(id, 1, GETNCNT));
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &a, NULL);
    ualarm(20000, 20000); // again, should it come before the call
    TRY(op(id, 1, -1, 0));
    ualarm(0, 0);
}

static void between_processes(int id)
{
    TRY(semctl(id, 0, SETVAL, (union semun){.val = 0}));
    TRY(semctl(id, 1, SETVAL, (union semun){.val = 0}));
    pid_t child = fork();
    if (!child) {
        for (int i = 0; i < 50; i++)
            if (op(id, 0, -1, 0) || op(id, 1, 1, 0))
                _exit(1);
        _exit(0);
    }
    int good = 0;
    for (int i = 0; i < 50; i++)
        good += !op(id, 0, 1, 0) && !op(id, 1, -1, 0);
    printf("%d rounds\n", good);
    TRY(status_of(child));
    // Who waits is counted.
    child = fork();
    if (!child)
        _exit(op(id, 0, -3, 0) ? 1 : 0);
    while (semctl(id, 0, GETNCNT) != 1)
        usleep(1000);
    TRY(op(id, 0, 2, 0));
    TRY(semctl(id, 0, GETNCNT));
    TRY(op(id, 0, 1, 0));
    TRY(status_of(child));
    TRY(op(id, 0, 1, 0));
    child = fork();
    if (!child)
        _exit(op(id, 0, 0, 0) ? 1 : 0);
    while (semctl(id, 0, GETZCNT) != 1)
        usleep(1000);
    TRY(op(id, 0, -1, 0));
    TRY(status_of(child));
    IS(semctl(id, 0, GETPID) == getpid() || semctl(id, 0, GETPID) == child);
}

static void undo(int id)
{
    TRY(semctl(id, 0, SETVAL, (union semun){.val = 5}));
    pid_t child = fork();
    if (!child) {
        op(id, 0, -3, SEM_UNDO);
        op(id, 0, 1, SEM_UNDO);
        _exit(value(id, 0) == 3 ? 0 : 1);
    }
    TRY(status_of(child));
    TRY(value(id, 0));
    // Also when it is killed, and before the zombie is waited for.
    TRY(semctl(id, 1, SETVAL, (union semun){.val = 1}));
    child = fork();
    if (!child) {
        op(id, 1, -1, SEM_UNDO);
        for (;;)
            pause();
    }
    while (value(id, 1))
        usleep(1000);
    kill(child, SIGKILL);
    TRY(op(id, 1, -1, 0));
    TRY(status_of(child));
    // SETVAL clears what would be undone.
    child = fork();
    if (!child) {
        op(id, 0, 1, SEM_UNDO);
        semctl(id, 0, SETVAL, (union semun){.val = 9});
        _exit(0);
    }
    TRY(status_of(child));
    TRY(value(id, 0));
}

int main(int argc, char **argv)
{
    begin(argv);
    sets(0x4d590001);
    int id = semget(IPC_PRIVATE, 2, 0600);
    NEED(id >= 0);
    operations(id);
    between_processes(id);
    undo(id);
    pthread_t t;
    void *error;
    TRY(semctl(id, 0, SETVAL, (union semun){.val = 0}));
    NEED(!pthread_create(&t, NULL, waits_for_removal, &id));
    while (semctl(id, 0, GETNCNT) != 1)
        usleep(1000);
    TRY(semctl(id, 0, IPC_RMID));
    pthread_join(t, &error);
    show_error("waiting operation", *(int *)error);
    TRY(op(id, 0, 1, 0));
    return 0;
}
