// SPDX-License-Identifier: MIT
//
// Ancillary data of messages (man 3 cmsg): descriptors, credentials, and what the network has.
#pragma once

#include <stdint.h>

#include "kernel/net/socket.h"

struct message_header { // struct user_msghdr of Linux
    uint64_t name;
    int32_t name_size, padding;
    uint64_t vector, vector_count;
    uint64_t control, control_size;
    uint32_t flags, padding2;
};

// Files with references and credentials from the program's control buffer. -EINVAL, -EBADF, -EPERM, -EFAULT, -ENOMEM.
int control_from_user(const struct socket *s, const struct message_header *h, struct socket_message *m);
// Installs the files and writes the control buffer; sets h->control_size, and MSG_CTRUNC in m->flags when there is too little room.
int control_to_user(struct message_header *h, struct socket_message *m, int flags);
