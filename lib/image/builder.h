// SPDX-License-Identifier: MIT
//
// From a cpio archive to the index of abi/image.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Parses the archive and makes its index (malloc; the caller frees). The same archive gives the same bytes.
// Missing parent directories are made; of entries with one name the last wins. 0, -EINVAL with a reason, -ENOMEM.
int index_build(const uint8_t *archive, size_t size, uint8_t **ret_index, size_t *ret_size, const char **reason);
