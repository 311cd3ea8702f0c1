// SPDX-License-Identifier: MIT
//
// POSIX message queues. Names come without the slash that programs write in front of them: the C library takes it off.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/time.h>

#include "kernel/ipc/mqueue.h"
#include "kernel/mm/heap.h"
#include "kernel/net/netlink/netlink.h"
#include "kernel/syscall/socket.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/task/task.h"
#include "kernel/vfs/file.h"
#include "kernel/vfs/fs_state.h"

#define NAME_ROOM 256

static long name_from_user(char name[NAME_ROOM], const char USER *from)
{
    long n = strncpy_from_user(name, from, NAME_ROOM);
    return n < 0 ? n : 0;
}

long sys_mq_open(const char USER *user_name, int flags, unsigned mode, const void USER *attributes)
{
    char name[NAME_ROOM];
    struct mq_attr attr;
    struct file *f;
    if (attributes && GET_USER(attr, attributes))
        return -EFAULT;
    long r = name_from_user(name, user_name);
    if (!r)
        r = mqueue_open(name, flags, mode & ~current_fs()->umask, attributes ? &attr : NULL, &f);
    return r ? r : fd_install(f, FD_CLOEXEC, 0); // asked for or not
}

long sys_mq_unlink(const char USER *user_name)
{
    char name[NAME_ROOM];
    long r = name_from_user(name, user_name);
    return r ? r : mqueue_unlink(name);
}

static int deadline_from_user(const void USER *deadline, uint64_t *ret)
{
    uint64_t ns;
    *ret = UINT64_MAX;
    if (!deadline)
        return 0;
    int r = timespec_from_user(deadline, &ns);
    return r ? r : deadline_at(CLOCK_REALTIME, ns, ret);
}

static long send(struct file *f, const void USER *message, size_t size, unsigned priority, uint64_t deadline)
{
    long most = mqueue_message_size(f);
    if (most < 0)
        return most;
    if (size > (size_t)most)
        return -EMSGSIZE;
    void *text = kmalloc(size + 1);
    if (!text)
        return -ENOMEM;
    long r = copy_from_user(text, message, size);
    if (!r)
        r = mqueue_send(f, text, size, priority, deadline);
    kfree(text);
    return r;
}

long sys_mq_timedsend(int queue, const void USER *message, size_t size, unsigned priority,
                      const void USER *user_deadline)
{
    uint64_t deadline;
    int r = deadline_from_user(user_deadline, &deadline);
    if (!r && priority >= MQ_PRIO_MAX)
        r = -EINVAL;
    if (r)
        return r;
    struct file *f = fd_get(queue);
    if (!f)
        return -EBADF;
    long result = send(f, message, size, priority, deadline);
    file_put(f);
    return result;
}

static long receive(struct file *f, void USER *message, size_t size, void USER *user_priority, uint64_t deadline)
{
    unsigned priority;
    long most = mqueue_message_size(f);
    if (most < 0)
        return most;
    if (size < (size_t)most)
        return -EMSGSIZE;
    void *text = kmalloc((size_t)most);
    if (!text)
        return -ENOMEM;
    long n = mqueue_receive(f, text, (size_t)most, &priority, deadline);
    if (n >= 0 && (copy_to_user(message, text, (size_t)n) || (user_priority && PUT_USER(priority, user_priority))))
        n = -EFAULT;
    kfree(text);
    return n;
}

long sys_mq_timedreceive(int queue, void USER *message, size_t size, void USER *priority,
                         const void USER *user_deadline)
{
    uint64_t deadline;
    int r = deadline_from_user(user_deadline, &deadline);
    if (r)
        return r;
    struct file *f = fd_get(queue);
    if (!f)
        return -EBADF;
    long result = receive(f, message, size, priority, deadline);
    file_put(f);
    return result;
}

// SIGEV_THREAD: the C library gives a netlink socket in place of the signal, and at sigev_value what it wants to read there.
static int get_thread_event(const struct sigevent *from, struct mqueue_event *ret)
{
    uint8_t cookie[NOTIFY_COOKIE_LEN];
    struct file *f;
    struct socket *s;
    if (copy_from_user(cookie, (const void USER *)from->sigev_value.sival_ptr, sizeof(cookie)))
        return -EFAULT;
    int r = socket_get(from->sigev_signo, &f, &s);
    if (r)
        return r;
    ret->socket = netlink_get(s);
    file_put(f);
    if (!ret->socket)
        return -EINVAL;
    ret->cookie = netlink_packet_new(cookie, sizeof(cookie));
    return ret->cookie ? 0 : -ENOMEM;
}

static int get_event(const void USER *from, struct mqueue_event *ret)
{
    struct sigevent e;
    *ret = (struct mqueue_event){0};
    if (GET_USER(e, from))
        return -EFAULT;
    if (e.sigev_notify != SIGEV_NONE && e.sigev_notify != SIGEV_SIGNAL && e.sigev_notify != SIGEV_THREAD)
        return -EINVAL;
    ret->how = e.sigev_notify;
    if (ret->how == SIGEV_THREAD)
        return get_thread_event(&e, ret);
    if (ret->how == SIGEV_SIGNAL && (e.sigev_signo < 0 || e.sigev_signo > 64))
        return -EINVAL;
    ret->signal = e.sigev_signo;
    ret->value = (uint64_t)e.sigev_value.sival_ptr;
    return 0;
}

static int notify(int queue, const struct mqueue_event *event)
{
    struct file *f = fd_get(queue);
    if (!f)
        return -EBADF;
    int r = mqueue_notify(f, event);
    file_put(f);
    return r;
}

long sys_mq_notify(int queue, const void USER *user_event)
{
    struct mqueue_event event = {0};
    int r = user_event ? get_event(user_event, &event) : 0;
    if (!r)
        r = notify(queue, user_event ? &event : NULL);
    if (r) { // else they are the queue's
        kfree(event.cookie);
        netlink_put(event.socket);
    }
    return r;
}

long sys_mq_getsetattr(int queue, const void USER *user_new, void USER *user_old)
{
    struct mq_attr new, old;
    if (user_new && GET_USER(new, user_new))
        return -EFAULT;
    struct file *f = fd_get(queue);
    if (!f)
        return -EBADF;
    int r = mqueue_attributes(f, user_new ? &new : NULL, &old);
    file_put(f);
    return !r && user_old ? copy_to_user(user_old, &old, sizeof(old)) : r;
}
