#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# myst-gcc: what it links when nothing, or something, is said about linking.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
stage "$@"

cat >main.c <<'END'
#include <myst/tee.h>
#include <stdio.h>
int answer(void);
int main(void)
{
    printf("%d\n", answer() + (SYS_myst_gen_creds == 1009));
}
END
printf 'int answer(void)\n{\n    return 41;\n}\n' >answer.c

# kind FILE: what the program header and the type say.
kind() {
    local type interpreter
    type=$(readelf -hW "$1" | sed -n 's/^ *Type: *\([A-Z]*\).*/\1/p')
    interpreter=$(readelf -lW "$1" 2>/dev/null | grep -c INTERP)
    echo "$type $interpreter"
}
# links NAME KIND ARGUMENTS...
links() {
    local name=$1 wanted=$2
    shift 2
    rm -f out
    good "$name" 0 '' myst-gcc "$@"
    [ "$(kind out)" = "$wanted" ] || fail "$name: $(kind out), wanted $wanted"
}

links "nothing said" "DYN 0" main.c answer.c -o out
good "and it runs" 0 42 ./out
links "-static" "EXEC 0" -static main.c answer.c -o out
links "-dynamic" "DYN 1" -dynamic main.c answer.c -o out
links "-no-pie" "EXEC 1" -no-pie main.c answer.c -o out
links "-shared" "DYN 0" -shared -fPIC answer.c -o out
readelf -dW out | grep -q 'Dynamic section' || fail "-shared: no shared library"
links "-c" "REL 0" -c answer.c -o out
mv out answer.o
links "objects" "DYN 0" -O2 main.c answer.o -o out
good "-E" 0 1009 bash -c "echo SYS_myst_gen_creds | myst-gcc -include myst/tee.h -E -P - | tail -1"
good "--version" 0 "$(gcc --version)" myst-gcc --version
good "-v alone" 0 '' bash -c 'myst-gcc -v 2>/dev/null'
good "spaces in arguments" 0 '' myst-gcc -DTEXT='"a b"' -include answer.c -c -x c - -o 'a b.o'
[ -e 'a b.o' ] || fail "spaces in arguments"
attempt myst-gcc missing.c -o out
[ "$status" -ne 0 ] || fail "errors of gcc do not get out"
bad "no gcc" "myst-gcc: no-such-gcc is not installed" env MYST_GCC=no-such-gcc myst-gcc main.c
printf '#!/bin/sh\necho libc.a\n' >no-libc-gcc && chmod +x no-libc-gcc
bad "no libc.a" "libc.a, is missing: install libc6-dev" env MYST_GCC=./no-libc-gcc myst-gcc main.c

finish
