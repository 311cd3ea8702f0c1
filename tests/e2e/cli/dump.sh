#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# dump: the measurement is what an independent computation gives, the same for the same input and another for any other.
# Beside what common.sh takes: MYST_SGX KERNEL_SGX
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
sgx=$(realpath "$6") kernel=$(realpath "$7") # stage goes elsewhere
stage "$@"
cp "$sgx" "$top/lib/mystikos/myst-sgx" && cp "$kernel" "$top/lib/mystikos/kernel-sgx.elf" || exit 1

mkdir -p app/bin system
myst-gcc "$here/programs.c" -o app/bin/prog || exit 1
myst mkcpio app rootfs && bad "no system image" "system.img: No such file.*incomplete" myst dump rootfs /bin/prog
myst mkcpio system "$top/lib/mystikos/system.img" || exit 1

# Any image will do as the system image: it is hashed, not run.
measure() {
    attempt myst dump "$@"
    [ "$status" -eq 0 ] && [ ! -s "$top/stderr" ] || fail "dump $*"
    sed -n 's/^mrenclave *//p' "$top/stdout"
}
first=$(measure rootfs /bin/prog)
[[ $first =~ ^[0-9a-f]{64}$ ]] || fail "no measurement: $first"
[ "$first" = "$(measure rootfs /bin/prog)" ] || fail "not the same twice"
cp rootfs elsewhere
[ "$first" = "$(measure elsewhere /bin/prog)" ] || fail "the name of the file is measured"
[ "$first" = "$(myst dump --pages --content rootfs /bin/prog | python3 "$here/mrenclave.py")" ] ||
    fail "an independent computation gives another measurement"
head -c "$(archive_size rootfs)" rootfs >plain
[ "$first" = "$(measure plain /bin/prog)" ] || fail "the plain archive gives another measurement"
[ "$first" = "$(measure rootfs /bin/prog argument)" ] || fail "arguments that the host may choose are measured"
[ "$first" != "$(measure rootfs /bin/other)" ] || fail "the program is not measured"
[ "$first" != "$(measure --memory-size 64m rootfs /bin/prog)" ] || fail "the memory size is not measured"
echo x >app/file && myst mkcpio app other
[ "$first" != "$(measure other /bin/prog)" ] || fail "the root filesystem is not measured"
echo '{"ApplicationPath": "/bin/prog", "EnvironmentVariables": ["A=1"]}' >config.json
second=$(measure --app-config-path config.json rootfs)
[ "$first" != "$second" ] || fail "the configuration is not measured"
echo '{"ApplicationPath": "/bin/prog", "EnvironmentVariables": ["A=2"]}' >config.json
[ "$second" != "$(measure --app-config-path config.json rootfs)" ] || fail "the environment is not measured"

bad "--content alone" "goes with '--pages'" myst dump --content rootfs /bin/prog
bad "relative program" "absolute path" myst dump rootfs bin/prog
bad "missing rootfs" "missing: No such file" myst dump missing /bin/prog
bad "unknown option" "did you mean '--pages'" myst dump --page rootfs /bin/prog

finish
