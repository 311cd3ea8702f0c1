// SPDX-License-Identifier: MIT
//
// The ioctls about settings of terminals, in their two forms (struct termios, struct termios2).
#pragma once

#include <asm/termbits.h>
#include <stdbool.h>
#include <stdint.h>

struct tty;

// Is it one of those that change settings?
bool settings_changes(unsigned long request);
// set: takes over new settings; flush: and forgets what was typed. -ENOIOCTLCMD: another request.
long settings_ioctl(struct tty *t, const struct termios2 *now, void (*set)(struct tty *t, const struct termios2 *s, bool flush),
                    unsigned long request, uint64_t argument);
