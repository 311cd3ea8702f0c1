#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# config.json: what is accepted, and what is refused with file, line and key.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
stage "$@"

mkdir -p app/bin app/dir
myst-gcc "$here/programs.c" -o app/bin/prog || exit 1
myst mkcpio app rootfs || exit 1

config() { # [ARGUMENTS...]; the configuration is config.json
    myst exec-linux --app-config-path config.json rootfs "$@"
}
# refused NAME LINE PATTERN TEXT
refused() {
    printf '%b' "$4" >config.json
    bad "$1" "^myst: config.json:$2: $3" config /bin/prog
}

cat >config.json <<'END'
// The whole of it, as people write it.
{
    "Debug": 1, // an integer will do
    "ProductID": 1,
    "SecurityVersion": 1,
    "MemorySize": "64m",
    "MainStackSize": 1048576,
    "ThreadStackSize": "256k",
    "ApplicationPath": "/bin/prog",
    "ApplicationParameters": ["environment", "http://not.a/comment",],
    "EnvironmentVariables": ["A=1", "B=x=y //z"],
    "HostEnvironmentVariables": ["LET_IN", "NOT_SET"],
    "CurrentWorkingDirectory": "/dir",
    "ForkMode": "none",
    "Mount": [],
}
END
attempt env LET_IN=in KEPT_OUT=out myst exec-linux --app-config-path config.json rootfs
[ "$status" -eq 0 ] || fail "full configuration: exit status $status"
sort "$top/stdout" | tr '\n' ';' | grep -qx 'A=1;B=x=y //z;LET_IN=in;MYST_TARGET=linux;' || fail "full configuration: environment"
[ ! -s "$top/stderr" ] || fail "full configuration: something on stderr"

echo '{"ApplicationPath": "/bin/prog", "ApplicationParameters": ["a b", "", "--c"]}' >config.json
good "fixed arguments" 0 '[/bin/prog][a b][][--c]' config
echo '{"ApplicationPath": "/bin/prog", "HostApplicationParameters": true}' >config.json
good "arguments of the host" 0 '[/bin/prog][x][y]' config /bin/prog x y
echo '{"CurrentWorkingDirectory": "/dir/../dir", "HostApplicationParameters": true}' >config.json
good "directory" 0 /dir config /bin/prog directory
for path in /none /bin/prog; do
    echo "{\"CurrentWorkingDirectory\": \"$path\"}" >config.json
    bad "directory $path" "^myst: $path: not .* \\(CurrentWorkingDirectory\\)" config /bin/prog
done
echo '{"ThreadStackSize": "256k", "HostApplicationParameters": true}' >config.json
good "thread stacks" 0 262144 config /bin/prog stack-limit
echo '{"MainStackSize": "1m", "HostApplicationParameters": true}' >config.json
good "main stack" 0 1048576 config /bin/prog stack-limit
for key in NoBrk ExecStack Debug; do
    echo "{\"$key\": true, \"HostApplicationParameters\": true}" >config.json
    good "brk, $key" "$([ $key != NoBrk ]; echo $?)" "" config /bin/prog grow
    attempt config /bin/prog run-stack
    [ "$status" -eq "$([ $key = ExecStack ] && echo 0 || echo 139)" ] || fail "code on the stack, $key: exit status $status"
done
printf '{}' >config.json
good "empty configuration" 0 '[/bin/prog]' config /bin/prog

refused "unknown key" 3 "MemorySise: unknown key: did you mean 'MemorySize'\?" '{\n // one\n "MemorySise": 1\n}'
refused "unknown key like nothing" 1 "xyzzyxyzzy: unknown key: see myst-config" '{"xyzzyxyzzy": 1}'
refused "key in lower case" 1 "debug: unknown key: did you mean 'Debug'" '{"debug": 1}'
refused "key with a control character" 1 "Debug\?x: unknown key" '{"Debug\\nx": 1}'
refused "bool ill-typed" 2 "Debug: must be true or false" '{\n"Debug": "yes"}'
refused "bool out of range" 1 "Debug: must be true or false" '{"Debug": 2}'
refused "number too large" 1 "ProductID: must be a whole number" '{"ProductID": 65536}'
refused "number negative" 1 "ProductID: must be a whole number" '{"ProductID": -1}'
refused "number broken" 1 "ProductID: must be a whole number" '{"ProductID": 1.5}'
refused "size nonsense" 4 'MemorySize: must be a size' '{\n\n\n"MemorySize": "lots"}'
refused "size zero" 1 'MemorySize: must not be 0' '{"MemorySize": 0}'
refused "size null" 1 'MemorySize: must be a size' '{"MemorySize": null}'
refused "path relative" 1 "ApplicationPath: must be an absolute path" '{"ApplicationPath": "bin/prog"}'
refused "list ill-typed" 1 "ApplicationParameters: must be a list" '{"ApplicationParameters": "a"}'
refused "item ill-typed" 4 "ApplicationParameters: item 3 must be a string" '{"ApplicationParameters": [\n"a",\n"b",\n3]}'
refused "variable without value" 1 "EnvironmentVariables: 'A': must have the form" '{"EnvironmentVariables": ["A"]}'
refused "MYST_TARGET is not theirs" 1 "EnvironmentVariables: 'MYST_TARGET=sgx': the kernel sets it" '{"EnvironmentVariables": ["MYST_TARGET=sgx"]}'
refused "MYST_TARGET of the host" 1 "HostEnvironmentVariables: 'MYST_TARGET': the kernel" '{"HostEnvironmentVariables": ["MYST_TARGET"]}'
refused "alias given twice" 3 "UserMemSize: given twice: line 2 has MemorySize" '{\n"MemorySize": "64m",\n"UserMemSize": "64m"}'
refused "given twice" 2 ".*[Dd]uplicate.*Debug" '{"Debug": 1,\n"Debug": 0}'
refused "unsupported value" 1 'ForkMode: only "none"' '{"ForkMode": "pseudo"}'
refused "no object" 1 ".*one object" '[1, 2]'
refused "not closed" 1 ".+" '{"Debug": 1'
refused "string not closed" 2 ".+" '{"Debug": 1,\n"Hostname": "a\n}'
refused "two commas" 2 ".+" '{"Debug": 1,\n, "NoBrk": 0}'
refused "lone comma" 1 ".+" '{,}'
refused "behind the end" 2 ".+" '{"Debug": 1}\n{}'
refused "NUL" 1 ".+" '{"Hostname": "a\\u0000b"}'
refused "NUL byte" 1 "a NUL byte" '{"Debug": 1\0}'
refused "not UTF-8" 1 ".+" '{"Hostname": "\0377"}'
refused "nothing" 1 ".+" ''
refused "line behind comments" 5 "NoBrk: must be" '// {\n// "\n{ // "}\n"Debug": 1, // ,\n"NoBrk": []\n}'
{
    printf '{"Hostname": '
    printf '[%.0s' $(seq 100000)
} >config.json
bad "deep nesting" "^myst: config.json:1: " config /bin/prog
bad "missing file" "missing.json: No such file" myst exec-linux --app-config-path missing.json rootfs /bin/prog
bad "directory" "app: Is a directory" myst exec-linux --app-config-path app rootfs /bin/prog
truncate -s 2M config.json
bad "too large" "larger than a configuration" config /bin/prog
echo '{"MemorySize": "1k"}' >config.json
bad "memory too small" "memory size: .* too small" config /bin/prog
echo '{}' >config.json
bad "no program anywhere" "no program" config

finish
