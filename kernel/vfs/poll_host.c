// SPDX-License-Identifier: MIT
#include "kernel/vfs/poll_host.h"

#include <asm/unistd.h>
#include <linux/poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/mm/heap.h"
#include "kernel/sync/sync.h"
#include "kernel/vfs/poll.h"

enum {
    FIRST_ROOM = 16,
    ASKED = POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDNORM | POLLWRNORM,
};

struct host_set {
    unsigned count, room;
    unsigned next; // where the file that is looked at next probably stands
    struct pollfd files[];
};

static struct waitq changed;

// The host's events that somebody waits for who asked for these (0: for all).
static unsigned host_events_of(uint32_t asked_for)
{
    if (!asked_for)
        return POLLIN | POLLOUT | POLLPRI | POLLRDHUP;
    return (asked_for & (POLLIN | POLLRDNORM) ? POLLIN : 0u) | (asked_for & (POLLOUT | POLLWRNORM) ? POLLOUT : 0u) |
           (asked_for & (POLLPRI | POLLRDHUP));
}

static bool find(struct host_set *s, int host_fd, unsigned *ret_events)
{
    for (unsigned i = 0; s && i < s->count; i++) {
        unsigned at = (s->next + i) % s->count;
        if (s->files[at].fd != host_fd)
            continue;
        s->next = at + 1;
        *ret_events = (unsigned short)s->files[at].revents;
        return true;
    }
    return false;
}

static bool make_room(struct poll_table *table)
{
    struct host_set *s = table->host;
    if (s && s->count < s->room)
        return true;
    unsigned room = s ? 2 * s->room : FIRST_ROOM;
    if (room * sizeof(struct pollfd) > host_bounce_size())
        return false;
    struct host_set *larger = krealloc(s, sizeof(*s) + room * sizeof(struct pollfd));
    if (!larger)
        return false;
    if (!s)
        larger->count = larger->next = 0;
    larger->room = room;
    table->host = larger;
    return true;
}

static void wait_for(struct poll_table *table, int host_fd, unsigned events)
{
    if (!make_room(table)) {
        table->unwatched = true;
        return;
    }
    struct host_set *s = table->host;
    if (!s->count)
        poll_wait_for(table, &changed, 0); // announces nothing, but that the wait has to begin anew
    s->files[s->count++] = (struct pollfd){.fd = host_fd, .events = (short)events};
}

unsigned poll_host(struct poll_table *table, int host_fd, unsigned (*look)(int host_fd))
{
    unsigned now;
    if (!table)
        return look(host_fd);
    if (!find(table->known, host_fd, &now))
        now = look(host_fd);
    if (table->waiters)
        wait_for(table, host_fd, host_events_of(table->asked_for) & ~now);
    return now;
}

bool poll_host_epoll(struct poll_table *table, int host_fd)
{
    unsigned now = POLLIN;
    if (table && table->waiters) {
        (void)find(table->known, host_fd, &now);
        wait_for(table, host_fd, POLLIN);
    }
    return now & POLLIN;
}

void poll_host_changed(void)
{
    (void)waitq_wake(&changed, UINT32_MAX);
}

void host_set_ask(struct host_set *s)
{
    if (!s || !s->count)
        return;
    for (unsigned i = 0; i < s->count; i++) {
        const struct pollfd p = {.fd = s->files[i].fd, .events = ASKED};
        host_write(host_bounce() + i * sizeof(p), &p, sizeof(p));
    }
    long r = host_syscall_now(__NR_poll, host_bounce(), s->count, 0, 0, 0, 0);
    for (unsigned i = 0; i < s->count; i++) {
        struct pollfd p;
        host_read(&p, host_bounce() + i * sizeof(p), sizeof(p));
        s->files[i].revents = (short)((unsigned short)p.revents & (ASKED | POLLERR | POLLHUP));
    }
    s->next = 0;
    if (r < 0)
        s->count = 0; // each will be asked about by itself
}

void host_set_clear(struct host_set *s)
{
    if (s)
        s->count = s->next = 0;
}

unsigned host_set_files(const struct host_set *s, const struct pollfd **ret_files)
{
    *ret_files = s ? s->files : NULL;
    return s ? s->count : 0;
}

void host_set_free(struct host_set *s)
{
    kfree(s);
}
