// SPDX-License-Identifier: MIT
//
// An epoll of the host, which finds the edges of its sockets for one of ours. What it says is a hint to look, as with poll.
//
// What a hostile host can try here, and the answer:
// - tell of a descriptor that it was not asked about: nobody looks for it.
// - tell of more than was asked for: stops the enclave.
// - tell of edges that were none, or keep them: the program tries in vain, or waits; the network could do that, too.
#pragma once

#include <stdint.h>

struct host_edge {
    int host_fd;
    uint32_t events; // EPOLL*: all that stand
};

int epoll_host_new(void); // descriptor or -errno
void epoll_host_close(int epoll);
// EPOLL_CTL_* for edges of these events.
int epoll_host_change(int epoll, int operation, int host_fd, uint32_t events);
// Takes up to `most` edges, without waiting. How many.
unsigned epoll_host_take(int epoll, struct host_edge *ret, unsigned most);
