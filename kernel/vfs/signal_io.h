// SPDX-License-Identifier: MIT
//
// Signal-driven I/O: fcntl(2), "Managing signals". A thread of the kernel waits where poll(2) would and sends the signals, so that
// nobody who reads or writes has to look whether somebody wants one. Several changes at once may give one signal, as signals do.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file;

// F_SETOWN, F_GETOWN, F_SETOWN_EX, F_GETOWN_EX, F_SETSIG, F_GETSIG. 0 or what is asked for; -EINVAL: none of these, or a wrong value.
long signal_io_control(struct file *f, int command, unsigned long argument);
// O_ASYNC: fd is what the signals name. 0, -ENOMEM, -EAGAIN (no thread); -ENOTTY: nothing that changes.
int signal_io_enable(struct file *f, int fd, bool on);
// For leases: the current process is told of it, if nobody else is to be; fd is what signals name. 0 or -ENOMEM.
int signal_io_own(struct file *f, int fd);
void signal_io_tell_lease(struct file *f);
// The file is about to be released.
void signal_io_end(struct file *f);
