// SPDX-License-Identifier: MIT
//
// Root filesystem files as the runtime uses them: mapped when sealed (abi/image.h), sealed in memory when plain cpio.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/config.h"
#include "host/run.h"

struct image_file {
    struct run_image run;         // for struct run_options; valid until image_file_close
    struct config_image measured; // for the measured configuration
    void *map;
    size_t map_size;
};

// 0, or negative errno after one line on stderr that names the file.
int image_file_open(const char *path, struct image_file *ret);
void image_file_close(struct image_file *f);
