// SPDX-License-Identifier: MIT
//
// Files of the image: read, changed, replaced; what was there stays beneath what is written.
// root: numbers tree.txt
#include "conform.h"
#include <sys/mman.h>

int main(int argc, char **argv)
{
    begin(argv);
    char text[64] = "";
    int fd = OK(open("numbers", O_RDWR));
    TRY(lseek(fd, 0, SEEK_END));
    TRY(pread(fd, text, 12, 5000));
    printf("[%s]\n", text);
    char *p = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE, fd, 4096);
    NEED(p != MAP_FAILED);
    printf("[%.12s]\n", p + 904);
    TRY(pwrite(fd, "CHANGED", 7, 5003));
    TRY(pread(fd, text, 16, 5000));
    printf("[%.16s]\n", text);
    TRY(pread(fd, text, 10, 40000));
    printf("[%.10s]\n", text);
    TRY(ftruncate(fd, 5005));
    TRY(pread(fd, text, 16, 5000));
    show_file("tree.txt");
    TRY(rename("tree.txt", "other.txt"));
    TRY(access("tree.txt", F_OK));
    show_file("other.txt");
    TRY(unlink("other.txt"));
    write_file("tree.txt", "new");
    show_file("tree.txt");
    TRY(chmod("numbers", 0600));
    TRY(link("numbers", "again"));
    struct stat st;
    NEED(!stat("again", &st));
    printf("%o %ld %ld\n", st.st_mode & 0777, (long)st.st_size, (long)st.st_nlink);
    return 0;
}
