// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

// HOST:PORT, [HOST]:PORT; the port is a number that a port can have. Splits in place; false leaves the text as it is.
bool address_split(char *text, char **ret_host, char **ret_port);
