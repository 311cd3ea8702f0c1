// SPDX-License-Identifier: MIT
//
// Constants of sockets that the UAPI headers leave to C libraries (man 2 socket, recv, send).
#pragma once

#include <asm/socket.h>

enum {
    SOCK_STREAM = 1,
    SOCK_DGRAM = 2,
    SOCK_RAW = 3,
    SOCK_SEQPACKET = 5,
    SOCK_TYPE_MASK = 0xf,

    AF_UNSPEC = 0,
    AF_UNIX = 1,
    AF_INET = 2,
    AF_INET6 = 10,
    AF_NETLINK = 16,

    SOL_NETLINK = 270,

    MSG_PEEK = 0x2,
    MSG_CTRUNC = 0x8,
    MSG_TRUNC = 0x20,
    MSG_DONTWAIT = 0x40,
    MSG_EOR = 0x80,
    MSG_WAITALL = 0x100,
    MSG_ERRQUEUE = 0x2000,
    MSG_NOSIGNAL = 0x4000,
    MSG_WAITFORONE = 0x10000,
    MSG_CMSG_CLOEXEC = 0x40000000,
    MSG_OOB = 0x1,

    SCM_RIGHTS = 1,
    SCM_CREDENTIALS = 2,

    SHUTDOWN_READ = 0,
    SHUTDOWN_WRITE = 1,
    SHUTDOWN_BOTH = 2,
};
