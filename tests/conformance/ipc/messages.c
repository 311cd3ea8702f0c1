// SPDX-License-Identifier: MIT
//
// System V message queues: types, sizes, limits, waits, removal.
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

struct message {
    long type;
    char text[8192];
};

static struct message m;

static int put(int id, long type, const char *text, int flags)
{
    m.type = type;
    strcpy(m.text, text);
    return msgsnd(id, &m, strlen(text), flags);
}

static void get(int id, size_t size, long type, int flags)
{
    memset(&m, 0, sizeof(m));
    errno = 0;
    ssize_t n = msgrcv(id, &m, size, type, flags);
    if (n < 0)
        printf("receive %zu, type %ld: %s\n", size, type, errno_name(errno));
    else
        printf("receive %zu, type %ld: %zd [%s] of type %ld\n", size, type, n, m.text, m.type);
}

static void handler(int sig)
{
}

static void *waits_for_removal(void *argument)
{
    static int error;
    static struct message mine;
    error = msgrcv(*(int *)argument, &mine, 100, 0, 0) < 0 ? errno : 0;
    return &error;
}

int main(int argc, char **argv)
{
    begin(argv);
    const int key = 0x4d590002;
    struct msqid_ds ds;
    TRY(msgget(key, 0));
    int id = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    NEED(id >= 0);
    TRY(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
    IS(msgget(key, 0) == id);
    TRY(put(id, 0, "no type", 0));
    TRY(put(id, -1, "negative", 0));
    m.type = 1;
    TRY(msgsnd(id, &m, 8193, 0));
    TRY(msgsnd(id, (void *)8, 1, 0));
    TRY(msgsnd(-1, &m, 1, 0));
    TRY(msgsnd(id + 77777, &m, 1, 0));
    get(id, 100, 0, IPC_NOWAIT);
    TRY(put(id, 5, "five", 0));
    TRY(put(id, 3, "three", 0));
    TRY(put(id, 7, "seven", 0));
    TRY(put(id, 3, "three again", 0));
    TRY(put(id, 4, "", 0));
    TRY(msgctl(id, IPC_STAT, &ds));
    IS(ds.msg_qnum == 5 && ds.msg_qbytes == 16384 && ds.msg_lspid == getpid() && ds.msg_lrpid == 0);
    printf("%lu bytes\n", ds.__msg_cbytes);
    get(id, 100, -4, 0);
    get(id, 3, 3, 0);
    get(id, 3, 3, MSG_NOERROR);
    get(id, 100, 3, IPC_NOWAIT);
    get(id, 100, -2, IPC_NOWAIT);
    get(id, 100, 5, MSG_EXCEPT);
    get(id, 100, 0, 0);
    get(id, 100, 0, 0);
    get(id, 100, 0, IPC_NOWAIT);
    TRY(msgrcv(id, (void *)8, 100, 0, IPC_NOWAIT));
    TRY(msgrcv(id, &m, (size_t)-1, 0, IPC_NOWAIT));
    TRY(msgrcv(id, &m, 10, 0, MSG_COPY));
    // A full queue.
    memset(m.text, 'x', sizeof(m.text));
    m.type = 1;
    TRY(msgsnd(id, &m, 8192, 0));
    TRY(msgsnd(id, &m, 8192, 0));
    TRY(msgsnd(id, &m, 1, IPC_NOWAIT));
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &a, NULL);
    ualarm(20000, 20000); // again, should it come before the call
    TRY(msgsnd(id, &m, 1, 0));
    ualarm(0, 0);
    pid_t child = fork();
    if (!child) {
        usleep(20000);
        _exit(msgrcv(id, &m, 8192, 0, 0) == 8192 ? 0 : 1);
    }
    TRY(msgsnd(id, &m, 1, 0));
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
    TRY(msgrcv(id, &m, 8192, 0, 0));
    TRY(msgrcv(id, &m, 8192, 0, 0));
    // A smaller one.
    TRY(msgctl(id, IPC_STAT, &ds));
    ds.msg_qbytes = 10;
    TRY(msgctl(id, IPC_SET, &ds));
    TRY(put(id, 1, "12345678", IPC_NOWAIT));
    TRY(put(id, 1, "123", IPC_NOWAIT));
    get(id, 100, 0, 0);
    ualarm(20000, 20000); // again, should it come before the call
    TRY(msgrcv(id, &m, 100, 0, 0));
    ualarm(0, 0);
    // To another process and back.
    child = fork();
    if (!child) {
        for (int i = 0; i < 50; i++)
            if (msgrcv(id, &m, 8, 1, 0) < 0 || (m.type = 2, msgsnd(id, &m, 4, 0)))
                _exit(1);
        _exit(0);
    }
    int good = 0;
    for (int i = 0; i < 50; i++) {
        m.type = 1;
        good += !msgsnd(id, &m, 3, 0) && msgrcv(id, &m, 8, 2, 0) == 4;
    }
    printf("%d rounds\n", good);
    waitpid(child, &status, 0);
    IS(status == 0);
    pthread_t t;
    void *error;
    NEED(!pthread_create(&t, NULL, waits_for_removal, &id));
    until_others_sleep();
    TRY(msgctl(id, IPC_RMID, NULL));
    pthread_join(t, &error);
    show_error("waiting receive", *(int *)error);
    TRY(msgctl(id, IPC_STAT, &ds));
    TRY(put(id, 1, "x", 0));
    return 0;
}
