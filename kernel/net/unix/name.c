// SPDX-License-Identifier: MIT
//
// Addresses: paths, whose nodes point at the socket, and abstract names, in a list.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/net/unix/unix.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/permission.h"
#include "kernel/vfs/tree.h"

enum { FAMILY_SIZE = 2, PATH_MOST = 108, AUTOMATIC_NAMES = 0x100000 };

static struct unix_socket *named; // bound to abstract names; guarded by unix_lock

static bool is_path(const struct socket_address *a)
{
    return a->size > FAMILY_SIZE && a->bytes[FAMILY_SIZE];
}

static struct unix_socket *find_abstract_locked(const struct socket_address *a)
{
    struct unix_socket *u = named;
    while (u && (u->name.size != a->size || memcmp(u->name.bytes, a->bytes, a->size)))
        u = u->next_named;
    return u;
}

static int check(const struct socket_address *a)
{
    uint16_t family;
    if (a->size < FAMILY_SIZE || a->size > FAMILY_SIZE + PATH_MOST)
        return -EINVAL;
    memcpy(&family, a->bytes, sizeof(family));
    return family == AF_UNIX ? 0 : -EINVAL;
}

// The path, NUL-terminated.
static void path_of(const struct socket_address *a, char ret[PATH_MOST + 1])
{
    size_t n = a->size - FAMILY_SIZE;
    memcpy(ret, a->bytes + FAMILY_SIZE, n);
    ret[n] = 0;
}

static int walk(const struct socket_address *a, struct node **ret)
{
    char path[PATH_MOST + 1];
    path_of(a, path);
    int r = tree_walk(current_fs()->cwd, path, WALK_FOLLOW, ret);
    if (r)
        return r;
    r = node_permits(*ret, MAY_WRITE);
    if (!r && S_TYPE((*ret)->mode) != S_IFSOCK)
        r = -ECONNREFUSED;
    if (r)
        node_put(*ret);
    return r;
}

int unix_find(const struct socket_address *a, int type, struct unix_socket **ret)
{
    struct node *n = NULL;
    int r = check(a);
    if (!r && a->size == FAMILY_SIZE)
        r = -EINVAL;
    if (!r && is_path(a))
        r = walk(a, &n);
    if (r)
        return r;
    mutex_lock(&unix_lock);
    struct unix_socket *u = n ? n->context : find_abstract_locked(a);
    r = !u ? -ECONNREFUSED : u->base.type != type ? -EPROTOTYPE : 0;
    if (!r)
        *ret = unix_get_locked(u);
    mutex_unlock(&unix_lock);
    node_put(n);
    return r;
}

static int bind_abstract_locked(struct unix_socket *u, const struct socket_address *a)
{
    if (find_abstract_locked(a))
        return -EADDRINUSE;
    u->name = *a;
    u->next_named = named;
    named = u;
    return 0;
}

// A name of five hexadecimal digits that nobody has.
static int bind_automatically_locked(struct unix_socket *u)
{
    static unsigned next;
    const uint16_t family = AF_UNIX;
    for (unsigned tries = 0; tries < AUTOMATIC_NAMES; tries++, next++) {
        struct socket_address a = {.size = FAMILY_SIZE + 6};
        char digits[8];
        memcpy(a.bytes, &family, sizeof(family));
        snprintf(digits, sizeof(digits), "%05x", next % AUTOMATIC_NAMES);
        memcpy(a.bytes + FAMILY_SIZE + 1, digits, 5);
        if (!bind_abstract_locked(u, &a))
            return 0;
    }
    return -ENOSPC;
}

static int bind_path(struct unix_socket *u, const struct socket_address *a)
{
    char path[PATH_MOST + 1];
    struct node *n, *cwd = current_fs()->cwd;
    path_of(a, path);
    int r = tree_make(cwd, path, S_IFSOCK | (0777 & ~current_fs()->umask), 0);
    if (!r)
        r = tree_walk(cwd, path, 0, &n);
    if (r)
        return r == -EEXIST ? -EADDRINUSE : r;
    mutex_lock(&unix_lock);
    n->context = u;
    u->node = n;
    u->name = *a;
    u->name.size = FAMILY_SIZE + (uint32_t)strlen(path) + 1;
    u->name.bytes[u->name.size - 1] = 0;
    mutex_unlock(&unix_lock);
    return 0;
}

int unix_bind(struct socket *s, const struct socket_address *a)
{
    struct unix_socket *u = unix_of(s);
    int r = check(a);
    if (r)
        return r;
    mutex_lock(&unix_lock);
    if (u->name.size)
        r = -EINVAL;
    else if (a->size == FAMILY_SIZE)
        r = bind_automatically_locked(u);
    else if (!is_path(a))
        r = bind_abstract_locked(u, a);
    mutex_unlock(&unix_lock);
    return !r && is_path(a) ? bind_path(u, a) : r;
}

void unix_unbind_locked(struct unix_socket *u, struct node **ret_node)
{
    *ret_node = u->node;
    if (u->node)
        u->node->context = NULL;
    u->node = NULL;
    for (struct unix_socket **at = &named; *at; at = &(*at)->next_named)
        if (*at == u) {
            *at = u->next_named;
            break;
        }
}
