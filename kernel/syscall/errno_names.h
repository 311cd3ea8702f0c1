// SPDX-License-Identifier: MIT
#pragma once

// "ENOENT" for 2; "E?" for numbers without a name.
const char *errno_name(int error);
