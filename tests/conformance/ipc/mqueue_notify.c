// SPDX-License-Identifier: MIT
//
// Who is told of a message: threads (SIGEV_THREAD), receivers that wait, descriptors that are closed, limits.
// link: -lrt
// needs: root
#include "asleep.h"
#include "conform.h"
#include "thread/start.h"
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

struct netlink_address { // sockaddr_nl of <linux/netlink.h>
    unsigned short family, padding;
    unsigned port, groups;
};
static const char name[] = "/conformance-notify";
static sem_t told, started;
static volatile int value;
static mqd_t q;

static void in_thread(union sigval v)
{
    value = v.sival_int;
    sem_post(&told);
}

static void get(mqd_t from)
{
    char text[32];
    unsigned priority = 0;
    ssize_t n = mq_receive(from, text, sizeof(text), &priority);
    printf("received %.*s of %u\n", (int)(n < 0 ? 0 : n), text, priority);
}

static const char *notification(void)
{
    static char text[200];
    memset(text, 0, sizeof(text));
    NEED(pread(q, text, sizeof(text) - 1, 0) > 0);
    char *pid = strstr(text, "NOTIFY_PID:");
    NEED(pid);
    strcpy(pid, atoi(pid + strlen("NOTIFY_PID:")) ? "somebody" : "nobody");
    return text;
}

static bool is_told(void)
{
    struct timespec soon = in_ms(CLOCK_REALTIME, 60000);
    while (sem_timedwait(&told, &soon))
        if (errno != EINTR)
            return false;
    return true;
}

static void threads(void)
{
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread, .sigev_value.sival_int = 42};
    for (int i = 0; i < 3; i++) {
        value = 0;
        TRY(mq_notify(q, &e));
        TRY(mq_notify(q, &e));
        puts(notification());
        TRY(mq_send(q, "hello", 5, i));
        IS(is_told() && value == 42);
        puts(notification());
        TRY(mq_send(q, "second", 6, i));
        get(q);
        get(q);
    }
    TRY(mq_notify(q, &e));
    TRY(mq_notify(q, NULL));
    TRY(mq_send(q, "nobody is told", 14, 0));
    get(q);
    IS(sem_trywait(&told) == -1 && errno == EAGAIN);
    TRY(mq_notify(77, &e));
    TRY(mq_notify(0, &e));
}

static void show_cookie(int s)
{
    char got[64];
    struct netlink_address from = {0};
    socklen_t size = sizeof(from);
    struct pollfd p = {.fd = s, .events = POLLIN};
    TRY(poll(&p, 1, 0));
    ssize_t n = recvfrom(s, got, sizeof(got), MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (n < 0)
        printf("no cookie: %s\n", errno_name(errno));
    else
        printf("%zd bytes %.5s, at the end %d, from %u of family %d, %u\n", n, got, got[n - 1], from.port, from.family, size);
}

// What C libraries do for SIGEV_THREAD.
static void sockets(void)
{
    char cookie[32] = "mark";
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), other = socket(AF_UNIX, SOCK_STREAM, 0);
    NEED(s >= 0 && other >= 0);
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_signo = s, .sigev_value.sival_ptr = cookie};
    TRY(syscall(SYS_mq_notify, q, &e));
    show_cookie(s);
    TRY(mq_send(q, "x", 1, 0));
    show_cookie(s);
    show_cookie(s);
    get(q);
    TRY(syscall(SYS_mq_notify, q, &e));
    TRY(syscall(SYS_mq_notify, q, &e));
    TRY(syscall(SYS_mq_notify, q, NULL));
    show_cookie(s);
    TRY(syscall(SYS_mq_notify, q, &e));
    TRY(close(dup(q)));
    show_cookie(s);
    puts(notification());
    e.sigev_signo = other;
    TRY(syscall(SYS_mq_notify, q, &e));
    e.sigev_signo = q;
    TRY(syscall(SYS_mq_notify, q, &e));
    e.sigev_signo = 88;
    TRY(syscall(SYS_mq_notify, q, &e));
    e.sigev_value.sival_ptr = (void *)8;
    TRY(syscall(SYS_mq_notify, q, &e));
    e = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_signo = s, .sigev_value.sival_ptr = cookie};
    TRY(syscall(SYS_mq_notify, 0, &e));
    e.sigev_notify = 7;
    TRY(syscall(SYS_mq_notify, q, &e));
    e.sigev_notify = SIGEV_THREAD;
    TRY(syscall(SYS_mq_notify, q, &e));
    close(s); // it is told where nobody reads any more
    TRY(mq_send(q, "x", 1, 0));
    get(q);
    puts(notification());
    close(other);
}

static char heard[32];

static void *receiver(void *unused)
{
    sem_post(&started);
    memset(heard, 0, sizeof(heard));
    mq_receive(q, heard, sizeof(heard), NULL);
    sem_post(&told);
    return NULL;
}

// The first message is the receiver's, whether it has run since or not; the second is news.
static void receivers_first(void)
{
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 9};
    sigset_t set;
    siginfo_t info;
    struct timespec none = {0, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    NEED(!pthread_sigmask(SIG_BLOCK, &set, NULL));
    pthread_t t = start(receiver, NULL);
    sem_wait(&started);
    until_others_sleep();
    TRY(mq_notify(q, &e));
    TRY(mq_send(q, "one", 3, 0));
    is_told();
    IS(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN);
    puts(heard);
    puts(notification());
    pthread_join(t, NULL);
    t = start(receiver, NULL);
    sem_wait(&started);
    until_others_sleep();
    TRY(mq_send(q, "two", 3, 0));
    TRY(mq_send(q, "three", 5, 9));
    IS(sigtimedwait(&set, &info, &none) == SIGUSR1);
    IS(info.si_code == SI_MESGQ && info.si_pid == getpid() && info.si_uid == getuid() && info.si_value.sival_int == 9);
    is_told();
    puts(heard);
    pthread_join(t, NULL);
    get(q);
}

static void *sender(void *text)
{
    sem_post(&started);
    if (mq_send(q, text, strlen(text), 1))
        puts("could not send");
    return NULL;
}

// Who waits for room comes before who sends later.
static void senders_in_line(void)
{
    for (int i = 0; i < 2; i++)
        NEED(!mq_send(q, i ? "2" : "1", 1, 1));
    pthread_t first = start(sender, "first");
    sem_wait(&started);
    until_others_sleep();
    pthread_t second = start(sender, "second");
    sem_wait(&started);
    until_others_sleep();
    get(q);
    struct timespec now = {0, 0};
    TRY(mq_timedsend(q, "late", 4, 9, &now));
    for (int i = 0; i < 3; i++)
        get(q);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
}

static void children(void)
{
    struct sigevent e = {.sigev_notify = SIGEV_NONE};
    int status = -1;
    pid_t child = fork();
    if (!child)
        _exit(mq_notify(q, &e) ? 1 : 0);
    waitpid(child, &status, 0);
    IS(status == 0);
    puts(notification()); // it has ended
    TRY(mq_notify(q, &e));
    child = fork();
    if (!child) {
        bool busy = mq_notify(q, &e) == -1 && errno == EBUSY, no_matter = !mq_notify(q, NULL);
        mq_close(q);
        _exit(busy && no_matter ? 0 : 1);
    }
    waitpid(child, &status, 0);
    IS(status == 0);
    puts(notification());
    TRY(mq_notify(q, NULL));
    puts(notification());
}

static void limits(void)
{
    struct rlimit was, l;
    TRY(getrlimit(RLIMIT_MSGQUEUE, &was));
    printf("soft %lu\n", (unsigned long)was.rlim_cur);
    IS(fcntl(q, F_GETFD) == FD_CLOEXEC);
    struct mq_attr a;
    l = (struct rlimit){1000, was.rlim_max};
    TRY(setrlimit(RLIMIT_MSGQUEUE, &l));
    TRY(mq_open("/conformance-large", O_CREAT | O_RDWR, 0600, NULL));
    setrlimit(RLIMIT_MSGQUEUE, &was);
    a = (struct mq_attr){.mq_maxmsg = 65537, .mq_msgsize = 1};
    TRY(mq_open("/conformance-large", O_CREAT | O_RDWR, 0600, &a));
    a = (struct mq_attr){.mq_maxmsg = 1, .mq_msgsize = (16 << 20) + 1};
    TRY(mq_open("/conformance-large", O_CREAT | O_RDWR, 0600, &a));
    show_file("/proc/sys/fs/mqueue/msg_max");
    show_file("/proc/sys/fs/mqueue/queues_max");
    pid_t child = fork();
    if (!child) {
        NEED(!setuid(1000));
        a = (struct mq_attr){.mq_maxmsg = 11, .mq_msgsize = 16};
        TRY(mq_open("/conformance-mine", O_CREAT | O_RDWR, 0600, &a));
        TRY(mq_open(name, O_RDONLY));
        TRY(mq_unlink(name));
        // Each costs its bytes and 96 more: nine of these fit, and what is unlinked and closed is free again.
        a = (struct mq_attr){.mq_maxmsg = 10, .mq_msgsize = 8192};
        int made = 0;
        char path[32];
        mqd_t d;
        do {
            snprintf(path, sizeof(path), "/conformance-%d", made);
            d = mq_open(path, O_CREAT | O_EXCL | O_RDWR, 0600, &a);
        } while (d != -1 && ++made);
        printf("%d queues, then %s\n", made, errno_name(errno));
        while (made--) {
            snprintf(path, sizeof(path), "/conformance-%d", made);
            NEED(!mq_unlink(path));
        }
        TRY(mq_open("/conformance-mine", O_CREAT | O_RDWR, 0600, NULL));
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    IS(status == 0);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct mq_attr a = {.mq_maxmsg = 2, .mq_msgsize = 32};
    mq_unlink(name);
    q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &a);
    NEED(q != -1);
    sem_init(&told, 0, 0);
    sem_init(&started, 0, 0);
    sockets();
    receivers_first();
    senders_in_line();
    children();
    limits();
    threads();
    TRY(mq_unlink(name));
    return 0;
}
