# Builds with two jobs, runs, builds again (nothing to do), builds after a change, and shows an error. Arguments: folder, sources.
cd "$1" || exit 99
cp "$2"/* . || exit 99
make -s -j2 words && ./words one two three; echo "status $?"
make -q words; echo "up to date: $?"
sed -i 's/longest %d/the longest %d/' main.c && make -s -j2 words && ./words alpha; echo "status $?"
make -s run; echo "status $?"
echo 'int f(void) { return g; }' >shape.c; make -s -j2 words 2>&1 | grep -c error:
gcc -O2 -x c - -o plain <<'END' && ./plain
#include <stdio.h>
#include <stdlib.h>
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void) { int v[] = {5, 2, 9, 1}; qsort(v, 4, sizeof(int), compare); printf("%d %d\n", v[0], v[3]); return 0; }
END
make -s clean; ls
