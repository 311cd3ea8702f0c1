// SPDX-License-Identifier: MIT
//
// Leases of files (fcntl(2), "Leases"): who has one learns by signal that somebody else wants to open the file, before he may.
#pragma once

#include <stdbool.h>

struct file;
struct node;

// F_SETLEASE: F_RDLCK, F_WRLCK or F_UNLCK. fd is what signals name. 0, -EAGAIN (others have the file open; or there is no lease to give
// up), -EINVAL, -EACCES, -ENOMEM.
long lease_set(struct file *f, int fd, unsigned long type);
// F_GETLEASE: what f has, or what it is to become when somebody waits for that.
long lease_get(const struct file *f);
// Before n is opened, or for writing changed: waits until no lease is in the way. 0, -EINTR; -EAGAIN when it would wait and must not.
int lease_break(struct node *n, bool write, bool wait);
// The last reference of an open file goes.
void lease_released(const struct file *f);
