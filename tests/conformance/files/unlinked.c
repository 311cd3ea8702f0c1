// SPDX-License-Identifier: MIT
//
// A file without name lives as long as it is open or mapped.
#include "conform.h"
#include <sys/mman.h>

int main(int argc, char **argv)
{
    begin(argv);
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    TRY(write(fd, "content", 7));
    TRY(unlink("f"));
    TRY(access("f", F_OK));
    struct stat st;
    TRY(fstat(fd, &st));
    printf("links %ld, size %ld\n", (long)st.st_nlink, (long)st.st_size);
    TRY(write(fd, " more", 5));
    char text[32] = "";
    TRY(pread(fd, text, sizeof(text), 0));
    printf("%s\n", text);
    write_file("f", "another");
    TRY(pread(fd, text, sizeof(text), 0));
    char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    NEED(p != MAP_FAILED);
    TRY(close(fd));
    IS(!strcmp(p, "content more"));
    show_file("f");
    // Renaming over an open file leaves it to those who have it open.
    fd = open("f", O_RDONLY);
    write_file("g", "replaced");
    TRY(rename("g", "f"));
    memset(text, 0, sizeof(text));
    TRY(read(fd, text, sizeof(text)));
    printf("%s\n", text);
    show_file("f");
    return 0;
}
