// SPDX-License-Identifier: MIT
//
// System calls on sockets but those with messages (socket_message.c).
#include "kernel/syscall/socket.h"

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/mm/window.h"
#include "kernel/net/constants.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open_file.h"

enum { SOCK_NONBLOCK = O_NONBLOCK, SOCK_CLOEXEC = O_CLOEXEC };

int socket_get(int fd, struct file **ret_file, struct socket **ret)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    *ret = socket_of(f);
    if (!*ret) {
        file_put(f);
        return -ENOTSOCK;
    }
    *ret_file = f;
    return 0;
}

int socket_address_from_user(const void USER *from, int size, struct socket_address *ret)
{
    if (size < 0 || size > SOCKET_ADDRESS_MAX)
        return -EINVAL;
    ret->size = (uint32_t)size;
    return copy_from_user(ret->bytes, from, ret->size);
}

int socket_address_to_user(const struct socket_address *a, void USER *to, void USER *size_at)
{
    int room;
    const int size = (int)a->size;
    if (GET_USER(room, (const int USER *)size_at))
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    if (copy_to_user(to, a->bytes, (size_t)(room < size ? room : size)))
        return -EFAULT;
    return PUT_USER(size, (int USER *)size_at);
}

static unsigned descriptor_flags(int type)
{
    return type & SOCK_CLOEXEC ? FD_CLOEXEC : 0;
}

static int check_type(int type)
{
    return type & ~(SOCK_TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC) ? -EINVAL : 0;
}

// Takes the socket over, on failure too.
static int install(struct socket *s, int type)
{
    struct file *f;
    int r = socket_file_new(s, (uint32_t)type & SOCK_NONBLOCK, &f);
    if (r) {
        s->ops->release(s);
        return r;
    }
    return fd_install(f, descriptor_flags(type), 0);
}

long sys_socket(int domain, int type, int protocol)
{
    struct socket *s;
    int r = check_type(type);
    if (!r)
        r = socket_make(domain, type & SOCK_TYPE_MASK, protocol, &s);
    return r ? r : install(s, type);
}

long sys_socketpair(int domain, int type, int protocol, void USER *fds)
{
    struct socket *s[2];
    int r = check_type(type), pair[2];
    if (!r)
        r = socket_make_pair(domain, type & SOCK_TYPE_MASK, protocol, s);
    if (r)
        return r;
    pair[0] = install(s[0], type);
    if (pair[0] < 0) {
        s[1]->ops->release(s[1]);
        return pair[0];
    }
    pair[1] = install(s[1], type);
    r = pair[1] < 0 ? pair[1] : copy_to_user(fds, pair, sizeof(pair));
    if (!r)
        return 0;
    (void)fd_close(pair[0]);
    if (pair[1] >= 0)
        (void)fd_close(pair[1]);
    return r;
}

// The socket, with a reference to its file, and an address for it.
static int get_with_address(int fd, const void USER *address, int size, struct file **ret_file, struct socket **ret,
                            struct socket_address *ret_address)
{
    int r = socket_get(fd, ret_file, ret);
    if (r)
        return r;
    r = socket_address_from_user(address, size, ret_address);
    if (r)
        file_put(*ret_file);
    return r;
}

long sys_bind(int fd, const void USER *address, int size)
{
    struct file *f;
    struct socket *s;
    struct socket_address a;
    int r = get_with_address(fd, address, size, &f, &s, &a);
    if (r)
        return r;
    r = s->ops->bind(s, &a);
    file_put(f);
    return r;
}

long sys_connect(int fd, const void USER *address, int size)
{
    struct file *f;
    struct socket *s;
    struct socket_address a;
    int r = get_with_address(fd, address, size, &f, &s, &a);
    if (r)
        return r;
    r = s->ops->connect(s, &a, !(f->flags & O_NONBLOCK));
    // A child that was just forked runs before its parent here. Programs count on a parent that listens by then.
    if ((r == -ENOENT || r == -ECONNREFUSED) && turn_step_back(current_process()->mm))
        r = s->ops->connect(s, &a, !(f->flags & O_NONBLOCK));
    file_put(f);
    return r;
}

long sys_listen(int fd, int backlog)
{
    struct file *f;
    struct socket *s;
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    r = s->ops->listen(s, backlog);
    file_put(f);
    return r;
}

static int tell_peer(struct socket *s, void USER *address, void USER *size)
{
    struct socket_address a = {0};
    if (!address)
        return 0;
    int r = s->ops->name(s, true, &a);
    return r == -ENOTCONN ? -ECONNABORTED : r ? r : socket_address_to_user(&a, address, size);
}

long sys_accept4(int fd, void USER *address, void USER *size, int flags)
{
    struct file *f;
    struct socket *s, *made = NULL;
    if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    r = s->ops->accept(s, !(f->flags & O_NONBLOCK), &made);
    file_put(f);
    if (r)
        return r;
    r = tell_peer(made, address, size);
    if (r) {
        made->ops->release(made);
        return r;
    }
    return install(made, flags);
}

long sys_accept(int fd, void USER *address, void USER *size)
{
    return sys_accept4(fd, address, size, 0);
}

static long tell_name(int fd, bool peer, void USER *address, void USER *size)
{
    struct file *f;
    struct socket *s;
    struct socket_address a = {0};
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    r = s->ops->name(s, peer, &a);
    file_put(f);
    return r ? r : socket_address_to_user(&a, address, size);
}

long sys_getsockname(int fd, void USER *address, void USER *size)
{
    return tell_name(fd, false, address, size);
}

long sys_getpeername(int fd, void USER *address, void USER *size)
{
    return tell_name(fd, true, address, size);
}

long sys_shutdown(int fd, int how)
{
    struct file *f;
    struct socket *s;
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    r = s->ops->shutdown(s, how);
    file_put(f);
    return r;
}

long sys_getsockopt(int fd, int level, int name, void USER *value, void USER *size_at)
{
    struct file *f;
    struct socket *s;
    struct socket_option option = {0};
    int room, r = socket_get(fd, &f, &s);
    if (r)
        return r;
    r = GET_USER(room, (const int USER *)size_at);
    if (!r && room < 0)
        r = -EINVAL;
    if (!r)
        r = socket_option_get(s, level, name, (uint32_t)room, &option);
    file_put(f);
    if (r)
        return r;
    const int size = (int)option.size < room ? (int)option.size : room;
    return copy_to_user(value, option.bytes, (size_t)size) || PUT_USER(size, (int USER *)size_at) ? -EFAULT : 0;
}

long sys_setsockopt(int fd, int level, int name, const void USER *value, int size)
{
    struct file *f;
    struct socket *s;
    struct socket_option option = {0};
    int r = socket_get(fd, &f, &s);
    if (r)
        return r;
    if (size < 0)
        r = -EINVAL;
    option.size = size > (int)sizeof(option.bytes) ? sizeof(option.bytes) : (uint32_t)size;
    if (!r)
        r = copy_from_user(option.bytes, value, option.size);
    if (!r)
        r = socket_option_set(s, level, name, &option);
    file_put(f);
    return r;
}
