// SPDX-License-Identifier: MIT
#pragma once

#include "host/device/device.h"
#include "host/loader/kernel_image.h"
#include "host/run.h"

// Creates, fills and initialises the enclave on a device. 0, or negative errno after one line on stderr.
int sgx_build(const struct device_ops *device, const struct kernel_image *image, const struct run_options *options,
              struct enclave **ret_enclave);
