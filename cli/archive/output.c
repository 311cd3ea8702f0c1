// SPDX-License-Identifier: MIT
#include "cli/archive/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static const char *unfinished; // for the signal handler

static void remove_and_die(int signal_number)
{
    if (unfinished)
        unlink(unfinished);
    signal(signal_number, SIG_DFL); // blocked until this returns
    raise(signal_number);
}

static int fail(const struct output_file *o, int error)
{
    complain("cannot write %s: %s", o->path, strerror(error));
    return -1;
}

static void catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct sigaction ignored;
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (!sigaction(signals[i], NULL, &ignored) && ignored.sa_handler != SIG_IGN)
            signal(signals[i], remove_and_die);
}

int output_open(const char *path, struct output_file *ret)
{
    struct stat st;
    *ret = (struct output_file){.fd = -1, .path = path};
    if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
        complain("cannot write %s: it exists and is not a regular file", path);
        return -1;
    }
    if (snprintf(ret->temporary, sizeof(ret->temporary), "%s.XXXXXX", path) >= (int)sizeof(ret->temporary)) {
        ret->temporary[0] = 0;
        return fail(ret, ENAMETOOLONG);
    }
    ret->fd = mkstemp(ret->temporary);
    if (ret->fd < 0) {
        ret->temporary[0] = 0;
        return fail(ret, errno);
    }
    unfinished = ret->temporary;
    catch_signals();
    return 0;
}

int output_commit(struct output_file *o)
{
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(o->fd, 0666 & ~mask) || rename(o->temporary, o->path)) {
        int error = errno;
        output_discard(o);
        return fail(o, error);
    }
    unfinished = NULL;
    o->temporary[0] = 0;
    int r = close(o->fd);
    o->fd = -1;
    return r ? fail(o, errno) : 0;
}

void output_discard(struct output_file *o)
{
    if (o->temporary[0])
        unlink(o->temporary);
    unfinished = NULL;
    o->temporary[0] = 0;
    if (o->fd >= 0)
        close(o->fd);
    o->fd = -1;
}
