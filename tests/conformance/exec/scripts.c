// SPDX-License-Identifier: MIT
//
// Files that start with #!.
#include "conform.h"

extern char **environ;

static void script(const char *name, const char *text)
{
    write_file(name, text);
    NEED(!chmod(name, 0755));
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        begin((char *[]){argv[0], NULL});
        printf("%d arguments:", argc - 1);
        for (int i = 1; i < argc; i++)
            printf(" [%s]", argv[i]);
        printf("\n");
        // The next script of the row, until there is none.
        static const char *const next[] = {"one", "two", "three", "four", NULL};
        for (int i = 0; next[i]; i++)
            if (!strcmp(argv[argc - 2], next[i]) && next[i + 1]) {
                char path[32];
                snprintf(path, sizeof(path), "./%s", next[i + 1]);
                execve(path, (char *[]){"ignored", (char *)next[i + 1], "x", NULL}, environ);
                printf("%s: %s\n", path, errno_name(errno));
            }
        return 5;
    }
    begin(argv);
    NEED(!symlink(argv[0], "program"));
    script("one", "#!./program\n");
    script("two", "#! \t./program  first second \t \nrest");
    script("three", "#!./two"); // a script for a script, without a line's end
    script("four", "#!./program -\n");
    script("bad", "#!\n");
    script("worse", "#!   \n");
    script("none", "#!./nowhere\n");
    script("folder", "#!.\n");
    script("self", "#!./self\n");
    script("not", " #!./program\n");
    char long_line[400];
    memset(long_line, ' ', sizeof(long_line));
    memcpy(long_line, "#!", 2);
    strcpy(long_line + 300, "./program\n");
    script("long", long_line);
    char *args[] = {"ignored", "x", NULL};
    TRY(execve("./bad", args, environ));
    TRY(execve("./worse", args, environ));
    TRY(execve("./none", args, environ));
    TRY(execve("./folder", args, environ));
    TRY(execve("./self", args, environ));
    TRY(execve("./not", args, environ));
    TRY(execve("./long", args, environ));
    execve("./one", (char *[]){"ignored", "one", "x", NULL}, environ);
    printf("%s\n", errno_name(errno));
    return 1;
}
