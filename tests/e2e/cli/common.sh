# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the command line tests share. They are given the executables of a build tree and put them in place as an installation has them.
# Usage: source common.sh; stage "$@" with MYST MYST_ARCHIVE KERNEL_LINUX MYST_GCC INCLUDE

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
failures=0
export LC_ALL=C

stage() {
    top=$(mktemp -d)
    trap 'chmod -R u+rwX "$top" 2>/dev/null; rm -rf "$top"' EXIT
    mkdir -p "$top/bin" "$top/lib/mystikos" "$top/work" || exit 1
    cp "$1" "$top/bin/myst" && cp "$2" "$top/lib/mystikos/myst-archive" && cp "$3" "$top/lib/mystikos/kernel-linux.elf" &&
        cp "$4" "$top/bin/myst-gcc" && cp -R "$5" "$top/include" || exit 1
    PATH=$top/bin:$PATH
    cd "$top/work" || exit 1
}

fail() {
    echo "FAILED: $1"
    sed 's/^/    /' "$top/stdout" "$top/stderr"
    failures=$((failures + 1))
}

listing() {
    find . -printf '%p %y %s\n' | sort
}

# Runs a command; $status, and its output in $top/stdout, $top/stderr. The line with which software SGX starts is not kept.
attempt() {
    "$@" >"$top/stdout" 2>"$top/stderr" </dev/null
    status=$?
    sed -i '/^myst: software SGX (debug enclave)/d' "$top/stderr"
}

# bad NAME PATTERN COMMAND...: exits non-zero after exactly one line on stderr that matches, and leaves nothing behind.
bad() {
    local name=$1 pattern=$2 before
    shift 2
    before=$(listing)
    attempt "$@"
    [ "$status" -ne 0 ] || fail "$name: exit status 0"
    [ "$(wc -l <"$top/stderr")" -eq 1 ] || fail "$name: not exactly one line on stderr"
    [ -s "$top/stdout" ] && fail "$name: something on stdout"
    grep -Eq -- "$pattern" "$top/stderr" || fail "$name: no match for: $pattern"
    [ "$before" = "$(listing)" ] || fail "$name: files were left behind or changed"
}

# good NAME STATUS STDOUT COMMAND...: exit status and output as said, nothing on stderr.
good() {
    local name=$1 wanted=$2 output=$3
    shift 3
    attempt "$@"
    [ "$status" -eq "$wanted" ] || fail "$name: exit status $status, wanted $wanted"
    [ -s "$top/stderr" ] && fail "$name: something on stderr"
    [ "$(cat "$top/stdout")" = "$output" ] || fail "$name: wanted on stdout: $output"
}

finish() {
    [ "$failures" -eq 0 ] || echo "$failures checks failed"
    [ "$failures" -eq 0 ]
    exit
}

# The eight bytes at an offset, as a number; one byte of a file replaced by its complement.
number_at() { # FILE OFFSET
    od -An -t u8 -j "$2" -N 8 "$1" | tr -d ' '
}
flip() { # FILE OFFSET
    local byte
    byte=$(od -An -t u1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %x $((255 - byte)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
archive_size() { # SEALED
    number_at "$1" $(($(stat -c %s "$1") - 4096 + 8))
}
