// SPDX-License-Identifier: MIT
//
// A file of 48 MB, written and read in odd pieces.
#include "conform.h"

enum { SIZE = 48 << 20 };

static unsigned char at(size_t i)
{
    return (unsigned char)(i * 2654435761u >> 13);
}

int main(int argc, char **argv)
{
    begin(argv);
    static unsigned char piece[70001];
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    for (size_t done = 0; done < SIZE;) {
        size_t n = SIZE - done < sizeof(piece) ? SIZE - done : sizeof(piece);
        for (size_t i = 0; i < n; i++)
            piece[i] = at(done + i);
        NEED(write(fd, piece, n) == (ssize_t)n);
        done += n;
    }
    struct stat st;
    NEED(!fstat(fd, &st));
    printf("size %ld\n", (long)st.st_size);
    IS(st.st_blocks * 512 >= SIZE);
    size_t wrong = 0, done = 0;
    NEED(!lseek(fd, 0, SEEK_SET));
    for (ssize_t n; (n = read(fd, piece, 33333)) > 0; done += (size_t)n)
        for (ssize_t i = 0; i < n; i++)
            wrong += piece[i] != at(done + (size_t)i);
    printf("%zu read, %zu wrong\n", done, wrong);
    return 0;
}
