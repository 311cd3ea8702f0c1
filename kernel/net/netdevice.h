// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

// The requests of man 7 netdevice that ask, on a socket of this domain. -ENOTTY: it is none of them.
long netdevice_ioctl(int domain, unsigned long request, uint64_t argument);
