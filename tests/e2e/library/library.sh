#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Installs, moves the installation, and builds a relying party against it: shared and static.
# Usage: library.sh BUILD_ROOT
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
fail() {
    echo "FAILED: $1"
    exit 1
}

meson install -C "$1" --no-rebuild --quiet --destdir "$top/staged" || fail "meson install"
package=$(find "$top/staged" -name myst-attest.pc)
[ -n "$package" ] || fail "no myst-attest.pc"
mv "$(dirname "$(dirname "$(dirname "$package")")")" "$top/moved"
export PKG_CONFIG_PATH=$top/moved/lib/pkgconfig
[ "$(pkg-config --variable=prefix myst-attest | xargs realpath)" = "$(realpath "$top/moved")" ] ||
    fail "pkg-config says $(pkg-config --variable=prefix myst-attest)"
[ "$(pkg-config --modversion myst-attest)" = "$("$top/moved/bin/myst" version | cut -d' ' -f2)" ] || fail "version"

# shellcheck disable=SC2046 # words
gcc -Wall -Werror "$here/judge.c" -o "$top/shared" $(pkg-config --cflags --libs myst-attest) || fail "does not link"
# shellcheck disable=SC2046
gcc -Wall -Werror "$here/judge.c" -o "$top/static" $(pkg-config --cflags myst-attest) "$top/moved/lib/libmyst-attest.a" \
    $(pkg-config --libs libcrypto jansson) || fail "does not link statically"
head -c 1000 /dev/zero >"$top/zero"
for kind in shared static; do
    said=$(LD_LIBRARY_PATH=$top/moved/lib "$top/$kind" "$top/zero")
    status=$?
    [ "$status" -eq 1 ] && [ -n "$said" ] || fail "$kind: exit status $status, said '$said'"
done
nm -D --defined-only "$top/moved/lib/libmyst-attest.so" | awk '$3 !~ /^attest_|^MYST_ATTEST/ { print; bad = 1 } END { exit bad }' ||
    fail "symbols that are not of the interface"
