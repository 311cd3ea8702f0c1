// SPDX-License-Identifier: MIT
//
// POSIX message queues. Names come without the slash that programs write in front of them: the C library takes it off.
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/time.h>

#include "kernel/ipc/mqueue.h"
#include "kernel/mm/heap.h"
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
        r = mqueue_open(name, flags, mode & ~current_process()->fs->umask, attributes ? &attr : NULL, &f);
    return r ? r : fd_install(f, flags & O_CLOEXEC ? FD_CLOEXEC : 0, 0);
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

// SIGEV_THREAD is refused: C libraries wait for it on a netlink socket, of which there are none.
static int get_event(const void USER *from, struct mqueue_event *ret)
{
    struct sigevent e;
    if (GET_USER(e, from))
        return -EFAULT;
    if (e.sigev_notify != SIGEV_NONE && e.sigev_notify != SIGEV_SIGNAL)
        return -EINVAL;
    bool silent = e.sigev_notify == SIGEV_NONE;
    if (!silent && (e.sigev_signo < 0 || e.sigev_signo > 64))
        return -EINVAL;
    *ret = (struct mqueue_event){.signal = silent ? 0 : e.sigev_signo, .value = (uint64_t)e.sigev_value.sival_ptr};
    return 0;
}

long sys_mq_notify(int queue, const void USER *user_event)
{
    struct mqueue_event event;
    int r = user_event ? get_event(user_event, &event) : 0;
    if (r)
        return r;
    struct file *f = fd_get(queue);
    if (!f)
        return -EBADF;
    r = mqueue_notify(f, user_event ? &event : NULL);
    file_put(f);
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
