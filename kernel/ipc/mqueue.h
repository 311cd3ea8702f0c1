// SPDX-License-Identifier: MIT
//
// POSIX message queues (mq_overview(7)): named queues of the enclave, each descriptor a file. Buffers are kernel
// memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <linux/mqueue.h>

struct file;
struct netlink_packet;
struct netlink_socket;

// attributes: NULL for the defaults; used only when the queue is made. The caller owns the file.
int mqueue_open(const char *name, int flags, unsigned mode, const struct mq_attr *attributes, struct file **ret);
int mqueue_unlink(const char *name);

// -EBADF: no queue, or not open for this. deadline_ns: CLOCK_MONOTONIC, UINT64_MAX: none. 0 or -errno.
int mqueue_send(struct file *f, const void *message, size_t size, unsigned priority, uint64_t deadline_ns);
// The most that a message of this queue has, or -errno: what a receiver must have room for.
long mqueue_message_size(struct file *f);
long mqueue_receive(struct file *f, void *to, size_t size, unsigned *ret_priority, uint64_t deadline_ns);

struct mqueue_event {
    int how;    // SIGEV_*
    int signal; // 0: nobody is told, but the place is taken
    uint64_t value;
    struct netlink_socket *socket; // SIGEV_THREAD: where the cookie goes, its last byte NOTIFY_*
    struct netlink_packet *cookie;
};
// NULL: no longer. On success takes over socket and cookie.
int mqueue_notify(struct file *f, const struct mqueue_event *event);
// new: NULL only asks. Only O_NONBLOCK can be changed.
int mqueue_attributes(struct file *f, const struct mq_attr *new, struct mq_attr *ret_old);
