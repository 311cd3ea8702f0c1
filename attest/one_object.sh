#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The archive to install, of one object that has only the public symbols: the names of the library's own functions must
# not meet those of the programs that link it.
# Usage: one_object.sh LD OBJCOPY AR MAP INPUT.a OUTPUT.a
set -eu
ld=$1 objcopy=$2 ar=$3 map=$4 input=$5 output=$6
object=$output.o
names=$output.names
sed -n 's/^    \(attest_[a-z_]*\);$/\1/p' "$map" >"$names"
"$ld" -r --whole-archive "$input" -o "$object"
"$objcopy" --keep-global-symbols="$names" "$object"
rm -f "$output"
"$ar" rcsD "$output" "$object"
rm -f "$object" "$names"
