// SPDX-License-Identifier: MIT
//
// One connection at a time, each with a time limit: the services are for tests and for tools on one machine.
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/attest/address.h"
#include "cli/cli.h"
#include "cli/platform/platform.h"
#include "host/aesm/serve.h"
#include "host/pccs/serve.h"

enum { BACKLOG = 16, TIMEOUT_SECONDS = 5 };

// A socket that a dead service left behind is in the way; any other file is not ours to remove.
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat st;
    if (lstat(address->sun_path, &st) || !S_ISSOCK(st.st_mode))
        return;
    const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof(*address)) &&
        errno == ECONNREFUSED)
        (void)unlink(address->sun_path);
    if (probe >= 0)
        close(probe);
}

static int listen_aesm(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return complain("platform: %s: too long for a socket", path), -1;
    strcpy(address.sun_path, path);
    remove_stale(&address);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof(address)) && !listen(fd, BACKLOG)) {
        printf("aesm %s\n", path);
        return fd;
    }
    complain("platform: %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int bind_to(const struct addrinfo *a)
{
    const int one = 1;
    const int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
        !bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, BACKLOG))
        return fd;
    const int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    char port[16] = "0";
    if (!getsockname(fd, (struct sockaddr *)&address, &length))
        (void)getnameinfo((struct sockaddr *)&address, length, NULL, 0, port, sizeof(port), NI_NUMERICSERV);
    return (unsigned)strtoul(port, NULL, 10);
}

static int listen_pccs(const char *text)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list = NULL;
    char copy[256], *host, *port;
    const int n = snprintf(copy, sizeof(copy), "%s", text);
    if (n < 0 || (size_t)n >= sizeof(copy) || !address_split(copy, &host, &port))
        return complain("platform: '%s' is not HOST:PORT", text), -1;
    const int r = getaddrinfo(host, port, &hints, &list);
    if (r)
        return complain("platform: %s: %s", text, gai_strerror(r)), -1;
    const int fd = bind_to(list);
    freeaddrinfo(list);
    if (fd < 0)
        return complain("platform: %s: %s", text, strerror(errno)), -1;
    const bool brackets = strchr(host, ':');
    printf("pccs http://%s%s%s:%u/sgx/certification/v4/\n", brackets ? "[" : "", host, brackets ? "]" : "", port_of(fd));
    return fd;
}

static void serve_one(int listener, void (*serve)(struct emu_platform *, int), struct emu_platform *platform)
{
    const struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) &&
        !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)))
        serve(platform, fd);
    close(fd);
}

static void loop(struct emu_platform *platform, int aesm, int pccs, int signals)
{
    struct pollfd fds[] = {
        {.fd = signals, .events = POLLIN}, {.fd = aesm, .events = POLLIN}, {.fd = pccs, .events = POLLIN}};
    for (;;) {
        if (poll(fds, sizeof(fds) / sizeof(*fds), -1) < 0 && errno != EINTR)
            return;
        if (fds[0].revents)
            return;
        if (fds[1].revents)
            serve_one(aesm, aesm_serve, platform);
        if (fds[2].revents)
            serve_one(pccs, pccs_serve, platform);
    }
}

int platform_serve(struct emu_platform *platform, const char *aesm, const char *pccs)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    const int signals = signalfd(-1, &set, SFD_CLOEXEC);
    const int aesm_fd = aesm ? listen_aesm(aesm) : -1;
    const int pccs_fd = pccs && (!aesm || aesm_fd >= 0) ? listen_pccs(pccs) : -1;
    const bool ready = signals >= 0 && (!aesm || aesm_fd >= 0) && (!pccs || pccs_fd >= 0);
    if (ready) {
        fflush(stdout); // whoever started it waits for these lines
        loop(platform, aesm_fd, pccs_fd, signals);
    }
    if (aesm_fd >= 0) {
        close(aesm_fd);
        (void)unlink(aesm);
    }
    if (pccs_fd >= 0)
        close(pccs_fd);
    if (signals >= 0)
        close(signals);
    return ready ? 0 : 1;
}
