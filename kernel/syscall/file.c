// SPDX-License-Identifier: MIT
//
// Opening, closing, duplicating and positioning descriptors.
#include <asm/ioctls.h>
#include <linux/close_range.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>

#include "kernel/fs/pipe/pipe.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/syscall/lock.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/sharing.h"
#include "kernel/task/task.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/lease.h"
#include "kernel/vfs/open.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/resize.h"
#include "kernel/vfs/seal.h"
#include "kernel/vfs/signal_io.h"
#include "kernel/vfs/text_busy.h"

#define POSITION_MAX ((1l << 44) - 4096) // where a file may end on ext4

enum { SETTABLE_FLAGS = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME };

static unsigned fd_flags(int flags)
{
    return flags & O_CLOEXEC ? FD_CLOEXEC : 0;
}

long sys_openat(int dir, const char USER *path, int flags, unsigned mode)
{
    char *p;
    struct node *base = NULL;
    struct file *f;
    int r = path_from_user(path, &p);
    if (r)
        return r;
    r = base_from_fd(dir, p, &base);
    if (!r)
        r = file_open_at(base, p, (uint32_t)flags, mode & 07777, &f);
    node_put(base);
    kfree(p);
    return r ? r : fd_install(f, fd_flags(flags), 0);
}

long sys_open(const char USER *path, int flags, unsigned mode)
{
    return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(const char USER *path, unsigned mode)
{
    return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long sys_close(int fd)
{
    return fd_close(fd);
}

long sys_close_range(unsigned first, unsigned last, int flags)
{
    if (first > last || (flags & ~(int)(CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE)))
        return -EINVAL;
    int r = flags & CLOSE_RANGE_UNSHARE ? thread_part_files() : 0;
    if (r)
        return r;
    for (unsigned fd = first; fd <= last && fd < FD_LIMIT && (int)fd < fd_table_current()->room; fd++) {
        if (flags & CLOSE_RANGE_CLOEXEC)
            (void)fd_set_flags((int)fd, FD_CLOEXEC); // closed ones are no error
        else
            (void)fd_close((int)fd);
    }
    return 0;
}

static long dup_at(int old, int new, int flags)
{
    struct file *f = fd_get(old);
    if (!f)
        return -EBADF;
    int r = fd_install_at(f, fd_flags(flags), new);
    return r ? r : new;
}

long sys_dup(int fd)
{
    struct file *f = fd_get(fd);
    return f ? fd_install(f, 0, 0) : -EBADF;
}

long sys_dup2(int old, int new)
{
    if (old == new) {
        int r = fd_get_flags(old);
        return r < 0 ? r : new;
    }
    return dup_at(old, new, 0);
}

long sys_dup3(int old, int new, int flags)
{
    return old == new || (flags & ~O_CLOEXEC) ? -EINVAL : dup_at(old, new, flags);
}

static long set_flags(int fd, struct file *f, unsigned long flags)
{
    int r = (flags ^ f->flags) & FASYNC ? signal_io_enable(f, fd, flags & FASYNC) : 0;
    if (r && r != -ENOTTY) // where it means nothing it is passed over
        return r;
    f->flags = (f->flags & ~(uint32_t)SETTABLE_FLAGS) | ((uint32_t)flags & SETTABLE_FLAGS);
    return 0;
}

// Whatever open(2) gave; pipe(2) does not say so.
static bool is_large(const struct file *f)
{
    return f->node && (f->path || S_TYPE(f->node->mode) != S_IFIFO);
}

static bool is_of_descriptor(int command)
{
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_SETFD || command == F_GETFL;
}

static long do_fcntl(int fd, struct file *f, int command, unsigned long argument)
{
    if (f->flags & O_PATH && !is_of_descriptor(command))
        return -EBADF;
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return fd_install(file_get(f), command == F_DUPFD_CLOEXEC ? FD_CLOEXEC : 0, (int)argument);
    case F_GETFD:
        return fd_get_flags(fd);
    case F_SETFD:
        return fd_set_flags(fd, (unsigned)argument & FD_CLOEXEC);
    case F_GETFL:
        if (f->flags & O_PATH)
            return f->flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW);
        return (f->flags & ~(uint32_t)(O_CLOEXEC | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC)) | (is_large(f) ? O_LARGEFILE : 0);
    case F_SETFL:
        return set_flags(fd, f, argument);
    case F_GETLK:
    case F_OFD_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return fcntl_lock(f, command, argument);
    case F_ADD_SEALS:
        return seal_add(f, (unsigned)argument);
    case F_GET_SEALS:
        return seal_get(f);
    case F_SETLEASE:
        return lease_set(f, fd, argument);
    case F_GETLEASE:
        return lease_get(f);
    case F_GETPIPE_SZ:
        return pipe_capacity(f);
    case F_SETPIPE_SZ:
        return pipe_set_capacity(f, argument > UINT32_MAX ? UINT32_MAX : (uint32_t)argument);
    default:
        return signal_io_control(f, command, argument);
    }
}

long sys_fcntl(int fd, int command, unsigned long argument)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    long r = do_fcntl(fd, f, command, argument);
    file_put(f);
    return r;
}

static long seek_data(const struct file *f, long offset, int whence)
{
    if (offset < 0 || (uint64_t)offset >= f->node->size)
        return -ENXIO;
    return whence == SEEK_DATA ? offset : (long)f->node->size; // no holes to tell of: always allowed
}

static long do_seek(struct file *f, long offset, int whence)
{
    long base, at;
    if (whence == SEEK_DATA || whence == SEEK_HOLE) {
        base = f->node ? seek_data(f, offset, whence) : -EINVAL;
        offset = 0;
    } else {
        base = file_origin(f, whence);
    }
    if (base < 0)
        return base;
    if (__builtin_add_overflow(base, offset, &at))
        return -EOVERFLOW;
    if (at < 0 || at > POSITION_MAX)
        return -EINVAL;
    f->position = (uint64_t)at;
    return at;
}

// eventfd and the like: Linux lets them be positioned, to no effect.
static bool is_anonymous_inode(const struct file *f)
{
    static const char prefix[] = "anon_inode:";
    return f->name && !strncmp(f->name, prefix, sizeof(prefix) - 1);
}

long sys_lseek(int fd, long offset, int whence)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    long r = -ESPIPE;
    if (f->ops->unmoving || is_anonymous_inode(f)) {
        r = 0;
    } else if (!f->ops->stream) {
        mutex_lock(&f->position_lock);
        r = do_seek(f, offset, whence);
        mutex_unlock(&f->position_lock);
    }
    file_put(f);
    return r;
}

static long common_ioctl(int fd, struct file *f, unsigned long request, uint64_t argument)
{
    int on;
    switch (request) {
    case FIOCLEX:
        return fd_set_flags(fd, FD_CLOEXEC);
    case FIONCLEX:
        return fd_set_flags(fd, 0);
    case FIONBIO:
        if (copy_from_user(&on, (const void USER *)argument, sizeof(on)))
            return -EFAULT;
        f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~(uint32_t)O_NONBLOCK;
        return 0;
    case FIOASYNC:
        if (copy_from_user(&on, (const void USER *)argument, sizeof(on)))
            return -EFAULT;
        return signal_io_enable(f, fd, on);
    default:
        return f->ops->ioctl ? f->ops->ioctl(f, request, argument) : -ENOTTY;
    }
}

long sys_ioctl(int fd, unsigned long request, uint64_t argument)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    long r = common_ioctl(fd, f, (uint32_t)request, argument); // musl extends the sign of its int
    file_put(f);
    return r;
}

long sys_ftruncate(int fd, long size)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    long r = size < 0 || !file_writable(f) || !f->ops->truncate ? -EINVAL : f->ops->truncate(f, (uint64_t)size);
    file_put(f);
    return r;
}

long sys_truncate(const char USER *path, long size)
{
    struct node *n;
    if (size < 0)
        return -EINVAL;
    int r = node_at(AT_FDCWD, path, 0, &n);
    if (r)
        return r;
    r = S_TYPE(n->mode) == S_IFDIR ? -EISDIR : S_TYPE(n->mode) != S_IFREG ? -EINVAL : 0;
    if (!r)
        r = node_permits(n, MAY_WRITE);
    if (!r)
        r = lease_break(n, /* write= */ true, /* wait= */ true);
    if (!r && !(r = text_begin_write(n))) {
        r = node_resize(n, (uint64_t)size);
        text_end_write(n);
    }
    node_put(n);
    return r;
}

long sys_fallocate(int fd, int mode, long offset, long length)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    int r = offset < 0 || length <= 0 ? -EINVAL : !file_writable(f) ? -EBADF : is_pipe(f) ? -ESPIPE : 0;
    if (!r && (!f->node || S_TYPE(f->node->mode) != S_IFREG))
        r = -ENODEV;
    if (!r)
        r = node_allocate(f->node, mode, (uint64_t)offset, (uint64_t)length);
    file_put(f);
    return r;
}

// Everything is in memory: there is nothing to bring anywhere.
static long nothing_to_sync(int fd)
{
    struct file *f = fd_get_io(fd);
    if (!f)
        return -EBADF;
    bool is_stored = file_has_content(f) || (f->node && S_TYPE(f->node->mode) == S_IFDIR);
    file_put(f);
    return is_stored ? 0 : -EINVAL;
}

long sys_fsync(int fd)
{
    return nothing_to_sync(fd);
}

long sys_fdatasync(int fd)
{
    return nothing_to_sync(fd);
}

long sys_syncfs(int fd)
{
    struct file *f = fd_get_io(fd);
    file_put(f);
    return f ? 0 : -EBADF;
}

long sys_sync(void)
{
    return 0;
}

long sys_fadvise64(int fd, long offset, long length, int advice)
{
    struct file *f = fd_get_io(fd);
    long r = !f ? -EBADF : f->ops->stream ? -ESPIPE : length < 0 || advice < 0 || advice > 5 ? -EINVAL : 0;
    file_put(f);
    return r;
}

// Content is in memory already, or is read and checked when it is asked for.
long sys_readahead(int fd, long offset, size_t count)
{
    struct file *f = fd_get_io(fd);
    bool readable = f && (f->flags & O_ACCMODE) != O_WRONLY;
    long r = !readable ? -EBADF : !f->node || !S_ISREG(f->node->mode) ? -EINVAL : 0;
    file_put(f);
    return r;
}

long sys_sync_file_range(int fd, long offset, long length, int flags)
{
    enum { FLAGS = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER };
    struct file *f = fd_get_io(fd);
    bool bad = flags & ~(int)FLAGS || offset < 0 || length < 0 || offset > INT64_MAX - length;
    long r = !f ? -EBADF : bad ? -EINVAL : f->ops->stream ? -ESPIPE : 0;
    file_put(f);
    return r;
}

long sys_memfd_create(const char USER *name, int flags)
{
    enum { PREFIX = sizeof("/memfd:") - 1, NAME = 249 };
    char shown[PREFIX + NAME + 1] = "/memfd:";
    struct file *f;
    if (flags & ~(int)(MFD_CLOEXEC | MFD_ALLOW_SEALING))
        return -EINVAL;
    long n = strncpy_from_user(shown + PREFIX, name, NAME + 1);
    if (n < 0)
        return n == -ENAMETOOLONG ? -EINVAL : n;
    int r = memory_file_new(0, shown, &f);
    if (!r)
        f->node->seals = SEALS_KEPT | (flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL);
    return r ? r : fd_install(f, flags & MFD_CLOEXEC ? FD_CLOEXEC : 0, 0);
}

long sys_umask(unsigned mask)
{
    struct fs_state *fs = current_fs();
    unsigned old = fs->umask;
    fs->umask = mask & 0777;
    return old;
}
