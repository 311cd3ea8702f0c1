// SPDX-License-Identifier: MIT
#include "cli/archive/bytecode.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "__pycache__/"

// "a/__pycache__/name.cpython-311.pyc" -> "/a/name.py"
static bool source_path(const char *path, char ret[PATH_MAX])
{
    const char *folder = strstr(path, FOLDER), *name = folder ? folder + strlen(FOLDER) : NULL;
    const char *dot = name ? strchr(name, '.') : NULL;
    size_t length = strlen(path);
    if (!dot || (folder > path && folder[-1] != '/') || strchr(name, '/') || length < 4 || strcmp(path + length - 4, ".pyc"))
        return false;
    int n = snprintf(ret, PATH_MAX, "/%.*s%.*s.py", (int)(folder - path), path, (int)(dot - name), name);
    return n > 0 && n < PATH_MAX;
}

// Header: magic, flags (0: by time), time and size of the source; little-endian words.
static bool read_header(const char *source, uint32_t ret[4])
{
    int fd = open(source, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, ret, 16) == 16;
    if (fd >= 0)
        close(fd);
    return good && ret[1] == 0;
}

void bytecode_times(struct tree *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct node *n = t->nodes[i];
        char path[PATH_MAX];
        uint32_t header[4];
        if (!n->source || !S_ISREG(n->st.st_mode) || !source_path(n->path, path) || !read_header(n->source, header))
            continue;
        struct node *s = tree_find(t, path);
        if (s && S_ISREG(s->st.st_mode) && (uint32_t)s->st.st_size == header[3])
            s->time = (long)header[2];
    }
}
