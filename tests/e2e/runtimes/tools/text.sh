# Tools that work on text and files, several of them with threads or processes. Arguments: folder.
cd "$1" || exit 99
export LC_ALL=C
seq 30000 | awk '{ print $1 * 7919 % 30011, "word" $1 % 17 }' >data
sort --parallel=2 -S 100K -T . -n data | md5sum
sort -k2,2 -k1,1nr data | awk '!seen[$2]++ { n++; s += $1 } END { print n, s }'
cut -d' ' -f2 data | sort | uniq -c | sort -rn | head -3
sed -n -e '100,102{s/word/W/;p}' -e '200q' data
grep -c '^1.*word3$' data; grep -nm2 word5 data; split -l 10000 data part.; wc -l part.*; join <(sort part.aa) <(sort part.ab) 2>/dev/null | wc -l
seq 8 | xargs -P2 -n1 sh -c 'sleep 0.0$0; echo $0' | sort | tr '\n' ' '; echo
seq 5 | xargs -n2 echo; printf 'a\0b c\0' | xargs -0 -n1 echo; echo 1 | xargs false; echo "status $?"
timeout 0.2 sleep 30; echo "status $?"; timeout -s KILL 0.2 sleep 30; echo "status $?"; timeout 20 true; echo "status $?"
mkdir -p tree/a/b tree/c; echo x >tree/a/b/one; echo yy >tree/c/two; ln -s ../c/two tree/a/link; ln tree/c/two tree/hard
find tree -type f -size -10c | sort; find tree -name 'o*' -exec cat {} +; find tree -type l -printf '%p %l\n'; find tree -empty -delete; find tree | wc -l
tar -czf tree.tgz --sort=name tree && mkdir out && tar -xzf tree.tgz -C out && diff -r tree out/tree && echo same
tar -c tree | gzip -9 | gunzip | tar -t | sort | tail -2; gzip -k data; gzip -l data.gz | awk 'NR == 2 { print $2 }'; zcat data.gz | cmp - data && echo equal
tee copy1 copy2 <data | md5sum; cmp copy1 copy2; comm -12 <(seq 1 10 | sort) <(seq 5 15 | sort) | wc -l; od -An -tx1 -N8 data; dd if=data bs=100 count=2 skip=5 2>/dev/null | wc -c
mkfifo pipe; (seq 1000 >pipe &); wc -l <pipe; nl -ba part.aa | tail -1; tac part.aa | head -1; rev <<<"abc"; fold -w 20 <<<"a long line that is to be folded"; expr 6 \* 7
install -m 750 data installed; stat -c '%a %s %F' installed; touch -d '2001-02-03 04:05:06 UTC' installed; date -u -r installed +%F; cp -a tree copied; mv copied moved; rm -r moved; ls
for i in 1 2 3; do (flock 9; n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n) 9>lock & done; wait; cat n
nohup true 2>/dev/null; n=$(($(nice) + 5)); [ "$(nice -n 5 nice)" -eq $((n < 19 ? n : 19)) ]; echo "nice $?"; env -i A=1 printenv A
tail -f -n1 --pid=$$ data >followed & until [ -s followed ]; do sleep 0.05; done; cat followed; kill $!; wait $! 2>/dev/null; echo "status $?"
