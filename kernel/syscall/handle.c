// SPDX-License-Identifier: MIT
//
// File handles (man 2 open_by_handle_at). None of our file systems can find a file again by one, as several of Linux cannot: arguments
// are looked at, and then the answer is that of such a file system.
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/file.h"

enum { HANDLE_MOST = 128, MOUNT_ID_UNIQUE = 1, CONNECTABLE = 2, FILE_ID = 0x200 };

struct handle_header { // struct file_handle
    uint32_t size;
    int32_t type;
};

long sys_name_to_handle_at(int dir, const char USER *path, void USER *handle, void USER *mount_id, int flags)
{
    struct node *n;
    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | MOUNT_ID_UNIQUE | CONNECTABLE | FILE_ID))
        return -EINVAL;
    int r = node_at(dir, path, (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) | (flags & AT_EMPTY_PATH), &n);
    if (r)
        return r;
    node_put(n);
    return -EOPNOTSUPP;
}

long sys_open_by_handle_at(int mount, const void USER *handle, int flags)
{
    struct handle_header h;
    if (GET_USER(h, (const struct handle_header USER *)handle))
        return -EFAULT;
    if (!h.size || h.size > HANDLE_MOST)
        return -EINVAL;
    struct file *f = mount == AT_FDCWD ? NULL : fd_get(mount);
    if (!f && mount != AT_FDCWD)
        return -EBADF;
    file_put(f);
    return capable(CAP_DAC_READ_SEARCH) ? -ESTALE : -EPERM;
}
