// SPDX-License-Identifier: MIT
#include "host/run.h"

#include "host/linux/linux.h"
#include "host/sgx/sgx.h"

int run(const struct run_options *options)
{
    return options->target == RUN_LINUX ? linux_run(options) : sgx_run(options);
}
