// SPDX-License-Identifier: MIT
//
// The host half of the sgx target.
#pragma once

#include "host/run.h"

int sgx_run(const struct run_options *options);
