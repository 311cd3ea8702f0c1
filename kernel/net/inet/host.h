// SPDX-License-Identifier: MIT
//
// Socket calls of the host, with copies both ways and answers checked. All descriptors here are the host's.
#pragma once

#include "kernel/net/socket.h"

int host_socket(int domain, int type, int protocol); // does not block; descriptor or -errno
int host_accept(int fd);
void host_socket_close(int fd);
int host_with_address(uint64_t call, int fd, const struct socket_address *a); // bind, connect
int host_with_number(uint64_t call, int fd, int value);                       // listen, shutdown
int host_name(bool peer, int fd, struct socket_address *ret);
long host_send(int fd, const void *from, size_t size, int flags, const struct socket_address *to);
// Bytes received; datagrams: their whole size, which may be more than there was room for.
long host_receive(int fd, void *to, size_t size, int flags, bool datagram, struct socket_address *ret_from);
// The same with ancillary data (ancillary.c).
long host_send_message(int fd, const void *from, size_t size, int flags, const struct socket_message *m);
long host_receive_message(int fd, void *to, size_t size, int flags, struct socket_message *m);
int host_set_option(int fd, int level, int name, const struct socket_option *value);
int host_get_option(int fd, int level, int name, uint32_t room, struct socket_option *ret);
int host_waiting_bytes(int fd);
unsigned host_events(int fd); // POLL*, now
// Waits for events. 0, -EINTR, -EAGAIN: the deadline came. Gives up the turn.
int host_wait(int fd, unsigned events, uint64_t deadline_ns);
