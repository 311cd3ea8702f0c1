# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the tests of attestation share: an installation with all that enclaves need, and files with a byte changed.
# Usage: source enclaves.sh; stage MYST MYST_SGX MYST_ATTEST MYST_ARCHIVE KERNEL SYSTEM_IMAGE
set -u
export LC_ALL=C

# Folders $top and $top/work, which is then the current one; a home of its own. `at_exit` may be defined.
stage() {
    top=$(mktemp -d)
    trap 'if declare -F at_exit >/dev/null; then at_exit; fi; rm -rf "$top"' EXIT
    mkdir -p "$top/bin" "$top/lib/mystikos" "$top/work" || exit 1
    cp "$1" "$top/bin/myst" && cp "$2" "$top/lib/mystikos/myst-sgx" && cp "$3" "$top/lib/mystikos/myst-attest" &&
        cp "$4" "$top/lib/mystikos/myst-archive" && cp "$5" "$top/lib/mystikos/kernel-sgx.elf" &&
        cp "$6" "$top/lib/mystikos/system.img" || exit 1
    PATH=$top/bin:$PATH
    export XDG_DATA_HOME=$top/data XDG_CACHE_HOME=$top/cache
}

# flip FILE OFFSET COPY: with the byte there replaced by its complement.
flip() {
    local byte
    cp "$1" "$3"
    byte=$(od -An -t u1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %x $((255 - byte)))" | dd of="$3" bs=1 seek="$2" conv=notrunc status=none
}
