#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The example attested_tls: enclaves and an outside client, joined by pipes; who must be refused is refused, by the side
# that has to, for its reason.
# Usage: attested_tls.sh MYST MYST_SGX MYST_ATTEST MYST_ARCHIVE KERNEL SYSTEM_IMAGE INSIDE OUTSIDE IMPOSTOR EVIDENCE
source "$(dirname "${BASH_SOURCE[0]}")/../enclaves.sh"
stage "$@"
mkdir -p "$top/root/bin" && cp "$7" "$top/root/bin/inside" && cp "${10}" "$top/root/bin/evidence" || exit 1
outside=$(realpath "$8") impostor=$(realpath "$9")
cd "$top/work" || exit 1
failures=0

fail() {
    echo "FAILED: $1"
    sed 's/^/    /' server.log client.log
    failures=$((failures + 1))
}

# join NAME "SERVER..." SERVER_STATUS SERVER_PATTERN "CLIENT..." CLIENT_STATUS CLIENT_PATTERN: two programs, each one's
# output the other's input.
join() {
    local server_status client_status
    rm -f there back && mkfifo there back || exit 1
    # shellcheck disable=SC2086 # words
    timeout 120 $2 <there >back 2>server.log &
    # shellcheck disable=SC2086
    timeout 120 $5 >there <back 2>client.log
    client_status=$?
    wait $!
    server_status=$?
    [ "$server_status" -eq "$3" ] || fail "$1: the server's status is $server_status"
    [ "$client_status" -eq "$6" ] || fail "$1: the client's status is $client_status"
    grep -Eq -- "$4" server.log || fail "$1: the server does not say: $4"
    grep -Eq -- "$7" client.log || fail "$1: the client does not say: $7"
    grep -q "received 'the secret'" client.log && [ "$6" -ne 0 ] && fail "$1: the secret went out"
}

myst mkcpio "$top/root" rootfs || exit 1
myst platform create >create.log 2>&1
inside="myst exec rootfs /bin/inside"
mrenclave=$(myst dump rootfs /bin/inside | sed -n 's/^mrenclave *//p')
other=$(printf '%064d' 0)
printf '{"test_root": true, "debug": true, "measurements": ["%s"]}' "$mrenclave" >policy
printf '{"test_root": true, "debug": true, "measurements": ["%s"]}' "$other" >other-policy
printf '{"test_root": true}' >release-policy
printf '{}' >strict-policy
myst platform export collateral >export.log 2>&1 || exit 1

join "both inside" "$inside server --enclave $mrenclave" 0 "received 'thank you'" \
    "$inside client --enclave $mrenclave" 0 "received 'the secret'"
join "client wants another enclave" "$inside server" 1 'no channel' "$inside client --enclave $other" 1 'another enclave'
join "server wants another enclave" "$inside server --enclave $other" 1 'another enclave' "$inside client" 1 'no channel'
join "client wants release" "$inside server" 1 'no channel' "$inside client --release" 1 'debug enclave'
join "server wants release" "$inside server --release" 1 'debug enclave' "$inside client" 1 'no channel'

join "outside" "$inside server --anyone" 0 'thank you from outside' "$outside policy collateral" 0 "received 'the secret'"
join "outsider where enclaves are wanted" "$inside server" 1 'no channel' "$outside policy collateral" 1 'no channel'
join "outside, other enclave" "$inside server --anyone" 1 'no channel' "$outside other-policy collateral" 1 'policy-mrenclave'
join "outside, release" "$inside server --anyone" 1 'no channel' "$outside release-policy collateral" 1 'policy-debug'
join "outside, strict" "$inside server --anyone" 1 'no channel' "$outside strict-policy collateral" 1 'policy-test-root'
join "outside, collateral ended" "$inside server --anyone" 1 'no channel' \
    "$outside policy collateral $(($(date +%s) + 90 * 86400))" 1 'expired'
join "outside, no collateral" "$inside server --anyone" 1 'no channel' "$outside policy nowhere" 1 'collateral-missing'

# A certificate that was seen on the wire, shown by somebody who has not its key.
myst exec rootfs /bin/evidence credentials >credentials 2>client.log || exit 1
tail -c +5 credentials | head -c "$(od -An -t u4 -N 4 credentials | tr -d ' ')" >seen.der
join "impostor as server" "$impostor server seen.der" 1 'no channel' "$inside client" 1 'not trusted'
join "impostor as client" "$inside server" 1 'not trusted' "$impostor client seen.der" 1 'no channel'
join "impostor, outside" "$impostor server seen.der" 1 'no channel' "$outside policy collateral" 1 'key-binding'

[ "$failures" -eq 0 ] || echo "$failures checks failed"
[ "$failures" -eq 0 ]
