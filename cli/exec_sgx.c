// SPDX-License-Identifier: MIT
//
// lib/mystikos/myst-sgx runs every target.
#include "cli/exec.h"

bool exec_holds(int target)
{
    return true;
}

int exec_run(const struct run_options *options)
{
    return run(options);
}
