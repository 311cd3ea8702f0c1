#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Evidence of an enclave on the emulated platform, judged from the outside by myst verify: every form of it, with and
# without a policy that accepts the test root; changed evidence; bad usage; the platform's services; TLS.
# Usage: verify.sh MYST MYST_SGX MYST_ATTEST MYST_ARCHIVE KERNEL SYSTEM_IMAGE PROGRAM EVIDENCE
source "$(dirname "${BASH_SOURCE[0]}")/../enclaves.sh"
servers=()
at_exit() { for s in "${servers[@]}"; do kill "$s" 2>/dev/null; done; }
stage "$@"
mkdir -p "$top/root/bin" && cp "$7" "$top/root/bin/evidence" || exit 1
samples=$8
cd "$top/work" || exit 1
failures=0

fail() {
    echo "FAILED: $1"
    sed 's/^/    /' "$top/stdout" "$top/stderr"
    failures=$((failures + 1))
}

# judge NAME STATUS PATTERN ARGUMENTS...: exit status, and one line on stderr that matches unless PATTERN is empty.
judge() {
    local name=$1 wanted=$2 pattern=$3 status
    shift 3
    "$@" >"$top/stdout" 2>"$top/stderr" </dev/null
    status=$?
    [ "$status" -eq "$wanted" ] || fail "$name: exit status $status, wanted $wanted"
    if [ -n "$pattern" ]; then
        [ "$(wc -l <"$top/stderr")" -eq 1 ] || fail "$name: not one line on stderr"
        grep -Eq -- "$pattern" "$top/stderr" || fail "$name: no match for: $pattern"
    else
        [ ! -s "$top/stderr" ] || fail "$name: something on stderr"
    fi
}

prints() { # NAME PATTERN
    grep -Eq -- "$2" "$top/stdout" || fail "$1: no match on stdout for: $2"
}

# ---- a server that gives a byte now and then, and never a certificate: waited for at the end
python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
c.sendall(b"\x16\x03\x03\x40\x00")
for _ in range(30):
    c.sendall(b"x")
    time.sleep(1)' >drip 2>&1 &
servers+=($!)
for _ in $(seq 1000); do
    [ -s drip ] && break
    sleep 0.05
done
timeout 60 myst verify "127.0.0.1:$(cat drip)" >"$top/slow" 2>&1 &
slow=$!

# ---- the emulated platform of a user, and what a real one lacks
home=$XDG_DATA_HOME
export XDG_DATA_HOME=$top/made MYST_PCCS_URL=http://127.0.0.1:1/sgx/certification/v4
judge "show, nothing" 0 '' myst platform show
prints "show, nothing" "^emulated +none .*'myst platform create'"
judge "create" 0 '' myst platform create
platform=$(cat "$top/stdout")
[ "$(stat -c %a "$platform")" = 600 ] || fail "create: others can read $platform"
judge "create again" 1 'there is one already' myst platform create
judge "show" 0 '' myst platform show
prints "show" '^emulated +ok .*FMSPC 4d5953540001'
for part in processor driver provisioning aesm pccs; do
    prints "show" "^$part +(ok|missing) +[^ ]"
done
prints "show, no service" '^pccs +missing .*127\.0\.0\.1:1'
[ -e /dev/sgx_enclave ] || prints "show, no driver" '^driver +missing .*load a kernel'
[ -e /dev/sgx_enclave ] || prints "show, in a word" '^Enclaves run on the emulated platform here'
judge "export, made" 0 '' myst platform export made
judge "reset" 0 '' myst platform reset
judge "export, another" 0 '' myst platform export another
cmp -s made/test_root.pem another/test_root.pem || fail "reset: another root"
! cmp -s made/pck_crl_issuer_chain.pem another/pck_crl_issuer_chain.pem || fail "reset: the same platform"
judge "export nowhere" 1 'No such file' myst platform export /proc/nowhere
judge "export what" 1 'takes a folder' myst platform export
head -c 100 "$platform" >cut && cp cut "$platform"
judge "a spoilt platform" 1 'platform' myst platform export spoilt
judge "reset a spoilt one" 0 '' myst platform reset
judge "serve at no port" 1 'is not HOST:PORT' myst platform serve --pccs 127.0.0.1:65536
judge "serve at no address" 1 'is not HOST:PORT' myst platform serve --pccs nonsense
judge "collateral of nothing" 1 'no TCB info' myst collateral --from "$top/root" --output none
judge "collateral of no folder" 1 'No such file' myst collateral --from nowhere --output none
judge "collateral of a folder" 0 '' myst collateral --from another --output copied
cmp -s another/tcb_info.json copied/tcb_info.json || fail "collateral of a folder: not the same"
export XDG_DATA_HOME=$home
unset MYST_PCCS_URL

# ---- evidence from an enclave
myst mkcpio "$top/root" rootfs || exit 1
for form in quote report credentials; do
    myst exec rootfs /bin/evidence "$form" >"$form" 2>messages || {
        echo "FAILED: no $form from the enclave"
        cat messages
        exit 1
    }
done
certificate_size=$(od -An -t u4 -N 4 credentials | tr -d ' ')
tail -c +5 credentials | head -c "$certificate_size" >certificate.der
tail -c +5 credentials | tail -c +"$((certificate_size + 1))" >key.pem
openssl x509 -inform der -in certificate.der -out certificate.pem || exit 1
mrenclave=$(myst dump rootfs /bin/evidence quote | sed -n 's/^mrenclave *//p')

printf '{"test_root": true, "debug": true}' >lenient
printf '{"debug": true}' >no-root
printf '{"test_root": true}' >no-debug
printf '{"test_root": true, "debug": true, "product_id": 1, "min_security_version": 1, "tee": ["sgx"]}' >product
printf '{"test_root": true, "debug": true, "product_id": 2}' >other-product
printf '{"test_root": true, "debug": true, "min_security_version": 2}' >newer
printf '{"test_root": true, "debug": true, "measurements": ["%s"]}' "$mrenclave" >measured
printf '{"test_root": true, "debug": true, "measurements": ["%064d"]}' 0 >other-measurement
printf '{"test_root": true, "debug": true, "measurement": []}' >unknown-key

for file in quote report certificate.der certificate.pem; do
    judge "$file, strict" 1 'not trusted: .*test root' myst verify "$file"
    judge "$file, no test root" 1 'policy-test-root' myst verify "$file" --policy no-root
    judge "$file, no debug" 1 'policy-debug' myst verify "$file" --policy no-debug
    judge "$file, lenient" 0 '' myst verify "$file" --policy lenient
    prints "$file" '^trusted$'
    prints "$file" '^platform.test_root +yes$'
    judge "$file, product" 0 '' myst verify "$file" --policy product
    judge "$file, other product" 1 'policy-product-id' myst verify "$file" --policy other-product
    judge "$file, newer" 1 'policy-security-version' myst verify "$file" --policy newer
    judge "$file, other measurement" 1 'policy-mrenclave' myst verify "$file" --policy other-measurement
    judge "$file, unknown member" 2 "unknown member 'measurement'" myst verify "$file" --policy unknown-key
    judge "$file, past" 1 'expired|not valid yet|not issued yet' myst verify "$file" --policy lenient --time 1500000000
    judge "$file, json" 0 '' myst verify "$file" --policy lenient --json
    prints "$file, json" '"trusted": true'
    judge "$file, json strict" 1 'test root' myst verify "$file" --json
    prints "$file, json strict" '"trusted": false'
    judge "$file, shown" 0 '' myst quote "$file"
    prints "$file, shown" '^enclave.mrenclave +[0-9a-f]{64}$'
done
for file in quote certificate.der; do
    od -An -v -t x1 "$file" >"$file.hex"
    judge "$file in hexadecimal" 0 '' myst verify "$file.hex" --policy measured
    { od -An -v -t x1 "$file" && echo 0; } >odd.hex
    judge "$file with half a byte" 2 'neither' myst verify odd.hex --policy measured
done
# Open Enclave's evidence: version 3, its number of the format, the size; a quote without claims
{ printf '\x03\0\0\0\xa3\xa2\x1e\x87\x1b\x4d\x40\x14\xb7\x0a\xa1\x25\xd2\xfb\xcd\x8c\0\0\0\0'
    size=$(stat -c %s quote)
    # shellcheck disable=SC2059 # the format is the bytes
    printf "$(printf '\\x%02x\\x%02x' $((size % 256)) $((size / 256)))\0\0\0\0\0\0" && cat quote; } >oe-evidence
judge "Open Enclave's evidence" 0 '' myst verify oe-evidence --policy measured
judge "Open Enclave's evidence, shown" 0 '' myst quote oe-evidence --output bare
cmp -s quote bare || fail "Open Enclave's evidence, shown: not the quote"
printf x >>oe-evidence
judge "Open Enclave's evidence, longer" 1 'not trusted' myst verify oe-evidence --policy measured
judge "measurement" 0 '' myst verify quote --policy measured
prints "measurement" "$mrenclave"
prints "report data" '^report_data +(5a){64}$'

# ---- collateral in a folder, and from the service
judge "export" 0 '' myst platform export collateral
judge "folder" 0 '' myst verify quote --policy lenient --collateral collateral
cp -r collateral in-pem && openssl crl -inform der -in collateral/pck_crl.der -out in-pem/pck_crl.pem &&
    od -An -v -t x1 collateral/root_ca_crl.der | tr -d ' \n' >in-pem/root_ca_crl.der && rm in-pem/pck_crl.der || exit 1
judge "folder, lists in PEM and hex" 0 '' myst verify quote --policy lenient --collateral in-pem
rm collateral/root_ca_crl.der
judge "no CRL" 1 'collateral-missing' myst verify quote --policy lenient --collateral collateral
judge "empty folder" 1 'collateral-missing' myst verify quote --policy lenient --collateral "$top/root"
judge "no folder" 2 'No such file' myst verify quote --policy lenient --collateral nowhere
myst platform serve --aesm aesm.socket --pccs 127.0.0.1:0 >services 2>messages &
servers+=($!)
for _ in $(seq 1000); do
    grep -qs pccs services && break
    sleep 0.05
done
url=$(sed -n 's/^pccs //p' services)
judge "fetch" 0 '' myst collateral quote --url "$url" --output fetched
judge "fetched" 0 '' myst verify certificate.der --policy lenient --collateral fetched
judge "fetch unknown" 1 '404' myst collateral --fmspc 00606a000000 --url "$url" --output other
judge "fetch TDX" 1 '404' myst collateral --fmspc 4d5953540001 --tdx --url "$url" --output other
judge "nobody there" 1 'collateral' myst collateral quote --url http://127.0.0.1:1/sgx/certification/v4 --output other
export MYST_PCCS_URL=http://127.0.0.1:1/sgx/certification/v4
[ ! -d "$samples" ] ||
    judge "service is down" 1 'not trusted: no collateral: .*127.0.0.1:1' myst verify "$samples/ra-tls/gramine-cert.pem" \
        --time 1756530546
unset MYST_PCCS_URL
judge "cache" 0 '' myst collateral --from fetched
[ -S aesm.socket ] || fail "no socket"
kill "${servers[-1]}" && wait "${servers[-1]}"
[ ! -e aesm.socket ] || fail "the socket is left behind"
unset 'servers[-1]'

# ---- changed evidence: never trusted, never a crash
size=$(stat -c %s quote)
for offset in 0 2 12 40 100 240 370 431 433 440 510 600 1010 1016 1100 2000 "$((size - 100))"; do
    flip quote "$offset" changed
    myst verify changed --policy lenient >"$top/stdout" 2>"$top/stderr"
    status=$?
    { [ "$status" -eq 1 ] || [ "$status" -eq 2 ]; } || fail "byte $offset of the quote: exit status $status"
    [ "$(wc -l <"$top/stderr")" -eq 1 ] || fail "byte $offset of the quote: not one line"
done
for offset in 10 100 300 500 2000 5000 "$((certificate_size - 10))"; do
    flip certificate.der "$offset" changed
    myst verify changed --policy lenient >"$top/stdout" 2>"$top/stderr"
    status=$?
    { [ "$status" -eq 1 ] || [ "$status" -eq 2 ]; } || fail "byte $offset of the certificate: exit status $status"
done
head -c 1000 quote >cut
judge "cut quote" 1 'malformed' myst verify cut --policy lenient

# ---- usage
: >empty
head -c 5000 /dev/zero >zeros
judge "empty" 2 'neither' myst verify empty
judge "zeros" 2 'neither' myst verify zeros
judge "no file" 2 'No such file' myst verify nothing
judge "no operand" 2 'no operand' myst verify
judge "two operands" 2 'one operand' myst verify quote report
judge "bad time" 2 'not a time' myst verify quote --time yesterday
judge "bad option" 2 'unknown option' myst verify quote --polcy lenient
judge "no policy" 2 'No such file' myst verify quote --policy nothing
judge "policy is no JSON" 2 'line 1' myst verify quote --policy quote
judge "quote of zeros" 2 'neither' myst quote zeros
judge "platform action" 1 "did you mean 'reset'" myst platform rest
judge "serve nothing" 1 'serve what' myst platform serve

# ---- a server that shows the certificate
serve() { # ADDRESS LOG; prints where it listens
    openssl s_server -accept "$1" -cert certificate.pem -key key.pem -www -tlsextdebug >"$2" 2>&1 &
    servers+=($!)
    for _ in $(seq 1000); do
        grep -qs '^ACCEPT' "$2" && break
        sleep 0.05
    done
    address=$(sed -n 's/^ACCEPT //p' "$2" | head -n 1)
}
serve 127.0.0.1:0 server
judge "TLS, strict" 1 'test root' myst verify "$address"
judge "TLS" 0 '' myst verify "$address" --policy lenient
! grep -q 'extension "server name"' server || fail "TLS: an address was given as a name"
judge "TLS by name" 0 '' myst verify "localhost:${address##*:}" --policy lenient
grep -q 'extension "server name"' server || fail "TLS by name: the name was not given"
judge "nobody listens" 2 'refused' myst verify 127.0.0.1:1
judge "no port" 2 'No such file' myst verify 127.0.0.1:65537
judge "no such host" 2 'not known|failure|No address' myst verify nowhere.invalid:443
if [ -s /proc/net/if_inet6 ]; then
    serve '[::1]:0' server6
    judge "TLS, IPv6" 0 '' myst verify "[::1]:${address##*:}" --policy lenient
    judge "TLS, IPv6 without brackets" 0 '' myst verify "::1:${address##*:}" --policy lenient
    ! grep -q 'extension "server name"' server6 || fail "TLS, IPv6: an address was given as a name"
fi
wait "$slow"
[ $? -eq 2 ] && grep -q 'in time' "$top/slow" || fail "a slow server: $(cat "$top/slow")"

# ---- real evidence
if [ -d "$samples" ]; then
    tdx=$samples/tdx-quote-v4/dcapqvl-b0c06f000000.bin
    set_of_tdx=$samples/collateral/tdx-b0c06f000000-20250619
    judge "TDX" 0 '' myst verify "$tdx" --collateral "$set_of_tdx" --time 1752919234
    judge "TDX, today" 1 'expired' myst verify "$tdx" --collateral "$set_of_tdx"
    judge "SNP" 0 '' myst verify "$samples/snp-report/virtee-milan-v2.report.bin" --collateral "$samples/snp-report" \
        --time 2023-05-03T19:23:43Z
    judge "SNP without key" 1 'vek-missing' myst verify "$samples/snp-report/virtee-milan-v2.report.bin"
    judge "forged" 1 'not trusted' myst verify "$samples/negative/oe_sgx_cert_ec_bad.der" --collateral "$set_of_tdx" \
        --time 1752919234
else
    echo "the collection of real evidence is not there ($samples): that part is skipped"
fi

[ "$failures" -eq 0 ] || echo "$failures checks failed"
[ "$failures" -eq 0 ]
