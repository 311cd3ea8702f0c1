// SPDX-License-Identifier: MIT
//
// AF_NETLINK (man 7 netlink): sockets on which the kernel tells of the network (NETLINK_ROUTE) and message queues tell threads that
// something came (mq_notify(3)).
#pragma once

#include "kernel/net/socket.h"

struct file;
struct netlink_socket;
struct nlmsghdr;

struct netlink_packet {
    struct netlink_packet *next;
    uint32_t sender; // port, 0: the kernel
    size_t size;
    uint8_t data[];
};

int netlink_socket_new(int type, int protocol, struct socket **ret);

// For those who keep a socket whatever becomes of its descriptors.
struct netlink_socket *netlink_get(struct socket *s); // with a reference; NULL: it is of another family
void netlink_put(struct netlink_socket *n);
struct netlink_packet *netlink_packet_new(const void *data, size_t size); // NULL: no memory; data NULL: filled in later
bool netlink_is_full(const struct netlink_socket *n); // holds as much as SO_RCVBUF says: nothing more is to be sent to it
void netlink_overrun(struct netlink_socket *n);              // so something was dropped: the next call says ENOBUFS
// Takes the packet over. Who has closed the socket does not get it.
void netlink_deliver(struct netlink_socket *n, struct netlink_packet *p);

// route.c: a datagram for the kernel. What it answers is delivered to the sender, whose port is `port`.
void route_request(struct netlink_socket *n, uint32_t port, bool short_acks, const uint8_t *bytes, size_t size);
