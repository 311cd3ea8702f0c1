// SPDX-License-Identifier: MIT
//
// What the system calls itself: uname(2), sethostname(2), setdomainname(2), /proc.
#pragma once

#include <stddef.h>

#define UTS_RELEASE "5.15.0-mystikos" // the Linux whose behaviour is followed
#define UTS_VERSION "#1 SMP"
#define UTS_NAME_SIZE 65u

enum uts_name { UTS_HOST, UTS_DOMAIN };

void uts_get(enum uts_name which, char to[UTS_NAME_SIZE]);
// Until the enclave ends; size < UTS_NAME_SIZE.
void uts_set(enum uts_name which, const char *name, size_t size);
