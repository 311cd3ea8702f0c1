// SPDX-License-Identifier: MIT
//
// Argument kinds of table.def. A kind fixes the C type that the raw register is narrowed to (as Linux narrows it: an
// `int` argument is its low 32 bits) and how a trace line shows the value.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/mm/user.h"

// kind, C type
#define TYPE_INT int
#define TYPE_UINT unsigned
#define TYPE_LONG long
#define TYPE_ULONG unsigned long
#define TYPE_ULONGX unsigned long // shown in hexadecimal
#define TYPE_FD int
#define TYPE_DIRFD int // AT_FDCWD by name
#define TYPE_PID int
#define TYPE_SIG int
#define TYPE_CLOCK int
#define TYPE_SIZE size_t
#define TYPE_OFFT long
#define TYPE_FLAGS int // hexadecimal
#define TYPE_MODE unsigned // octal
#define TYPE_UPTR const void USER * // read by the kernel
#define TYPE_UOUT void USER *       // written by the kernel (and perhaps read)
#define TYPE_USTR const char USER * // NUL-terminated
#define TYPE_ADDR uint64_t          // an address that the kernel does not follow itself

enum arg_kind {
    KIND_INT,
    KIND_UINT,
    KIND_LONG,
    KIND_ULONG,
    KIND_ULONGX,
    KIND_FD,
    KIND_DIRFD,
    KIND_PID,
    KIND_SIG,
    KIND_CLOCK,
    KIND_SIZE,
    KIND_OFFT,
    KIND_FLAGS,
    KIND_MODE,
    KIND_UPTR,
    KIND_UOUT,
    KIND_USTR,
    KIND_ADDR,
};
