// SPDX-License-Identifier: MIT
#include "cli/attest/address.h"

#include <stdlib.h>
#include <string.h>

// getaddrinfo takes a greater number for what is left of it in 16 bits.
static bool is_port(const char *text)
{
    const size_t length = strlen(text);
    return length >= 1 && length <= 5 && strspn(text, "0123456789") == length && strtoul(text, NULL, 10) <= 65535;
}

bool address_split(char *text, char **ret_host, char **ret_port)
{
    char *colon = strrchr(text, ':');
    if (!colon || colon == text || strchr(text, '/') || !is_port(colon + 1))
        return false;
    *colon = 0;
    *ret_port = colon + 1;
    *ret_host = text;
    if (text[0] == '[' && colon[-1] == ']') {
        colon[-1] = 0;
        *ret_host = text + 1;
    }
    return true;
}
