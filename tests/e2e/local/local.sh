#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Enclaves of one platform: each takes reports that were made for it there, and no others; and which of them get the same sealing keys.
# Usage: local.sh MYST MYST_SGX MYST_ATTEST MYST_ARCHIVE KERNEL SYSTEM_IMAGE PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/../enclaves.sh"
stage "$@"
mkdir -p "$top/first/bin" && cp "$7" "$top/first/bin/evidence" && cd "$top/work" || exit 1
elsewhere=$top/elsewhere
failures=0

fail() {
    echo "FAILED: $1"
    sed 's/^/    /' messages
    failures=$((failures + 1))
}

# enclave IMAGE ARGUMENTS...: the program in an enclave; EXTRA are options of exec.
EXTRA=()
enclave() {
    local image=$1
    shift
    myst exec "${EXTRA[@]}" "$image" /bin/evidence "$@" 2>messages
}

configured() { # PRODUCT VERSION; prints the name of a configuration
    printf '{"Debug": true, "ProductID": %d, "SecurityVersion": %d, "HostApplicationParameters": true}' "$1" "$2" >"config-$1-$2"
    echo "config-$1-$2"
}

refuses() { # NAME WHY IMAGE ARGUMENTS..., standard input
    local name=$1 why=$2
    shift 2
    if enclave "$@" >output; then fail "$name: not refused"; else grep -q "$why" messages || fail "$name: not for '$why'"; fi
}

# Another root filesystem, and so another measurement.
cp -r "$top/first" "$top/second" && echo second >"$top/second/mark" || exit 1
myst mkcpio "$top/first" first && myst mkcpio "$top/second" second || exit 1

# ---- reports
enclave first target >target || fail "the target info"
enclave second for <target >report || fail "a report for it"
[ "$(stat -c %s target report | paste -sd ,)" = 512,432 ] || fail "sizes"
enclave first check <report || fail "the report that was made for it"
refuses "the report for somebody else" 'Bad message' second check <report
for offset in 64 320 400 420; do # MRENCLAVE, report data, KEYID, MAC
    flip report "$offset" changed
    refuses "byte $offset of the report" 'Bad message' first check <changed
done
head -c 431 report >changed
refuses "half a report" 'Invalid argument' first check <changed
XDG_DATA_HOME=$elsewhere refuses "a report of another platform" 'Bad message' first check <report
head -c 512 /dev/zero | tr '\0' '\377' >rubbish
refuses "a target that is none" 'Invalid argument' first for <rubbish

enclave first extended || fail "credentials with a report"

# ---- sealing keys
key() { # NAME IMAGE POLICY: into the variable key_NAME
    local bytes
    bytes=$(enclave "$2" key "_sgx_$3") && [[ $bytes =~ ^[0-9a-f]{32}$ ]] || fail "key $1: '$bytes'"
    declare -g "key_$1=$bytes"
}
same() { [ "${!1}" = "${!2}" ] || fail "$1 and $2 differ"; }
differ() { [ "${!1}" != "${!2}" ] || fail "$1 and $2 are the same"; }

for policy in mrenclave mrsigner; do
    EXTRA=()
    key own first $policy
    key again first $policy
    key other second $policy
    same key_own key_again
    XDG_DATA_HOME=$elsewhere key elsewhere first $policy
    differ key_own key_elsewhere
    declare "key_by_$policy=$key_own" "key_other_by_$policy=$key_other"
done
differ key_by_mrenclave key_by_mrsigner
differ key_by_mrenclave key_other_by_mrenclave # another enclave,
same key_by_mrsigner key_other_by_mrsigner     # by the same signer
EXTRA=(--app-config-path "$(configured 1 1)")
key base first mrsigner
EXTRA=(--app-config-path "$(configured 2 1)")
key product first mrsigner
EXTRA=(--app-config-path "$(configured 1 2)")
key newer first mrsigner
differ key_base key_product
differ key_base key_newer # each version gets its own

[ "$failures" -eq 0 ] || echo "$failures checks failed"
[ "$failures" -eq 0 ]
