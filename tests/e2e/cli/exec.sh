#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# exec: everything that a careless or hostile person may give, and what options, arguments and exit status mean, on either target.
# Beside what common.sh takes: TARGET MYST_SGX KERNEL_SGX SYSTEM_IMAGE
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
target=$6 sgx=$(realpath "$7") kernel=$(realpath "$8") system=$(realpath "$9") # stage goes elsewhere
stage "$@"
if [ "$target" = sgx ]; then
    cp "$sgx" "$kernel" "$system" "$top/lib/mystikos/" || exit 1
    export XDG_DATA_HOME=$top/data # the platform of the software SGX
fi

mkdir -p app/bin app/data
myst-gcc "$here/programs.c" -o app/bin/prog || exit 1
echo 'content of the first' >app/data/first && echo 'content of the second' >app/data/second # neighbours in the archive
seq 100000 >app/data/numbers # longer than a block, and no two blocks equal
cp app/bin/prog app/bin/not-executable && chmod 644 app/bin/not-executable
cp app/bin/prog app/bin/aarch64 && printf '\xb7' | dd of=app/bin/aarch64 bs=1 seek=18 conv=notrunc status=none
cp app/bin/prog app/bin/elf32 && printf '\x01' | dd of=app/bin/elf32 bs=1 seek=4 conv=notrunc status=none
head -c 40 app/bin/prog >app/bin/cut && chmod 755 app/bin/cut
printf '#!/bin/nowhere\n' >app/bin/script && chmod 755 app/bin/script
: >app/bin/empty && chmod 755 app/bin/empty
gcc "$here/programs.c" -Wl,--dynamic-linker=/lib64/nowhere.so -o app/bin/no-interpreter || exit 1
myst mkcpio app rootfs 2>/dev/null || exit 1
run() {
    myst "exec-$target" "$@"
}

# Options end at ROOTFS; what follows PROGRAM is its own.
good "arguments" 0 '[/bin/prog][show][--strace][-h][--][]' run rootfs /bin/prog show --strace -h -- ''
good "no arguments" 0 '[/bin/prog]' run --memory-size 64m rootfs /bin/prog
good "option with =" 0 '[/bin/prog]' run --memory-size=64M -- rootfs /bin/prog
good "exec --target" 0 '[/bin/prog]' myst exec --target "$target" rootfs /bin/prog
good "exit status" 42 '' run rootfs /bin/prog exit 42
good "exit status 255" 255 '' run rootfs /bin/prog exit 255
good "death by SIGTERM" 143 '' run rootfs /bin/prog raise 15
good "death by SIGKILL" 137 '' run rootfs /bin/prog raise 9
# Who reads is gone: the program's matter, as natively; ignored signals are inherited.
to_a_reader_that_leaves() {
    "$@" 2>/dev/null | head -n 1
    return "${PIPESTATUS[0]}"
}
good "death by SIGPIPE" 141 line to_a_reader_that_leaves env --default-signal=PIPE myst "exec-$target" rootfs /bin/prog writes
good "SIGPIPE ignored" 7 line to_a_reader_that_leaves env --ignore-signal=PIPE myst "exec-$target" rootfs /bin/prog writes
good "environment" 0 "MYST_TARGET=$target" env SECRET=1 MYST_TARGET=other myst "exec-$target" rootfs /bin/prog environment
bad "death by SIGSEGV is said" '^myst: .*/bin/prog: killed by SIGSEGV' run rootfs /bin/prog fault
[ "$status" -eq 139 ] || fail "death by SIGSEGV: exit status $status"
attempt myst "exec-$target" --help
[ "$status" -eq 0 ] && grep -q -- '--memory-size' "$top/stdout" || fail "--help"

# The command line.
bad "no subcommand" "^myst: no subcommand" myst
bad "unknown subcommand" "^myst: unknown subcommand 'exec-linx': did you mean 'exec-linux'\?" myst exec-linx rootfs /bin/prog
bad "subcommand like nothing" "^myst: unknown subcommand 'qqqqqqqqqq': see 'myst help'" myst qqqqqqqqqq
bad "unknown option" "^myst: exec-$target: unknown option '--memory-sice': did you mean '--memory-size'\?" run --memory-sice 1g rootfs /bin/prog
bad "option without value" "needs a value" run --memory-size
bad "option with needless value" "takes no value" run --strace=1 rootfs /bin/prog
bad "one dash" "unknown option '-memory-size'" run -memory-size 1g rootfs /bin/prog
bad "no root filesystem" "no root filesystem" run
bad "no program" "no program" run rootfs
bad "relative program" "absolute path" run rootfs bin/prog
bad "unknown target" "not one of sgx, linux" myst exec --target tdx rootfs /bin/prog
for size in abc '' 12x 64mb -1 1.5g 0x10 '64 m'; do
    bad "memory size '$size'" "'$size' is not a size" run --memory-size "$size" rootfs /bin/prog
done
bad "memory size, small" "too small: give between 8m and 256g" run --memory-size 4k rootfs /bin/prog
bad "memory size, zero" "too small" run --memory-size 0 rootfs /bin/prog
bad "memory size, large" "too large" run --memory-size 300g rootfs /bin/prog
bad "memory size, beyond 64 bits" "--memory-size" run --memory-size 99999999999999999999g rootfs /bin/prog

# The root filesystem.
bad "missing rootfs" "missing.img: No such file" run missing.img /bin/prog
bad "directory as rootfs" "app: is a directory: .*mkcpio" run app /bin/prog
bad "device as rootfs" "/dev/null: is not a regular file" run /dev/null /bin/prog
: >empty
bad "empty rootfs" "empty: is empty" run empty /bin/prog
bad "text as rootfs" "not a usable root filesystem: not a cpio archive" run "$here/programs.c" /bin/prog
gzip -c rootfs >rootfs.gz
bad "compressed rootfs" "compressed with gzip" run rootfs.gz /bin/prog
plain=$(archive_size rootfs) size=$(stat -c %s rootfs)
head -c "$plain" rootfs >plain
good "plain cpio" 0 '[/bin/prog]' run plain /bin/prog
for cut in 1 100 5000 $((plain - 100)) $((plain + 4096)) $((size - 1)) $((size - 4096)); do
    head -c "$cut" rootfs >cut
    bad "cut to $cut" "cut: not a usable root filesystem: (truncated|not a|corrupt|there is)" run cut /bin/prog
done
{
    cat rootfs
    echo more
} >longer
bad "data behind the end" "longer: not a usable root filesystem" run longer /bin/prog
for at in 4095 2048; do # the trailer
    cp rootfs broken && flip broken $((size - at))
    bad "trailer, byte -$at" "broken: not a usable root filesystem" run broken /bin/prog
done
cp rootfs broken && flip broken 0
bad "first byte" "broken: not a usable root filesystem: corrupt: its start" run broken /bin/prog
cp rootfs broken && flip broken 100
bad "first header" "^myst: the root file system does not match its measured hash" run broken /bin/prog
tree=$(number_at rootfs $((size - 4096 + 32)))
cp rootfs broken && flip broken $((tree + 100))
bad "superblock" "broken: not a usable root filesystem: corrupt" run broken /bin/prog
cp rootfs broken && flip broken $((tree + 4096 + 3))
bad "top of the hash tree" "broken: not a usable root filesystem: corrupt" run broken /bin/prog

# One byte changed inside. What is not read does not matter; what is read names itself and is not given to the program.
number=$(grep -abo -m1 '^54321$' rootfs | head -1 | cut -d: -f1)
[ -n "$number" ] || fail "test setup: no data to break"
cp rootfs broken && flip broken "$number"
good "changed file, not read" 0 '[/bin/prog]' run broken /bin/prog
bad "changed file, read" '^myst: .*/data/numbers' run broken /bin/prog read /data/numbers
[ "$status" -eq 5 ] || fail "changed file, read: exit status $status, wanted the program's own 5"
good "unchanged file" 0 '' run rootfs /bin/prog read /data/numbers
program=$(grep -abo -m1 'environment' rootfs | head -1 | cut -d: -f1)
cp rootfs broken
for entry in $(grep -abo 'environment' rootfs | cut -d: -f1); do
    flip broken "$entry"
done
[ -n "$program" ] || fail "test setup: no program text to break"
attempt run broken /bin/prog environment
[ "$status" -ne 0 ] || fail "changed program: exit status 0"
[ ! -s "$top/stdout" ] || fail "changed program: it had output"
[ "$(grep -c '^myst: /bin/prog: content' "$top/stderr")" -eq 1 ] || fail "changed program: not named once"
cp rootfs broken && flip broken "$(grep -abo 'content of the second' rootfs | cut -d: -f1)"
good "neighbour of a changed file" 0 '' run broken /bin/prog read /data/first
bad "changed small file" '^myst: .*/data/second' run broken /bin/prog read /data/second

# The program.
bad "program not in rootfs" "^myst: /bin/missing: not found in the root filesystem" run rootfs /bin/missing
bad "below a file" "^myst: /bin/prog/x: " run rootfs /bin/prog/x
bad "directory as program" "^myst: /bin: is a directory, not a program" run rootfs /bin
bad "not executable" "^myst: /bin/not-executable: not executable" run rootfs /bin/not-executable
bad "another architecture" "^myst: /bin/aarch64: cannot be executed: .*(x86-64|architecture|machine)" run rootfs /bin/aarch64
bad "32 bits" "^myst: /bin/elf32: cannot be executed: " run rootfs /bin/elf32
bad "cut program" "^myst: /bin/cut: cannot be executed: " run rootfs /bin/cut
bad "empty program" "^myst: /bin/empty: cannot be executed: " run rootfs /bin/empty
bad "text as program" "^myst: /data/numbers: not executable" run rootfs /data/numbers
bad "missing interpreter" "^myst: /bin/no-interpreter: .*/lib64/nowhere.so" run rootfs /bin/no-interpreter
bad "missing interpreter of a script" "^myst: /bin/script: .*/bin/nowhere" run rootfs /bin/script
bad "path too long" "^myst: " run rootfs "/$(printf 'x%.0s' $(seq 5000))"

# An installation that lacks a file.
image=kernel-$target.elf
mv "$top/lib/mystikos/$image" "$top/kernel"
bad "no kernel" "$image: No such file.*reinstall" run rootfs /bin/prog
head -c 1000 "$top/kernel" >"$top/lib/mystikos/$image"
bad "cut kernel" "$image: not a kernel image" run rootfs /bin/prog
mv "$top/kernel" "$top/lib/mystikos/$image"
rm -f "$top/lib/mystikos/myst-sgx"
bad "no myst-sgx" "myst-sgx: No such file.*incomplete" myst exec rootfs /bin/prog

finish
