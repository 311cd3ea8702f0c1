// SPDX-License-Identifier: MIT
//
// Building the sgx enclave, shared by run and dump.
#pragma once

#include "host/loader/kernel_image.h"
#include "host/run.h"

int layout_pages(const struct kernel_image *image, const void *config, size_t config_size,
                 int (*each)(const struct layout_page *page, void *context), void *context);
