// SPDX-License-Identifier: MIT
#pragma once

struct file;
// F_GETLK, F_SETLK, F_SETLKW and their F_OFD_ relatives.
long fcntl_lock(struct file *f, int command, unsigned long argument);
