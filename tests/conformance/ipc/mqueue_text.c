// SPDX-License-Identifier: MIT
//
// What read() of a message queue's descriptor gives: mq_overview(7). Priorities, and the notification that goes with the first message.
// link: -lrt
// needs: root
#include "conform.h"
#include <mqueue.h>
#include <sys/mman.h>
#include <time.h>

static mqd_t q;

static void show(const char *what)
{
    char text[200] = "";
    lseek(q, 0, SEEK_SET);
    ssize_t n = read(q, text, sizeof(text) - 1);
    printf("%s: %zd ", what, n);
    char *pid = strstr(text, "NOTIFY_PID:");
    bool somebody = pid && atoi(pid + strlen("NOTIFY_PID:"));
    if (pid)
        strcpy(pid, somebody ? "somebody" : "nobody");
    printf("%s\n", text);
}

// It is a file like others, to whoever asks.
static void attributes(void)
{
    struct stat st;
    char path[40], name[64];
    TRY(fstat(q, &st));
    IS(st.st_size == 80 && st.st_nlink == 1 && st.st_uid == geteuid() && st.st_gid == getegid() && st.st_mtime > 0);
    TRY(fchmod(q, 0640));
    TRY(fchown(q, 1, 2));
    TRY(fstat(q, &st));
    printf("mode %o of %d and %d\n", st.st_mode, st.st_uid, st.st_gid);
    TRY(fchown(q, 0, 0));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", q);
    ssize_t n = readlink(path, name, sizeof(name));
    printf("%.*s\n", (int)n, name);
    mqd_t again = open(path, O_RDONLY | O_NONBLOCK);
    IS(again >= 0);
    TRY(mq_receive(again, name, sizeof(name), NULL));
    TRY(mq_send(again, "x", 1, 0));
    close(again);
    TRY((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, q, 0));
}

int main(int argc, char **argv)
{
    begin(argv);
    struct mq_attr attr = {.mq_maxmsg = 5, .mq_msgsize = 100};
    mq_unlink("/conformance-text");
    q = mq_open("/conformance-text", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
    NEED(q >= 0);
    struct stat st;
    TRY(fstat(q, &st));
    printf("mode %o\n", st.st_mode);
    show("empty");
    attributes();
    char c[10];
    TRY(read(q, c, 10));
    TRY(pread(q, c, 5, 3));
    TRY(write(q, "x", 1));
    TRY(mq_send(q, "hello", 5, 3));
    TRY(mq_send(q, "you", 3, 7));
    show("two");
    struct sigevent none = {.sigev_notify = SIGEV_NONE}, event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    TRY(mq_notify(q, &none));
    show("to nobody");
    TRY(mq_notify(q, &event));
    TRY(mq_notify(q, NULL));
    TRY(mq_notify(q, &event));
    signal(SIGUSR1, SIG_IGN);
    char message[100];
    unsigned priority;
    TRY(mq_receive(q, message, 100, &priority));
    printf("%.3s %u\n", message, priority);
    TRY(mq_receive(q, message, 99, &priority));
    TRY(mq_receive(q, message, 100, &priority));
    TRY(mq_receive(q, message, 100, &priority));
    TRY(mq_send(q, "a", 1, 0));
    show("told");
    TRY(mq_send(q, message, 101, 0));
    TRY(mq_send(q, message, 1, 40000));
    struct timespec past = {1, 0}, bad = {1, -1};
    for (int i = 1; i < 5; i++)
        NEED(!mq_send(q, "b", 1, 0));
    TRY(mq_timedsend(q, "c", 1, 0, &past));
    attr.mq_flags = 0;
    TRY(mq_setattr(q, &attr, NULL));
    TRY(mq_timedsend(q, "c", 1, 0, &past));
    TRY(mq_timedsend(q, "c", 1, 0, &bad));
    show("full");
    TRY(mq_unlink("/conformance-text"));
    TRY(fstat(q, &st));
    IS(st.st_nlink == 0);
    TRY(mq_unlink("/conformance-text"));
    return 0;
}
