// SPDX-License-Identifier: MIT
//
// Where the platform's file stands, and that it comes into being once: under a lock, written to a temporary, then
// renamed. A directory or file of somebody else, or open to others, is refused: whoever can write it decides about
// sealed data and quotes.
#include "emu/platform/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/platform/state.h"
#include "lib/path/directories.h"

static const char file_name[] = "platform", temporary_name[] = "platform.new", lock_name[] = "lock";

static int fail(char *reason, size_t size, const char *directory, const char *what, int error)
{
    snprintf(reason, size, "%s/%s: %s", directory, file_name, what ? what : strerror(-error));
    return error;
}

static int open_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat st;
    int r = fstat(fd, &st) < 0 ? -errno : 0;
    if (!r && st.st_uid != geteuid())
        r = -EACCES;
    if (!r && (st.st_mode & 077) && fchmod(fd, 0700) < 0)
        r = -errno;
    if (!r)
        return fd;
    close(fd);
    return r;
}

static int read_whole(int fd, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, (char *)buffer + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EBADMSG;
        done += (size_t)n;
    }
    return 0;
}

static int check_file(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size != (off_t)sizeof(struct platform_state))
        return -EBADMSG;
    return st.st_uid != geteuid() || (st.st_mode & 077) ? -EPERM : 0;
}

// 0, -ENOENT: none yet, -EBADMSG with a reason, or what the file system says.
static int load(int directory, struct platform_state *ret, const char **ret_reason)
{
    int fd = openat(directory, file_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = check_file(fd);
    if (!r)
        r = read_whole(fd, ret, sizeof(*ret));
    close(fd);
    if (r == -EPERM)
        *ret_reason = "belongs to another user, or others may read it; remove it, a new one will be made";
    else if (r == -EBADMSG)
        *ret_reason = "not a software SGX platform of this version; remove it, a new one will be made";
    return r ? r : platform_state_check(ret, ret_reason);
}

static int write_whole(int fd, const void *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = write(fd, (const char *)data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        done += (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

// Under the lock.
static int store(int directory, const struct platform_state *state)
{
    if (unlinkat(directory, temporary_name, 0) < 0 && errno != ENOENT) // of a process that died here
        return -errno;
    int fd = openat(directory, temporary_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = write_whole(fd, state, sizeof(*state));
    close(fd);
    if (!r && renameat(directory, temporary_name, directory, file_name) < 0)
        r = -errno;
    if (r)
        (void)unlinkat(directory, temporary_name, 0); // the first error is the one to report
    return r;
}

static int lock(int directory)
{
    int fd = openat(directory, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR) {
            int error = errno;
            close(fd);
            return -error;
        }
    return fd;
}

static int load_or_make(int directory, struct platform_state *ret, const char **ret_reason)
{
    int r = load(directory, ret, ret_reason);
    if (r != -ENOENT)
        return r;
    int locked = lock(directory);
    if (locked < 0)
        return locked;
    r = load(directory, ret, ret_reason); // another process may have been first
    if (r == -ENOENT) {
        r = platform_state_make(ret);
        if (!r)
            r = store(directory, ret);
    }
    close(locked);
    return r;
}

static int open_in(const char *path, struct platform_state *ret, char *reason, size_t reason_size)
{
    const char *what = NULL;
    int directory = open_directory(path);
    if (directory == -ENOENT) {
        int r = directories_make(path, 0700);
        directory = r ? r : open_directory(path);
    }
    if (directory < 0)
        return fail(reason, reason_size, path, NULL, directory);
    int r = load_or_make(directory, ret, &what);
    close(directory);
    return r ? fail(reason, reason_size, path, what, r) : 0;
}

// An error of the place, not of what stands there.
static bool place_is_unusable(int error)
{
    return error == -EACCES || error == -EROFS || error == -ENOENT || error == -ENOTDIR || error == -ENAMETOOLONG;
}

static int put_path(char path[PATH_MAX], const char *base, const char *rest)
{
    int n = snprintf(path, PATH_MAX, "%s%s", base, rest);
    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int platform_store_open(struct platform_state *ret, char *reason, size_t reason_size)
{
    char path[PATH_MAX];
    const char *data_home = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");
    if (data_home && data_home[0] == '/') { // others are to be ignored (XDG base directory specification)
        int r = put_path(path, data_home, "/mystikos");
        return r ? fail(reason, reason_size, data_home, NULL, r) : open_in(path, ret, reason, reason_size);
    }
    if (home && home[0] == '/') {
        int r = put_path(path, home, "/.local/share/mystikos");
        if (!r)
            r = open_in(path, ret, reason, reason_size);
        if (!place_is_unusable(r))
            return r;
    }
    snprintf(path, sizeof(path), "/var/tmp/mystikos-%u", (unsigned)geteuid());
    return open_in(path, ret, reason, reason_size);
}

static bool exists(const char *folder, char ret_path[PATH_MAX])
{
    struct stat st;
    const int n = snprintf(ret_path, PATH_MAX, "%s/%s", folder, file_name);
    return n > 0 && n < PATH_MAX && lstat(ret_path, &st) == 0;
}

int platform_store_find(char ret_path[PATH_MAX])
{
    char folder[PATH_MAX];
    const char *data_home = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");
    if (data_home && data_home[0] == '/')
        return !put_path(folder, data_home, "/mystikos") && exists(folder, ret_path) ? 0 : -ENOENT;
    if (home && home[0] == '/' && !put_path(folder, home, "/.local/share/mystikos") && exists(folder, ret_path))
        return 0;
    snprintf(folder, sizeof(folder), "/var/tmp/mystikos-%u", (unsigned)geteuid());
    return exists(folder, ret_path) ? 0 : -ENOENT;
}
