// SPDX-License-Identifier: MIT
//
// What is known of files: stat, statx, statfs, access.
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>
#include <linux/magic.h>
#include <linux/time_types.h>

#include "abi/layout.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/at.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/content.h"
#include "kernel/vfs/notify.h"
#include "kernel/vfs/open_file.h"

enum { DEVICE = 0x1a, BLOCK = 4096, SECTOR = 512 };

static uint64_t blocks_of(const struct node *n)
{
    return S_TYPE(n->mode) == S_IFREG ? content_pages(n) * (PAGE_SIZE / SECTOR) : S_TYPE(n->mode) == S_IFDIR ? 8 : 0;
}

// Times before 1970 are negative, their nanoseconds are not.
static struct __kernel_timespec split_time(int64_t ns)
{
    int64_t second = NS_PER_S, rest = ns % second;
    return (struct __kernel_timespec){ns / second - (rest < 0), rest < 0 ? rest + second : rest};
}

static void fill_stat(struct stat *s, const struct node *n)
{
    const struct __kernel_timespec accessed = split_time(n->atime_ns), modified = split_time(n->mtime_ns);
    const struct __kernel_timespec changed = split_time(n->ctime_ns);
    memset(s, 0, sizeof(*s));
    s->st_dev = DEVICE;
    s->st_ino = n->ino;
    s->st_nlink = n->nlink;
    s->st_mode = n->mode;
    s->st_uid = n->uid;
    s->st_gid = n->gid;
    s->st_rdev = n->rdev;
    s->st_size = (long)n->size;
    s->st_blksize = BLOCK;
    s->st_blocks = (long)blocks_of(n);
    s->st_atime = (unsigned long)accessed.tv_sec;
    s->st_atime_nsec = (unsigned long)accessed.tv_nsec;
    s->st_mtime = (unsigned long)modified.tv_sec;
    s->st_mtime_nsec = (unsigned long)modified.tv_nsec;
    s->st_ctime = (unsigned long)changed.tv_sec;
    s->st_ctime_nsec = (unsigned long)changed.tv_nsec;
}

static long stat_node(const struct node *n, void USER *buf)
{
    struct stat s;
    fill_stat(&s, n);
    return copy_to_user(buf, &s, sizeof(s));
}

long sys_newfstatat(int dir, const char USER *path, void USER *buf, int flags)
{
    struct node *n;
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
        return -EINVAL;
    if (flags & AT_EMPTY_PATH) { // fstat by another name; pipes have no node
        char first;
        if (!copy_from_user(&first, path, 1) && !first && dir != AT_FDCWD)
            return sys_fstat(dir, buf);
    }
    int r = node_at(dir, path, flags, &n);
    if (r)
        return r;
    long result = stat_node(n, buf);
    node_put(n);
    return result;
}

long sys_stat(const char USER *path, void USER *buf)
{
    return sys_newfstatat(AT_FDCWD, path, buf, 0);
}

long sys_lstat(const char USER *path, void USER *buf)
{
    return sys_newfstatat(AT_FDCWD, path, buf, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(int fd, void USER *buf)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    const struct node stand_in = {.mode = file_mode(f), .nlink = 1, .ino = FILE_INO};
    long r = stat_node(f->node ? f->node : &stand_in, buf);
    file_put(f);
    return r;
}

static struct statx_timestamp statx_time(int64_t ns)
{
    const struct __kernel_timespec t = split_time(ns);
    return (struct statx_timestamp){.tv_sec = t.tv_sec, .tv_nsec = (uint32_t)t.tv_nsec};
}

static void fill_statx(struct statx *s, const struct node *n)
{
    *s = (struct statx){
        .stx_mask = STATX_BASIC_STATS,
        .stx_blksize = BLOCK,
        .stx_nlink = n->nlink,
        .stx_uid = n->uid,
        .stx_gid = n->gid,
        .stx_mode = (uint16_t)n->mode,
        .stx_ino = n->ino,
        .stx_size = n->size,
        .stx_blocks = blocks_of(n),
        .stx_atime = statx_time(n->atime_ns),
        .stx_ctime = statx_time(n->ctime_ns),
        .stx_mtime = statx_time(n->mtime_ns),
        .stx_rdev_major = n->rdev >> 8,
        .stx_rdev_minor = n->rdev & 0xff,
        .stx_dev_minor = DEVICE,
    };
}

long sys_statx(int dir, const char USER *path, int flags, unsigned mask, void USER *buf)
{
    struct node *n;
    struct statx s;
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE)) || (mask & STATX__RESERVED))
        return -EINVAL;
    int r = node_at(dir, path, flags, &n);
    if (r)
        return r;
    fill_statx(&s, n);
    node_put(n);
    return copy_to_user(buf, &s, sizeof(s));
}

static long fill_statfs(void USER *buf)
{
    struct statfs s;
    memset(&s, 0, sizeof(s));
    uint64_t used = mm_committed(), limit = mm_limit();
    s.f_type = TMPFS_MAGIC;
    s.f_bsize = s.f_frsize = BLOCK;
    s.f_blocks = (long)(limit / BLOCK);
    s.f_bfree = s.f_bavail = used < limit ? (long)((limit - used) / BLOCK) : 0;
    s.f_files = s.f_ffree = 1 << 20;
    s.f_namelen = 255;
    return copy_to_user(buf, &s, sizeof(s));
}

long sys_statfs(const char USER *path, void USER *buf)
{
    struct node *n;
    int r = node_at(AT_FDCWD, path, 0, &n);
    if (r)
        return r;
    node_put(n);
    return fill_statfs(buf);
}

long sys_fstatfs(int fd, void USER *buf)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    file_put(f);
    return fill_statfs(buf);
}

long sys_faccessat2(int dir, const char USER *path, unsigned mode, int flags)
{
    struct node *n;
    if (mode & ~7u || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
        return -EINVAL;
    struct credentials before;
    if (!(flags & AT_EACCESS))
        permission_of_real_user(&before);
    int r = node_at(dir, path, flags, &n);
    if (!r) {
        r = node_permits(n, mode);
        node_put(n);
    }
    if (!(flags & AT_EACCESS))
        permission_restore(&before);
    return r;
}

long sys_faccessat(int dir, const char USER *path, unsigned mode)
{
    return sys_faccessat2(dir, path, mode, 0);
}

long sys_access(const char USER *path, unsigned mode)
{
    return sys_faccessat2(AT_FDCWD, path, mode, 0);
}
