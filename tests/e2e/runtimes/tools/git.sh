# A repository: commits, branches, a merge with a conflict, a clone, a check. Arguments: folder.
cd "$1" || exit 99
export HOME=$1 GIT_AUTHOR_DATE='2001-01-01T00:00:00Z' GIT_COMMITTER_DATE='2001-01-01T00:00:00Z' GIT_PAGER=cat GIT_CONFIG_NOSYSTEM=1
git config --global user.name Somebody && git config --global user.email somebody@example.org && git config --global init.defaultBranch main
git init -q work && cd work || exit 98
for i in 1 2 3; do seq $((i * 100)) >file$i; git add -A; git commit -qm "commit $i"; done
git log --oneline; git checkout -q -b side HEAD~1; echo side >>file1; git commit -qam side; git checkout -q main; git merge -q side -m merged; git log --oneline --graph | cat
echo a >file1; git commit -qam ours; git checkout -q side; echo b >file1; git commit -qam theirs; git merge main 2>&1 | tail -1; git status --short; git checkout -q --ours file1; git add file1; git commit -qm solved
git diff --stat main; git gc -q; git fsck 2>/dev/null; git rev-list --count --all; git clone -q . ../clone && git -C ../clone log -1 --format=%H%n%s; git stash list; git grep -c 99; git archive HEAD | tar -t; git bisect start HEAD HEAD~2 >/dev/null; git bisect reset >/dev/null 2>&1; git tag -a v1 -m one; git describe; git blame -s file2 | head -2
