// SPDX-License-Identifier: MIT
//
// bin/myst runs the linux target itself; nothing of SGX is linked in, and so no libcrypto.
#include "cli/exec.h"
#include "host/linux/linux.h"

bool exec_holds(int target)
{
    return target == RUN_LINUX;
}

void exec_begin(void)
{
}

int exec_run(const struct run_options *options)
{
    return linux_run(options);
}
