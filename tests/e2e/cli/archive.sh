#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# mkcpio, excpio, lscpio: what goes in comes out, the same input gives the same bytes, and bad input leaves nothing behind.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
stage "$@"

mkdir -p app/bin app/sub/deep app/empty
myst-gcc "$here/programs.c" -o app/bin/prog || exit 1
ln app/bin/prog app/bin/alias
ln -s ../bin/prog app/sub/link
ln -s /nowhere app/sub/dangling
mkfifo app/sub/fifo
head -c 300000 /dev/urandom >app/sub/deep/random
printf 'x' >"app/sub/$(printf 'new\nline')"
: >app/sub/nothing
: >"app/sub/$(printf 'not UTF-8 \377')"
: >"app/sub/$(printf 'long%.0s' {1..60})"
chmod 4755 app/bin/prog && chmod 700 app/sub/deep

# Same input, same bytes: whoever packs, whenever, from wherever.
good "mkcpio" 0 '' myst mkcpio app one
touch -d 2001-01-01 app/bin/prog app/sub
cp -a app copy && (cd copy && umask 077 && good "mkcpio elsewhere" 0 '' myst mkcpio . "$PWD/../two")
cmp one two || fail "two copies of one directory give different bytes"
ln app/sub/nothing outside && good "mkcpio with a link from outside" 0 '' myst mkcpio app three
cmp one three || fail "a link from outside the directory changes the bytes"
good "mkcpio replaces its output" 0 '' myst mkcpio copy three
cmp one three || fail "replacing a file changes the bytes"
cp -a app inside && good "output inside the directory" 0 '' myst mkcpio inside inside/out &&
    good "and again" 0 '' myst mkcpio inside inside/out
cmp one inside/out || fail "the output is in the archive"
[ "$(stat -c %a one)" = "$(printf %o $((0666 & ~0$(umask))))" ] || fail "mode of the output"

# Out again.
good "excpio" 0 '' myst excpio one out
diff -r --no-dereference app out 2>&1 | grep -v -e 'Only in out: tmp' -e 'fifo' && fail "what came out is not what went in"
[ out/bin/prog -ef out/bin/alias ] || fail "hard links are not kept"
[ -p out/sub/fifo ] || fail "a fifo is not kept"
[ "$(stat -c %a out/sub/deep out/tmp | tr '\n' ' ')" = '700 1777 ' ] || fail "modes are not kept"
echo changed >out/bin/prog
good "excpio over it" 0 '' myst excpio one out
cmp app/bin/prog out/bin/prog || fail "excpio does not replace files"
good "mkcpio of what came out" 0 '' myst mkcpio out again
good "runs" 0 '[/bin/alias]' myst exec-linux again /bin/alias
attempt myst lscpio one
[ "$(wc -l <"$top/stdout")" -eq "$(($(find app -printf x | wc -c) + 1))" ] || fail "lscpio: not one line per entry (and /tmp)"
grep -q '^lrwxrwxrwx .* sub/link -> \.\./bin/prog$' "$top/stdout" || fail "lscpio: symbolic link"
grep -q ' sub/new\\012line$' "$top/stdout" || fail "lscpio: a control character reaches the terminal"
grep -q '^drwxrwxrwt .* tmp$' "$top/stdout" || fail "lscpio: /tmp"
grep -q '^-rwsr-xr-x   2     0     0 .* bin/prog$' "$top/stdout" || fail "lscpio: a file"
if command -v cpio >/dev/null; then
    cpio -t <one 2>/dev/null | cmp -s - <(cpio -t <again 2>/dev/null) || fail "cpio lists something else"
fi

# Libraries.
mkdir -p dynamic/bin && gcc "$here/programs.c" -o dynamic/bin/prog || exit 1
attempt myst mkcpio dynamic rootfs
[ "$status" -eq 0 ] && grep -q '^myst: adding /.*/libc\.so' "$top/stderr" && grep -q '^myst: adding /.*/ld-' "$top/stderr" ||
    fail "libraries are not added, or not named"
grep -q libgcc_s "$top/stderr" && fail "libgcc_s is added to a program that ends no threads"
good "dynamic program" 0 '[/bin/prog]' myst exec-linux rootfs /bin/prog
bad "--no-libs" "/bin/prog needs /.*ld-linux.*not in the directory" myst mkcpio --no-libs dynamic refused
myst excpio rootfs complete && good "--no-libs with all there" 0 '' myst mkcpio --no-libs complete rootfs2
cmp rootfs rootfs2 || fail "completing twice changes something"
mkdir -p threads && echo '#include <pthread.h>
#include <stdio.h>
static void *end(void *x) { pthread_exit(x); }
int main(void) { pthread_t t; pthread_create(&t, 0, end, "ended"); void *x; pthread_join(t, &x); puts(x); return 0; }' |
    gcc -x c - -o threads/prog || exit 1
attempt myst mkcpio threads rootfs2
grep -q '^myst: adding /.*/libgcc_s\.so\.1' "$top/stderr" || fail "libgcc_s, which glibc loads for pthread_exit, is not added"
good "a thread that ends by pthread_exit" 0 'ended' myst exec-linux rootfs2 /prog
gcc -shared -x c /dev/null -Wl,-soname,libnowhere.so.1 -o libnowhere.so &&
    gcc -Wl,--no-as-needed "$here/programs.c" libnowhere.so -o dynamic/bin/prog
attempt myst mkcpio dynamic rootfs
[ "$status" -eq 0 ] && grep -q 'needs libnowhere.so.1, which is neither' "$top/stderr" || fail "a library that is nowhere is not named"

# Bad input.
mkdir full && cp one full/one && cd full || exit 1
bad "mkcpio without operands" "takes a directory and a file" myst mkcpio
bad "mkcpio with one" "takes a directory and a file" myst mkcpio ../app
bad "mkcpio with three" "takes a directory and a file" myst mkcpio a b c
bad "mkcpio, unknown option" "did you mean '--no-libs'" myst mkcpio --no-lib ../app x
bad "mkcpio of nothing" "missing: No such file" myst mkcpio missing x
bad "mkcpio of a file" "one: Not a directory" myst mkcpio one x
bad "mkcpio into nowhere" "cannot write nowhere/x: No such file" myst mkcpio ../app nowhere/x
bad "mkcpio onto a directory" "cannot write \.: .*not a regular file" myst mkcpio ../app .
bad "mkcpio onto a device" "cannot write /dev/full: .*not a regular file" myst mkcpio ../app /dev/full
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 500 closed
    bad "mkcpio into a closed directory" "cannot write closed/x: Permission denied" myst mkcpio ../app closed/x
    mkdir -m 700 secret && echo x >secret/x && chmod 0 secret/x
    bad "mkcpio of what cannot be read" "secret/x: Permission denied" myst mkcpio secret x
fi
bad "output beyond a limit" "cannot write x: File too large" bash -c 'trap "" XFSZ; ulimit -f 100; myst mkcpio ../app x'
before=$(ls)
attempt timeout -s INT 0.02 myst mkcpio /usr interrupted
[ "$status" -eq 0 ] || [ "$(ls)" = "$before" ] || fail "an interrupted mkcpio leaves something behind"
rm -f interrupted
size=$(stat -c %s one) plain=$(archive_size one)
: >empty && seq 1000 >text && head -c 5000 one >cut && head -c $((size - 1)) one >cut2 && head -c "$plain" one >plain
cp one broken && flip broken $((plain / 2))
for tool in "lscpio" "excpio"; do
    operand=
    [ "$tool" = lscpio ] || operand=out
    # shellcheck disable=SC2086 # none or one word
    {
        bad "$tool, missing file" "missing: No such file" myst $tool missing $operand
        bad "$tool, directory" "is a directory" myst $tool . $operand
        bad "$tool, empty file" "empty: is empty" myst $tool empty $operand
        bad "$tool, text" "text: not a cpio archive" myst $tool text $operand
        bad "$tool, cut archive" "cut: truncated" myst $tool cut $operand
        bad "$tool, cut image" "cut2: " myst $tool cut2 $operand
    }
done
bad "excpio, changed byte" "broken: " myst excpio broken out
bad "excpio, one operand" "takes a file and a directory" myst excpio one
bad "excpio onto a file" "empty: Not a directory" myst excpio one empty
bad "excpio into nowhere" "no/where: No such file" myst excpio one no/where
good "excpio of a plain archive" 0 '' myst excpio plain out

# Nothing gets out of the directory.
if command -v cpio >/dev/null; then
    mkdir -p evil/a "$top/outside" && echo escaped >evil/a/f
    (cd evil/a && echo ../a/f | cpio -o -H newc 2>/dev/null) >dots
    bad "excpio, dots" "dots: a name with a \.\. component" myst excpio dots out2
    (cd evil && mv a real && ln -s "$top/outside" a && echo a | cpio -o -H newc 2>/dev/null) >part1
    (cd evil && rm a && mv real a && echo a/f | cpio -o -H newc 2>/dev/null) >part2
    end=$(grep -abo 'TRAILER!!!' part1 | cut -d: -f1)
    { head -c $((end - 110)) part1 && cat part2; } >through
    attempt myst excpio through out3
    [ "$status" -ne 0 ] && [ ! -e "$top/outside/f" ] || fail "excpio follows a symbolic link of the archive"
    mkdir out4 && ln -s "$top/work" out4/a
    attempt myst excpio part2 out4
    [ ! -e "$top/work/f" ] || fail "excpio follows a symbolic link of the directory"
fi

finish
