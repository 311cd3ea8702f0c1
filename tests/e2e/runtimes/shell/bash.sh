# What bash adds: process substitution, coproc, wait -n, pipefail, arrays, mapfile, regular expressions. Arguments: folder.
cd "$1" || exit 99
echo "== process substitution"
diff <(seq 5) <(seq 2 6); echo "status $?"
paste <(seq 3) <(seq 4 6) <(printf '%s\n' a b c)
echo text | tee >(tr a-z A-Z >upper) >/dev/null; wait; while [ ! -s upper ]; do sleep 0.01; done; cat upper
while read -r a; do sum=$((sum + a)); done < <(seq 1000); echo "$sum"
echo "== coproc"
coproc CAT { while read -r l; do echo "<$l>"; done; echo finished; }
echo one >&"${CAT[1]}"; read -r answer <&"${CAT[0]}"; echo "$answer"
echo two >&"${CAT[1]}"; read -r answer <&"${CAT[0]}"; echo "$answer"
exec {CAT[1]}>&-; read -r answer <&"${CAT[0]}"; echo "$answer"; wait "$CAT_PID"; echo "status $?"
echo "== wait -n"
mkfifo one three; (read -r _ <one; exit 1) & (exit 2) & (read -r _ <three; exit 3) &
wait -n; echo $?; echo >three; wait -n; echo $?; echo >one; wait -n; echo $?; wait -n; echo $?
echo "== pipefail and PIPESTATUS"
set -o pipefail; (exit 3) | (exit 4) | true; echo "$? ${PIPESTATUS[*]}"; set +o pipefail
shopt -s lastpipe; seq 3 | mapfile -t lines; echo "${#lines[@]} ${lines[2]}"
echo "== signals"
trap 'count=$((count + 1))' USR1
for i in 1 2 3 4 5; do kill -USR1 $BASHPID; done; echo "$count signals"
trap 'echo USR2 came' USR2; (sleep 0.2; until grep -q sleeping /proc/$$/status; do sleep 0.01; done; kill -USR2 $$) & wait; echo "wait $?"
trap 'echo line $LINENO failed' ERR; false; trap - ERR
echo "== words"
declare -A m=([one]=1 [two]=2); echo "${m[two]} ${#m[@]}"
s="the quick brown fox"; echo "${s^^} ${s/quick/slow} ${s:4:5} ${s##* } ${#s}"
[[ "key=value" =~ ^([a-z]+)=(.*)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
printf '%05.1f|%-6s|%x|%q\n' 3.14159 ab 255 "a b"
echo {1..5} {a..e} $((2 ** 40)) $((16#ff)) "${!m@}"; printf '%s\n' "${BASH_VERSINFO[0]}" | grep -c .
read -r -t 0.1 nothing < <(sleep 1); echo "read $?"
echo "== many processes"
for i in $(seq 40); do x=$(echo "$i"); done; echo "$x"
f() { [ "$1" -eq 0 ] && echo bottom || (f $(($1 - 1))); }; f 12
exec bash -c 'echo "exec $0 $1"; exit 11' replaced argument
