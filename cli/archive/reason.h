// SPDX-License-Identifier: MIT
#pragma once

struct archive;

// Why libarchive's last operation failed, for people; valid until the next one.
const char *archive_reason(struct archive *a);
