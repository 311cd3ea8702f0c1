// SPDX-License-Identifier: MIT
#include "kernel/syscall/socket_control.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/user.h"
#include "kernel/net/constants.h"
#include "kernel/net/control.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/vfs/open_file.h"

enum { CONTROL_MOST = 8192 };

static int take_files(struct socket_message *m, const uint8_t *data, size_t size)
{
    unsigned count = (unsigned)(size / sizeof(int));
    if (count > SOCKET_FILES_MAX - m->file_count)
        return -EINVAL;
    struct file **files = krealloc(m->files, (m->file_count + count) * sizeof(struct file *) + 1);
    if (!files)
        return -ENOMEM;
    m->files = files;
    for (unsigned i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
        struct file *f = fd_get(fd);
        if (!f)
            return -EBADF;
        files[m->file_count++] = f;
    }
    return 0;
}

static bool may_claim(const struct socket_peer *c)
{
    const struct process *p = current_process();
    const struct credentials *own = &current_thread()->cred;
    bool user = c->uid == own->uid || c->uid == own->euid || c->uid == own->suid;
    bool group = c->gid == own->gid || c->gid == own->egid || c->gid == own->sgid;
    return (c->pid == p->pid || capable(CAP_SYS_ADMIN)) && (user || capable(CAP_SETUID)) && (group || capable(CAP_SETGID));
}

static int take_credentials(struct socket_message *m, const uint8_t *data, size_t size)
{
    if (size != sizeof(m->credentials))
        return -EINVAL;
    memcpy(&m->credentials, data, size);
    if (!may_claim(&m->credentials))
        return -EPERM;
    m->has_credentials = true;
    return 0;
}

// For the family, which looks at it itself.
static int take_other(struct socket_message *m, const uint8_t *bytes, size_t size)
{
    uint8_t *all = krealloc(m->control, m->control_size + control_aligned(size));
    if (!all)
        return -ENOMEM;
    m->control = all;
    memset(all + m->control_size, 0, control_aligned(size));
    memcpy(all + m->control_size, bytes, size);
    m->control_size += (uint32_t)control_aligned(size);
    return 0;
}

static int take_one(const struct socket *s, struct socket_message *m, const struct control *c, const uint8_t *bytes)
{
    bool special = c->level == SOL_SOCKET && (c->type == SCM_RIGHTS || c->type == SCM_CREDENTIALS);
    if (s->ops->takes_control)
        return special ? 0 : take_other(m, bytes, c->size);
    if (c->level != SOL_SOCKET)
        return 0;
    const uint8_t *data = bytes + sizeof(*c);
    const size_t length = c->size - sizeof(*c);
    return c->type == SCM_RIGHTS ? take_files(m, data, length) : c->type == SCM_CREDENTIALS ? take_credentials(m, data, length) : -EINVAL;
}

static int take_all(const struct socket *s, struct socket_message *m, const uint8_t *bytes, size_t size)
{
    struct control c;
    for (size_t at = 0; size - at >= sizeof(c); at += control_aligned(c.size)) {
        memcpy(&c, bytes + at, sizeof(c));
        if (c.size < sizeof(c) || c.size > size - at)
            return -EINVAL;
        int r = take_one(s, m, &c, bytes + at);
        if (r || control_aligned(c.size) > size - at)
            return r;
    }
    return 0;
}

int control_from_user(const struct socket *s, const struct message_header *h, struct socket_message *m)
{
    if (!h->control || !h->control_size)
        return 0;
    if (h->control_size > CONTROL_MOST)
        return -ENOBUFS;
    uint8_t *bytes = kmalloc(h->control_size);
    int r = bytes ? copy_from_user(bytes, (const void USER *)h->control, h->control_size) : -ENOMEM;
    if (!r)
        r = take_all(s, m, bytes, h->control_size);
    kfree(bytes);
    if (r)
        socket_files_put(m);
    return r;
}

struct writer {
    uint64_t at, left;
    int flags;
};

static int put(struct writer *w, int level, int type, const void *data, size_t size)
{
    const struct control c = {sizeof(c) + size, level, type};
    if (w->left < sizeof(c)) {
        w->flags |= MSG_CTRUNC;
        return 0;
    }
    size_t fits = w->left - sizeof(c) < size ? w->left - sizeof(c) : size;
    if (fits < size)
        w->flags |= MSG_CTRUNC;
    if (copy_to_user((void USER *)w->at, &c, sizeof(c)) || copy_to_user((void USER *)(w->at + sizeof(c)), data, fits))
        return -EFAULT;
    size_t used = control_aligned(sizeof(c) + fits);
    used = used < w->left ? used : w->left;
    w->at += used;
    w->left -= used;
    return 0;
}

// As many descriptors as there is room for; the rest is closed, and MSG_CTRUNC says so.
static int put_files(struct writer *w, struct socket_message *m, bool close_on_exec)
{
    int fds[SOCKET_FILES_MAX];
    unsigned room = w->left < sizeof(struct control) ? 0 : (unsigned)((w->left - sizeof(struct control)) / sizeof(int)), count = 0;
    while (count < m->file_count && count < room) {
        fds[count] = fd_install(file_get(m->files[count]), close_on_exec ? FD_CLOEXEC : 0, 0);
        if (fds[count] < 0)
            break;
        count++;
    }
    if (count < m->file_count)
        w->flags |= MSG_CTRUNC;
    return count ? put(w, SOL_SOCKET, SCM_RIGHTS, fds, count * sizeof(int)) : 0;
}

static int put_others(struct writer *w, const struct socket_message *m)
{
    struct control c;
    int r = 0;
    for (size_t at = 0; !r && at < m->control_size; at += control_aligned(c.size)) {
        memcpy(&c, m->control + at, sizeof(c));
        r = put(w, c.level, c.type, m->control + at + sizeof(c), c.size - sizeof(c));
    }
    return r;
}

int control_to_user(struct message_header *h, struct socket_message *m, int flags)
{
    struct writer w = {h->control, h->control ? h->control_size : 0, 0};
    int r = put_others(&w, m);
    if (!r && m->has_credentials)
        r = put(&w, SOL_SOCKET, SCM_CREDENTIALS, &m->credentials, sizeof(m->credentials));
    if (!r && m->file_count)
        r = put_files(&w, m, flags & MSG_CMSG_CLOEXEC);
    h->control_size = w.at - h->control;
    m->flags |= w.flags;
    return r;
}
