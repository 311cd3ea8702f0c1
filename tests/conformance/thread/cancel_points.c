// SPDX-License-Identifier: MIT
//
// Cancellation points: each once with the cancellation pending before, once while it blocks.
#include "asleep.h"
#include "conform.h"
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

static int pipe_fds[2], full[2], pair[2], listener, queue;
static sem_t sem, started;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_t forever;
static char buffer[65536 * 4];
static const struct timespec long_time = {100, 0};

static struct timespec later(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += 100;
    return t;
}

static void do_read(void) { (void)read(pipe_fds[0], buffer, 1); }
static void do_readv(void) { struct iovec v = {buffer, 1}; (void)readv(pipe_fds[0], &v, 1); }
static void do_write(void) { (void)write(full[1], buffer, sizeof(buffer)); }
static void do_poll(void) { struct pollfd p = {pipe_fds[0], POLLIN, 0}; poll(&p, 1, -1); }
static void do_ppoll(void) { struct pollfd p = {pipe_fds[0], POLLIN, 0}; ppoll(&p, 1, &long_time, NULL); }
static void do_select(void) { fd_set s; FD_ZERO(&s); FD_SET(pipe_fds[0], &s); select(pipe_fds[0] + 1, &s, NULL, NULL, NULL); }
static void do_recv(void) { recv(pair[0], buffer, 1, 0); }
static void do_recvfrom(void) { recvfrom(pair[0], buffer, 1, 0, NULL, NULL); }
static void do_recvmsg(void) { struct iovec v = {buffer, 1}; struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1}; recvmsg(pair[0], &m, 0); }
static void do_accept(void) { accept(listener, NULL, NULL); }
static void do_sem_wait(void) { sem_wait(&sem); }
static void do_sem_timedwait(void) { struct timespec t = later(); sem_timedwait(&sem, &t); }
static void do_join(void) { pthread_join(forever, NULL); }
static void do_nanosleep(void) { nanosleep(&long_time, NULL); }
static void do_clock_nanosleep(void) { clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL); }
static void do_usleep(void) { usleep(900000); usleep(900000); usleep(900000); usleep(900000); }
static void do_pause(void) { pause(); }
static void do_sigsuspend(void) { sigset_t s; sigemptyset(&s); sigsuspend(&s); }
static void do_sigwait(void) { sigset_t s; int n; sigemptyset(&s); sigaddset(&s, SIGUSR2); sigwait(&s, &n); }
static void do_sigtimedwait(void) { sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR2); sigtimedwait(&s, NULL, &long_time); }
static void do_msgrcv(void) { msgrcv(queue, buffer, 10, 0, 0); }
static void do_waitpid(void) { waitpid(-1, NULL, 0); }

static void unlock(void *m)
{
    pthread_mutex_unlock(m);
}

static void close_file(void *fd)
{
    close((int)(intptr_t)fd);
}

static void do_cond_wait(void)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_wait(&cond, &mutex);
    pthread_cleanup_pop(1);
}
static void do_cond_timedwait(void)
{
    struct timespec t = later();
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_timedwait(&cond, &mutex, &t);
    pthread_cleanup_pop(1);
}
static void do_lock(void)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int fd = open("locked", O_RDWR);
    pthread_cleanup_push(close_file, (void *)(intptr_t)fd);
    fcntl(fd, F_SETLKW, &l);
    pthread_cleanup_pop(1);
}

static const struct point {
    const char *name;
    void (*call)(void);
} points[] = {
#define POINT(f) {#f, do_##f}
    POINT(read), POINT(readv), POINT(write), POINT(poll), POINT(ppoll), POINT(select), POINT(recv), POINT(recvfrom), POINT(recvmsg),
    POINT(accept), POINT(sem_wait), POINT(sem_timedwait), POINT(join), POINT(nanosleep), POINT(clock_nanosleep), POINT(usleep),
    POINT(pause), POINT(sigsuspend), POINT(sigwait), POINT(sigtimedwait), POINT(msgrcv), POINT(waitpid), POINT(cond_wait),
    POINT(cond_timedwait), POINT(lock),
};

static int cleaned;

static void cleanup(void *unused)
{
    cleaned++;
}

static void *blocks(void *p)
{
    const struct point *point = p;
    pthread_cleanup_push(cleanup, NULL);
    sem_post(&started);
    point->call();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *pending(void *p)
{
    const struct point *point = p;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_cancel(pthread_self());
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_cleanup_push(cleanup, NULL);
    point->call();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *lasts(void *unused)
{
    for (;;)
        pause();
}

static void wait_started(void)
{
    while (sem_wait(&started))
        ;
}

int main(int argc, char **argv)
{
    begin(argv);
    NEED(!pipe(pipe_fds) && !pipe(full) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    NEED(!bind(listener, &(struct sockaddr){.sa_family = AF_UNIX}, sizeof(sa_family_t)) && !listen(listener, 5));
    queue = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);
    NEED(queue >= 0 && !sem_init(&sem, 0, 0) && !sem_init(&started, 0, 0));
    NEED(!pthread_create(&forever, NULL, lasts, NULL));
    write_file("locked", "x");
    int locked = open("locked", O_RDWR);
    pid_t child = fork();
    if (!child) {
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
        NEED(!fcntl(open("locked", O_RDWR), F_SETLK, &l));
        for (;;)
            pause();
    }
    for (struct flock l = {.l_type = F_UNLCK}; l.l_type == F_UNLCK; usleep(1000)) { // until the child has it
        l = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
        NEED(!fcntl(locked, F_GETLK, &l));
    }
    for (unsigned i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        pthread_t t;
        void *r1 = NULL, *r2 = NULL;
        cleaned = 0;
        NEED(!pthread_create(&t, NULL, pending, (void *)&points[i]) && !pthread_join(t, &r1));
        NEED(!pthread_create(&t, NULL, blocks, (void *)&points[i]));
        wait_started();
        until_others_sleep();
        NEED(!pthread_cancel(t) && !pthread_join(t, &r2));
        printf("%s: %s, %s, cleaned %d\n", points[i].name, r1 == PTHREAD_CANCELED ? "canceled" : "returned",
               r2 == PTHREAD_CANCELED ? "canceled" : "returned", cleaned);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    msgctl(queue, IPC_RMID, NULL);
    return 0;
}
