// SPDX-License-Identifier: MIT
//
// AF_UNIX (man 7 unix), wholly inside the enclave: what goes through never meets the host.
//
// One lock, unix_lock, guards the state of all of them: sockets point at each other, and critical sections are copies.
#pragma once

#include "kernel/net/socket.h"

struct node;

struct unix_packet { // what one send put into a queue
    struct unix_packet *next;
    size_t size, taken; // bytes; of them received
    struct socket_message message;
    bool shows_sender; // the sender has an address
    uint64_t sent_ns;  // when, if the receiver wanted to know then; else 0
    uint8_t data[];
};

struct unix_socket {
    struct socket base;
    uint32_t references; // the file, the peer's pointer, waiting calls
    /* guarded by unix_lock: */
    struct unix_socket *peer;   // counted
    struct socket_peer credentials; // of who made, connected or listens
    struct socket_address name; // as bound
    struct node *node;          // bound to a path: its context is this socket
    struct unix_socket *next_named; // bound to an abstract name
    struct unix_packet *first, *last;
    size_t queued;              // bytes
    unsigned packets;
    bool closed, listening, connected, no_send, no_receive;
    int error;
    unsigned backlog, pending_count;
    struct unix_socket *pending, *next_pending; // connections not accepted yet; counted
    struct waitq readable, room; // what changed: something to receive or accept; something was received
};

extern struct mutex unix_lock;

int unix_socket_new(struct socket **ret); // -ENOMEM
void unix_pair(struct socket *a, struct socket *b);

static inline struct unix_socket *unix_of(struct socket *s)
{
    return (struct unix_socket *)(void *)s;
}

struct unix_socket *unix_get_locked(struct unix_socket *u);
void unix_put(struct unix_socket *u); // without the lock
struct socket_peer unix_own_credentials(void); // of the calling process

// name.c. The socket at an address, with a reference. -ECONNREFUSED, -EPROTOTYPE, and as path walks.
int unix_find(const struct socket_address *a, int type, struct unix_socket **ret);
int unix_bind(struct socket *s, const struct socket_address *a);
void unix_unbind_locked(struct unix_socket *u, struct node **ret_node); // node_put what it gives

// queue.c
long unix_send(struct socket *s, const void *from, size_t size, int flags, struct socket_message *m);
long unix_receive(struct socket *s, void *to, size_t size, int flags, struct socket_message *m);
int unix_waiting(struct socket *s);
bool unix_has_room(const struct unix_socket *from, const struct unix_socket *to, size_t size);
// Takes the queue away; free it without the lock (the files in it may be sockets).
struct unix_packet *unix_take_queue_locked(struct unix_socket *u);
void unix_packets_free(struct unix_packet *p);
