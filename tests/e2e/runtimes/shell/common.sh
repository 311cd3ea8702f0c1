# What every POSIX shell has: pipelines, substitutions, here-documents, traps, jobs, subshells, redirections. Arguments: folder.
cd "$1" || exit 99
echo "== pipelines"
seq 20000 | sort -rn | sed -n '1p;$p' | tr '\n' ' '; echo
yes | head -n 100000 | wc -l
false | true; echo "status $?"
! true | false; echo "status $?"
echo "== substitutions"
big=$(seq 60000); echo "${#big}"
nested=$(echo "a $(echo "b $(echo c)")"); echo "$nested"
x=$(exit 7); echo "status $?"
set -- $(echo one two three); echo "$# $3"
echo "== here-documents"
name=value
cat <<END
plain $name $(echo inner) $((6 * 7))
END
cat <<'END'
quoted $name
END
sed 's/^/> /' <<-END
	with tabs
END
big_document=$(cat <<END
$big
END
); [ "$big_document" = "$big" ] && echo "a large one is whole"
echo "== redirections"
{ echo out; echo err >&2; } >both 2>&1; cat both
exec 4>file; echo four >&4; exec 4>&-; cat file
exec 5<file; read -r line <&5; echo "read $line"; exec 5<&-
echo appended >>file; wc -l <file
cat nothing 2>/dev/null || echo "no such file"
echo "== subshells"
v=outer; (v=inner; cd /; echo "$v $PWD"); echo "$v"
( exit 9 ); echo "status $?"
(trap 'echo end of subshell' EXIT; exit 3); echo "status $?"
echo "== jobs"
sleep 0.1 & a=$!
(exit 5) & b=$!
wait $b; echo "second $?"
wait $a; echo "first $?"
for i in 1 2 3 4 5 6; do (echo "$((i * i))" >"part$i") & done; wait
cat part1 part2 part3 part4 part5 part6 | tr '\n' ' '; echo
sleep 30 & kill -TERM $!; wait $! 2>/dev/null; echo "killed $?"
echo "== traps"
sh -c 'trap "echo got TERM; exit 12" TERM; kill -TERM $$; echo not reached'; echo "status $?"
sh -c 'trap "" INT; kill -INT $$; echo still here'
sh -c 'kill -KILL $$'; echo "status $?"
trap 'echo end $?' EXIT
echo "== limits"
(ulimit -n 40; ulimit -n; ulimit -Sn 20; ulimit -n)
(ulimit -c 0; ulimit -c)
(umask 077; : >private; ls -l private | cut -c1-10)
exit 6
