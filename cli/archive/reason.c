// SPDX-License-Identifier: MIT
#include "cli/archive/reason.h"

#include <archive.h>
#include <string.h>

// Where a system call failed libarchive's own text says only which one; negative numbers are its own, for other troubles.
const char *archive_reason(struct archive *a)
{
    int error = archive_errno(a);
    const char *text = archive_error_string(a);
    return error > 0 ? strerror(error) : text ? text : "unknown error";
}
