// SPDX-License-Identifier: MIT
#pragma once

// Prints what a real platform has and lacks, one finding a line with what to do. True when all of it is
// there.
#include <stdbool.h>
bool doctor_print(void);

struct emu_platform;
// Serves both until a signal ends it (status 0). Either may be NULL. `pccs` is HOST:PORT; port 0: any.
int platform_serve(struct emu_platform *platform, const char *aesm, const char *pccs);
