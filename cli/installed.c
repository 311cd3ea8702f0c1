// SPDX-License-Identifier: MIT
//
// Where this installation keeps its files: ../lib/mystikos next to bin/, or the same folder for the executables that stand there.
// Found from the executable itself, so that a build tree, a package and /opt work without being told.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define LIBRARY_FOLDER "lib/mystikos"

bool installed_file(const char *name, char *ret_path, size_t size)
{
    char self[3072];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n < 0) {
        complain("cannot find out where this executable is: /proc/self/exe: %s", strerror(errno));
        return false;
    }
    self[n] = 0;
    char *slash = strrchr(self, '/');
    if (!slash || (size_t)n == sizeof(self) - 1) {
        complain("cannot find out where this executable is");
        return false;
    }
    *slash = 0; // the folder
    const char *tail = "/" LIBRARY_FOLDER;
    size_t length = strlen(self);
    bool inside = length >= strlen(tail) && !strcmp(self + length - strlen(tail), tail);
    slash = strrchr(self, '/');
    if (!inside && slash)
        *slash = 0; // beside bin/
    int r = snprintf(ret_path, size, "%s%s/%s", self, inside ? "" : "/" LIBRARY_FOLDER, name);
    if (r > 0 && (size_t)r < size)
        return true;
    complain("the path of this installation is too long");
    return false;
}

int delegate(const char *program, char **argv)
{
    char path[4096];
    if (!installed_file(program, path, sizeof(path)))
        return 1;
    // argv[-1] is "myst" or whatever it was called by.
    execv(path, argv - 1);
    return complain("%s: %s: this installation is incomplete", path, strerror(errno));
}
