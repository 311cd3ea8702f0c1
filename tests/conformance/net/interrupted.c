// SPDX-License-Identifier: MIT
//
// Calls of sockets that do not wait are not ended by signals, however many come.
#include "conform.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

enum { ROUNDS = 3000, SIGNALS = 20 };

static pthread_t caller;
static volatile bool done;
static volatile unsigned long signals;

static void count(int sig)
{
    signals++;
}

static void *storm(void *unused)
{
    for (; !done; usleep(20))
        pthread_kill(caller, SIGUSR1);
    return NULL;
}

static unsigned ended(long result)
{
    return result < 0 && errno == EINTR;
}

static unsigned round_of_calls(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(a);
    int one = 1;
    char byte;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    unsigned n = ended(fd);
    if (fd < 0)
        return n;
    n += ended(bind(fd, (struct sockaddr *)&a, sizeof(a)));
    n += ended(getsockname(fd, (struct sockaddr *)&a, &size));
    n += ended(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
    size = sizeof(one);
    n += ended(getsockopt(fd, SOL_SOCKET, SO_TYPE, &one, &size));
    n += ended(connect(fd, (struct sockaddr *)&a, sizeof(a)));
    n += ended(send(fd, "x", 1, 0));
    n += ended(recv(fd, &byte, 1, 0));
    n += ended(recv(fd, &byte, 1, 0));
    close(fd);
    return n;
}

int main(int argc, char **argv)
{
    begin(argv);
    const struct sigaction a = {.sa_handler = count};
    pthread_t thread;
    unsigned interrupted = 0;
    NEED(sigaction(SIGUSR1, &a, NULL) == 0);
    caller = pthread_self();
    NEED(pthread_create(&thread, NULL, storm, NULL) == 0);
    for (int i = 0; i < ROUNDS || signals < SIGNALS; i++)
        interrupted += round_of_calls();
    done = true;
    pthread_join(thread, NULL);
    printf("calls that signals ended: %u, signals: %s\n", interrupted, signals ? "some" : "none");
    return 0;
}
