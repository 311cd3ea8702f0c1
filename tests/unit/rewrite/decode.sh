#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The decoder over the programs and the C libraries of this machine. What is larger than 4 MB adds time and nothing else.
find -L /usr/bin /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/libm.so.6 /lib/x86_64-linux-gnu/libcrypto.so.3 \
    /lib/ld-musl-x86_64.so.1 -maxdepth 1 -type f -size -4096k -print0 2>/dev/null | xargs -0 -n 5000 "$1"
