// SPDX-License-Identifier: MIT
//
// Prototypes of all system call bodies, made from table.def. A body returns its result or a negative errno; a wait that
// was interrupted returns -EINTR, and kernel/signal/restart.c knows which calls Linux restarts then.
#pragma once

#include "kernel/syscall/kinds.h"

#define SYS0(nr, n) long sys_##n(void);
#define SYS1(nr, n, k1, a1) long sys_##n(TYPE_##k1 a1);
#define SYS2(nr, n, k1, a1, k2, a2) long sys_##n(TYPE_##k1 a1, TYPE_##k2 a2);
#define SYS3(nr, n, k1, a1, k2, a2, k3, a3) long sys_##n(TYPE_##k1 a1, TYPE_##k2 a2, TYPE_##k3 a3);
#define SYS4(nr, n, k1, a1, k2, a2, k3, a3, k4, a4)                                                          \
    long sys_##n(TYPE_##k1 a1, TYPE_##k2 a2, TYPE_##k3 a3, TYPE_##k4 a4);
#define SYS5(nr, n, k1, a1, k2, a2, k3, a3, k4, a4, k5, a5)                                                  \
    long sys_##n(TYPE_##k1 a1, TYPE_##k2 a2, TYPE_##k3 a3, TYPE_##k4 a4, TYPE_##k5 a5);
#define SYS6(nr, n, k1, a1, k2, a2, k3, a3, k4, a4, k5, a5, k6, a6)                                          \
    long sys_##n(TYPE_##k1 a1, TYPE_##k2 a2, TYPE_##k3 a3, TYPE_##k4 a4, TYPE_##k5 a5, TYPE_##k6 a6);
#define ABSENT(nr, n, reason)
#include "kernel/syscall/table.def"
#include "kernel/syscall/undef.h"
