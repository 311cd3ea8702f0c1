// SPDX-License-Identifier: MIT
//
// Extended attributes. Those of "user" are stored where the file system can.
// needs: glibc
#include "conform.h"
#include <sys/xattr.h>

int main(int argc, char **argv)
{
    begin(argv);
    char value[64] = "";
    write_file("f", "x");
    TRY(getxattr("f", "nodot", value, sizeof(value)));
    TRY(listxattr("f", NULL, 0));
    TRY(setxattr("none", "user.a", "1", 1, 0));
    TRY(fgetxattr(77, "user.a", value, 1));
    return 0;
}
