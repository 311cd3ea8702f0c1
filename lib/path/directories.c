// SPDX-License-Identifier: MIT
#include "lib/path/directories.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int directories_make(const char *path, mode_t mode)
{
    char partial[PATH_MAX];
    const size_t length = strlen(path);
    if (length >= sizeof(partial))
        return -ENAMETOOLONG;
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        memcpy(partial, path, i);
        partial[i] = 0;
        if (mkdir(partial, mode) < 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}
