#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What others make we seal, and what we seal others still read: cpio, bsdtar and veritysetup.
# Usage: interoperability.sh SEAL_FILE
set -eu
seal=$1
for tool in cpio bsdtar; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/root/sub/deep"
echo one >"$dir/root/one"
ln "$dir/root/one" "$dir/root/sub/hard"
ln -s ../one "$dir/root/sub/soft"
mkfifo "$dir/root/sub/fifo"
head -c 70000 /dev/urandom >"$dir/root/sub/deep/large"
list() { sed 's,^\./,,' | sed 's,/$,,' | grep -v '^\.$' | sort; }
(cd "$dir/root" && find . | list) >"$dir/expected"

check() { # ARCHIVE
    out=$("$seal" "$1")
    cpio -t <"$1" 2>/dev/null | list | diff "$dir/expected" -
    bsdtar -tf "$1" | list | diff "$dir/expected" -
    mkdir "$1.d"
    (cd "$1.d" && cpio -id <"$1" 2>/dev/null) && diff -r --no-dereference "$dir/root/sub/deep" "$1.d/sub/deep"
    cmp "$1.d/sub/hard" "$dir/root/one"
    PATH=$PATH:/usr/sbin:/sbin
    if command -v veritysetup >/dev/null; then
        veritysetup verify --hash-offset="${out#* }" "$1" "$1" "${out%% *}"
        printf 'X' | dd of="$1" bs=1 seek=5000 conv=notrunc 2>/dev/null
        if veritysetup verify --hash-offset="${out#* }" "$1" "$1" "${out%% *}" 2>/dev/null; then
            echo "veritysetup did not notice a change"
            exit 1
        fi
    fi
}
(cd "$dir/root" && find . | cpio -o -H newc 2>/dev/null) >"$dir/gnu.cpio"
check "$dir/gnu.cpio"
(cd "$dir/root" && bsdtar -c --format newc -f "$dir/bsd.cpio" .)
check "$dir/bsd.cpio"
(cd "$dir/root" && find . | cpio -o -H crc 2>/dev/null) >"$dir/crc.cpio"
check "$dir/crc.cpio"
