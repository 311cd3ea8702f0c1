// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

struct file;
struct interval_setting;

// flags: O_NONBLOCK. -EINVAL: a clock that timers cannot stand on. The caller owns the file.
int timerfd_new(int clock, int flags, struct file **ret);
// -EINVAL: not one of these.
int timerfd_set(struct file *f, bool absolute, const struct interval_setting *setting,
                struct interval_setting *ret_old);
int timerfd_get(struct file *f, struct interval_setting *ret_setting);
