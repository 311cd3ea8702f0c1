// SPDX-License-Identifier: MIT
//
// AF_INET and AF_INET6: TCP and UDP of the host. The network belongs to the enemy, and so does everything that comes from it.
#pragma once

#include "kernel/net/socket.h"

// -ENOMEM, and as the host's socket(2).
int inet_socket_new(int domain, int type, int protocol, struct socket **ret);
