// SPDX-License-Identifier: MIT
//
// POSIX message queues: attributes, priorities, time-outs, notification, poll, between processes.
// link: -lrt
#include "conform.h"
#include "thread/start.h"
#include <limits.h>
#include <mqueue.h>
#include <sys/stat.h>
#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

static const char name[] = "/conformance-mqueue";
static volatile sig_atomic_t count;
static siginfo_t seen;

static void handler(int sig, siginfo_t *info, void *context)
{
    seen = *info;
    count++;
}

static void get(mqd_t q)
{
    char text[64] = "";
    unsigned priority = 77;
    errno = 0;
    ssize_t n = mq_receive(q, text, sizeof(text), &priority);
    if (n < 0)
        printf("receive: %s\n", errno_name(errno));
    else
        printf("receive: %zd [%s] of priority %u\n", n, text, priority);
}

static void names(void)
{
    char text[64];
    struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 32};
    IS(mq_open(name, O_RDWR) == -1 && errno == ENOENT);
    IS(mq_open("/", O_RDWR | O_CREAT, 0600, NULL) == -1 && errno == ENOENT);
    IS(syscall(SYS_mq_open, "a/b", O_RDWR | O_CREAT, 0600, NULL) == -1 && errno == EACCES);
    a.mq_maxmsg = 0;
    IS(mq_open(name, O_RDWR | O_CREAT, 0600, &a) == -1 && errno == EINVAL);
    a.mq_maxmsg = 4;
    a.mq_msgsize = -1;
    IS(mq_open(name, O_RDWR | O_CREAT, 0600, &a) == -1 && errno == EINVAL);
    a.mq_msgsize = 32;
    mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
    NEED(q != -1);
    IS(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a) == -1 && errno == EEXIST);
    mqd_t r = mq_open(name, O_RDONLY), w = mq_open(name, O_WRONLY | O_NONBLOCK);
    NEED(r != -1 && w != -1);
    TRY(mq_send(r, "x", 1, 0));
    TRY(mq_receive(w, text, sizeof(text), NULL));
    TRY(mq_send(w, "through w", 9, 1));
    get(r);
    struct mq_attr got;
    TRY(mq_getattr(w, &got));
    printf("flags %lo messages %ld size %ld now %ld\n", got.mq_flags, got.mq_maxmsg, got.mq_msgsize, got.mq_curmsgs);
    TRY(mq_getattr(0, &got));
    TRY(mq_getattr(77, &got));
    TRY(mq_unlink(name));
    TRY(mq_unlink(name));
    TRY(mq_send(w, "without a name", 14, 1));
    get(q);
    TRY(mq_close(q));
    TRY(mq_close(r));
    TRY(mq_close(w));
    q = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
    NEED(q != -1);
    TRY(mq_getattr(q, &got));
    printf("messages %ld size %ld\n", got.mq_maxmsg, got.mq_msgsize);
    TRY(mq_close(q));
    TRY(mq_unlink(name));
}

static void order(mqd_t q)
{
    TRY(mq_send(q, "low", 3, 1));
    TRY(mq_send(q, "high", 4, 9));
    TRY(mq_send(q, "low again", 9, 1));
    TRY(mq_send(q, "", 0, 9));
    TRY(mq_send(q, "x", 1, 32768));
    TRY(mq_send(q, "longer than thirty-two characters are", 33, 0));
    struct timespec soon = in_ms(CLOCK_REALTIME, 20), bad = {0, -1}, past = {1, 0};
    TRY(mq_timedsend(q, "full", 4, 0, &soon));
    TRY(mq_timedsend(q, "full", 4, 0, &past));
    TRY(mq_timedsend(q, "full", 4, 0, &bad));
    char small[8];
    TRY(mq_receive(q, small, sizeof(small), NULL));
    for (int i = 0; i < 4; i++)
        get(q);
    char text[64];
    soon = in_ms(CLOCK_REALTIME, 20);
    TRY(mq_timedreceive(q, text, sizeof(text), NULL, &soon));
    TRY(mq_timedreceive(q, text, sizeof(text), NULL, &past));
    struct mq_attr a = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 1}, old;
    TRY(mq_setattr(q, &a, &old));
    IS(old.mq_flags == 0);
    get(q);
    a.mq_flags = O_APPEND;
    TRY(syscall(SYS_mq_getsetattr, q, &a, NULL));
    a.mq_flags = 0;
    TRY(mq_setattr(q, &a, NULL));
}

static void notified(mqd_t q)
{
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &a, NULL);
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5};
    TRY(mq_notify(q, &e));
    TRY(mq_notify(q, &e));
    pid_t child = fork();
    if (!child) {
        struct sigevent mine = {.sigev_notify = SIGEV_NONE};
        _exit(mq_notify(q, &mine) == -1 && errno == EBUSY && !mq_send(q, "to the parent", 13, 0) ? 0 : 1);
    }
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    IS(status == 0);
    IS(count == 1 && seen.si_code == SI_MESGQ && seen.si_value.sival_int == 5 && seen.si_pid == child);
    TRY(mq_send(q, "once only", 9, 0));
    IS(count == 1);
    get(q);
    get(q);
    TRY(mq_notify(q, &e));
    TRY(mq_notify(q, NULL));
    TRY(mq_send(q, "no longer", 9, 0));
    IS(count == 1);
    get(q);
    e.sigev_signo = 99;
    TRY(mq_notify(q, &e));
    TRY(mq_notify(0, NULL));
}

static void polled(mqd_t q)
{
    struct pollfd p = {.fd = q, .events = POLLIN | POLLOUT};
    TRY(poll(&p, 1, 0));
    IS(p.revents == POLLOUT);
    TRY(mq_send(q, "a", 1, 0));
    TRY(poll(&p, 1, 0));
    IS(p.revents == (POLLIN | POLLOUT));
    for (int i = 0; i < 3; i++)
        TRY(mq_send(q, "b", 1, 0));
    TRY(poll(&p, 1, 0));
    IS(p.revents == POLLIN);
    for (int i = 0; i < 4; i++)
        get(q);
}

static void between_processes(mqd_t q)
{
    pid_t child = fork();
    if (!child) {
        for (int i = 0; i < 200; i++)
            if (mq_send(q, (char *)&i, sizeof(i), 3))
                _exit(1);
        _exit(0);
    }
    int good = 0;
    for (int i = 0; i < 200; i++) {
        char text[32];
        int n = -1;
        if (mq_receive(q, text, sizeof(text), NULL) == sizeof(n)) {
            memcpy(&n, text, sizeof(n));
            good += n == i;
        }
    }
    printf("%d in order\n", good);
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
    // A signal restarts the call, or does not.
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGALRM, &a, NULL);
    ualarm(20000, 20000); // again, should it come before the call
    get(q);
    ualarm(0, 0);
    child = fork();
    if (!child) {
        usleep(80000);
        _exit(mq_send(q, "late", 4, 0) ? 1 : 0);
    }
    a.sa_flags |= SA_RESTART;
    sigaction(SIGALRM, &a, NULL);
    ualarm(20000, 0);
    get(q);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    IS(status == 0);
}

static void as_file(mqd_t q)
{
    char b[200];
    struct stat st;
    TRY(ftruncate(q, 10));
    TRY(ftruncate(q, -1));
    TRY(fsync(q));
    TRY(fdatasync(q));
    TRY(fchmod(q, 0600));
    TRY(fstat(q, &st));
    printf("%o %ld %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
    TRY(write(q, "x", 1));
    TRY(read(q, b, sizeof(b)) > 0);
    TRY(read(q, b, sizeof(b)));
    TRY(lseek(q, 0, SEEK_SET));
    TRY(pread(q, b, 10, 0));
    TRY(fchdir(q));
}

int main(int argc, char **argv)
{
    begin(argv);
    mq_unlink(name);
    names();
    struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 32};
    mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
    NEED(q != -1);
    order(q);
    notified(q);
    polled(q);
    between_processes(q);
    as_file(q);
    TRY(mq_unlink(name));
    return 0;
}
