// SPDX-License-Identifier: MIT
//
// flock and record locks of one process.
#include "conform.h"
#include <sys/file.h>

int main(int argc, char **argv)
{
    begin(argv);
    write_file("f", "0123456789");
    int a = open("f", O_RDWR), b = open("f", O_RDWR);
    TRY(flock(a, LOCK_EX | LOCK_NB));
    TRY(flock(b, LOCK_EX | LOCK_NB));
    TRY(flock(b, LOCK_SH | LOCK_NB));
    TRY(flock(dup(a), LOCK_EX | LOCK_NB)); // the same open file
    TRY(flock(a, LOCK_SH | LOCK_NB));
    TRY(flock(b, LOCK_SH | LOCK_NB));
    TRY(flock(a, LOCK_UN));
    TRY(flock(b, LOCK_EX | LOCK_NB));
    TRY(close(b));
    TRY(flock(a, LOCK_EX | LOCK_NB));
    TRY(flock(a, 99));
    TRY(flock(77, LOCK_SH));
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
    TRY(fcntl(a, F_SETLK, &l));
    TRY(fcntl(a, F_GETLK, &l)); // of the process itself: no conflict
    IS(l.l_type == F_UNLCK);
    TRY(fcntl(a, F_SETLK, &l));
    TRY(fsync(a));
    TRY(fdatasync(a));
    TRY(fsync(77));
    TRY(posix_fadvise(a, 0, 0, POSIX_FADV_SEQUENTIAL));
    IS(posix_fadvise(a, 0, -1, POSIX_FADV_SEQUENTIAL) == EINVAL);
    return 0;
}
