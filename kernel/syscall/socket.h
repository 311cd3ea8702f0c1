// SPDX-License-Identifier: MIT
//
// What the system calls on sockets share.
#pragma once

#include "kernel/mm/user.h"
#include "kernel/net/socket.h"

// The socket at a descriptor, and its file, which is to be put. -EBADF, -ENOTSOCK.
int socket_get(int fd, struct file **ret_file, struct socket **ret);
// -EINVAL, -EFAULT.
int socket_address_from_user(const void USER *from, int size, struct socket_address *ret);
// As much as there is room for; the full size is written back. -EFAULT, -EINVAL.
int socket_address_to_user(const struct socket_address *a, void USER *to, void USER *size_at);
