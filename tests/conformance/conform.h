// SPDX-License-Identifier: MIT
//
// What the programs share. A program prints what the system answered, one line per question, and nothing that may differ between two
// runs on Linux: results and error names, not addresses, ids or times.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline const char *errno_name(int number)
{
#define NAME(e) {e, #e}
    static const struct {
        int number;
        const char *name;
    } names[] = {
        NAME(EPERM),        NAME(ENOENT),    NAME(ESRCH),      NAME(EINTR),  NAME(EIO),        NAME(ENXIO),     NAME(E2BIG),
        NAME(ENOEXEC),      NAME(EBADF),     NAME(ECHILD),     NAME(EAGAIN), NAME(ENOMEM),     NAME(EACCES),    NAME(EFAULT),
        NAME(EBUSY),        NAME(EEXIST),    NAME(EXDEV),      NAME(ENODEV), NAME(ENOTDIR),    NAME(EISDIR),    NAME(EINVAL),
        NAME(ENFILE),       NAME(EMFILE),    NAME(ENOTTY),     NAME(ETXTBSY), NAME(EFBIG),     NAME(ENOSPC),    NAME(ESPIPE),
        NAME(EROFS),        NAME(EMLINK),    NAME(EPIPE),      NAME(EDOM),   NAME(ERANGE),     NAME(EDEADLK),   NAME(ENAMETOOLONG),
        NAME(ENOLCK),       NAME(ENOSYS),    NAME(ENOTEMPTY),  NAME(ELOOP),  NAME(ENODATA),    NAME(EOVERFLOW), NAME(EOPNOTSUPP),
        NAME(ETIMEDOUT),    NAME(EOWNERDEAD), NAME(ENOTRECOVERABLE), NAME(ENOTSOCK), NAME(EBADFD), NAME(ECANCELED), NAME(EDESTADDRREQ),
    };
#undef NAME
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].number == number)
            return names[i].name;
    return "another error";
}

static inline long show_result(const char *what, long result, int error)
{
    if (result == -1)
        printf("%s = %s\n", what, errno_name(error));
    else
        printf("%s = %ld\n", what, result);
    errno = error;
    return result;
}

static inline long show_success(const char *what, long result, int error)
{
    printf("%s = %s\n", what, result == -1 ? errno_name(error) : "ok");
    errno = error;
    return result;
}

static inline bool all_are(const unsigned char *p, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != value)
            return false;
    return true;
}

static inline void show_error(const char *what, int error)
{
    printf("%s = %s\n", what, error ? errno_name(error) : "0");
}

// A call whose result is the same everywhere.
#define TRY(call)                                                                                            \
    ({                                                                                                       \
        errno = 0;                                                                                           \
        long result_ = (long)(call);                                                                         \
        show_result(#call, result_, errno);                                                                  \
    })
// A call whose result may be any when it succeeds: an address, an id.
#define OK(call)                                                                                             \
    ({                                                                                                       \
        errno = 0;                                                                                           \
        long result_ = (long)(call);                                                                         \
        show_success(#call, result_, errno);                                                                 \
    })
// A function that returns an error number (pthread_*).
#define RETURNS(call) show_error(#call, (call))
#define IS(condition) printf("%s: %s\n", #condition, (condition) ? "yes" : "no")
// For what has to work before there is anything to test.
#define NEED(condition)                                                                                      \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            printf("line %d: %s is false (%s)\n", __LINE__, #condition, errno_name(errno));                  \
            exit(99);                                                                                        \
        }                                                                                                    \
    } while (0)

// To be called first: output by lines, whatever stdout is, and into the program's own folder.
static inline void begin(char **argv)
{
    static char buffer[4096];
    setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
    if (argv[1] && chdir(argv[1])) {
        printf("%s: %s\n", argv[1], errno_name(errno));
        exit(99);
    }
    umask(022);
}

static inline void write_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    NEED(fd >= 0);
    NEED(write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    close(fd);
}

static inline void show_file(const char *path)
{
    char buffer[2048];
    int fd = open(path, O_RDONLY);
    ssize_t count = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer));
    if (count < 0)
        printf("%s: %s\n", path, errno_name(errno));
    else
        printf("%s: %zd bytes [%.*s]\n", path, count, (int)count, buffer);
    if (fd >= 0)
        close(fd);
}
