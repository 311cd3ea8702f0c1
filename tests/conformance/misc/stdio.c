// SPDX-License-Identifier: MIT
//
// The C library's own streams: formatted, buffered, positioned, temporary.
#include "conform.h"
#include <locale.h>
#include <math.h>
#include <wchar.h>

int main(int argc, char **argv)
{
    begin(argv);
    FILE *f = fopen("text", "w+");
    NEED(f);
    for (int i = 0; i < 3000; i++)
        fprintf(f, "%d %s %g\n", i, i % 2 ? "odd" : "even", i / 8.0);
    IS(ftell(f) == 48444 || ftell(f) > 40000);
    rewind(f);
    char line[100];
    int lines = 0;
    while (fgets(line, sizeof(line), f))
        lines++;
    printf("%d lines\n", lines);
    fseek(f, -10, SEEK_END);
    NEED(fgets(line, sizeof(line), f));
    printf("%s", line);
    ungetc('x', f);
    printf("%c %d\n", fgetc(f), feof(f));
    fclose(f);
    f = tmpfile();
    IS(f && fputs("temporary", f) >= 0 && fclose(f) == 0);
    char name[] = "fileXXXXXX";
    IS(mkstemp(name) >= 0);
    IS(mkdtemp((char[]){"folderXXXXXX"}) != NULL);
    printf("%.17g %a %e %5.2f|%-8s|%08x|%+d|%c|%%|%zu|%jd\n", M_PI, 1.5, 12345.678, 2.345, "ab", 0xbeef, 5, 'x', sizeof(long),
           (intmax_t)-1);
    IS(setlocale(LC_ALL, "C") != NULL);
    wchar_t wide[10];
    IS(mbstowcs(wide, "abc", 10) == 3 && wcslen(wide) == 3);
    return 0;
}
