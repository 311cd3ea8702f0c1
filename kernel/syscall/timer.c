// SPDX-License-Identifier: MIT
//
// System calls about timers: setitimer and alarm, timer_create and its family, timerfd_create and its family.
#include <stdbool.h>

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/time.h>
#include <linux/timerfd.h>

#include "kernel/fs/event/timerfd.h"
#include "kernel/syscall/syscalls.h"
#include "kernel/syscall/timespec.h"
#include "kernel/time/process_timers.h"
#include "kernel/time/time.h"
#include "kernel/vfs/file.h"

#define NS_PER_US 1000
#define US_PER_S 1000000
#define SECONDS_MAX (INT64_MAX / (long)NS_PER_S - 1)

static int from_timeval(const struct __kernel_old_timeval *tv, uint64_t *ret_ns)
{
    if (tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= US_PER_S)
        return -EINVAL;
    long seconds = tv->tv_sec < SECONDS_MAX ? tv->tv_sec : SECONDS_MAX;
    *ret_ns = (uint64_t)seconds * NS_PER_S + (uint64_t)tv->tv_usec * NS_PER_US;
    return 0;
}

static struct __kernel_old_timeval to_timeval(uint64_t ns)
{
    if (ns && ns < NS_PER_US)
        ns = NS_PER_US; // zero would say that it does not run
    return (struct __kernel_old_timeval){(long)(ns / NS_PER_S), (long)(ns % NS_PER_S / NS_PER_US)};
}

static int put_itimerval(void USER *to, const struct interval_setting *s)
{
    const struct __kernel_old_itimerval v = {to_timeval(s->interval_ns), to_timeval(s->value_ns)};
    return copy_to_user(to, &v, sizeof(v));
}

long sys_getitimer(int which, void USER *value)
{
    struct interval_setting now;
    int r = itimer_exchange(which, /* setting= */ NULL, &now);
    return r ? r : put_itimerval(value, &now);
}

long sys_setitimer(int which, const void USER *value, void USER *old)
{
    struct __kernel_old_itimerval v = {0}; // as on Linux, no value stops the timer
    struct interval_setting s, before;
    if (value && GET_USER(v, value))
        return -EFAULT;
    int r = from_timeval(&v.it_value, &s.value_ns);
    if (!r)
        r = from_timeval(&v.it_interval, &s.interval_ns);
    if (!r)
        r = itimer_exchange(which, &s, &before);
    return r || !old ? r : put_itimerval(old, &before);
}

// The time that was left, rounded to seconds, but never down to "no alarm".
long sys_alarm(unsigned seconds)
{
    const struct interval_setting s = {.value_ns = seconds * NS_PER_S};
    struct interval_setting before;
    if (itimer_exchange(ITIMER_REAL, &s, &before))
        return 0; // alarm has no error
    uint64_t left = (before.value_ns + NS_PER_S / 2) / NS_PER_S;
    return before.value_ns && !left ? 1 : (long)left;
}

// struct itimerspec: interval, then value.
static int get_itimerspec(const void USER *from, struct interval_setting *ret)
{
    int r = timespec_from_user(from, &ret->interval_ns);
    return r ? r : timespec_from_user((const char USER *)from + sizeof(struct timespec), &ret->value_ns);
}

static int put_itimerspec(void USER *to, const struct interval_setting *s)
{
    int r = timespec_to_user(to, s->interval_ns);
    return r ? r : timespec_to_user((char USER *)to + sizeof(struct timespec), s->value_ns);
}

static int get_event(const void USER *user_event, struct posix_timer_event *ret)
{
    struct sigevent e;
    *ret = (struct posix_timer_event){.signal = SIGALRM, .own_number = !user_event};
    if (!user_event)
        return 0;
    if (GET_USER(e, user_event))
        return -EFAULT;
    ret->signal = e.sigev_signo;
    ret->value = (uint64_t)e.sigev_value.sival_ptr;
    switch (e.sigev_notify) {
    case SIGEV_NONE:
        ret->silent = true;
        return 0;
    case SIGEV_SIGNAL:
    case SIGEV_THREAD: // the C library's affair: to the kernel a signal
        return 0;
    case SIGEV_SIGNAL | SIGEV_THREAD_ID:
        ret->tid = e._sigev_un._tid;
        return ret->tid > 0 ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}

long sys_timer_create(int clock, const void USER *user_event, void USER *user_id)
{
    struct posix_timer_event event;
    int id, r = get_event(user_event, &event);
    if (!r)
        r = posix_timer_create(clock, &event, &id);
    if (r)
        return r;
    if (!PUT_USER(id, user_id))
        return 0;
    (void)posix_timer_delete(id); // ours
    return -EFAULT;
}

long sys_timer_settime(int id, int flags, const void USER *value, void USER *old)
{
    struct interval_setting s, before;
    if (!value)
        return -EINVAL;
    int r = get_itimerspec(value, &s);
    if (!r)
        r = posix_timer_set(id, flags & TIMER_ABSTIME, &s, &before);
    return r || !old ? r : put_itimerspec(old, &before);
}

long sys_timer_gettime(int id, void USER *value)
{
    struct interval_setting s;
    int r = posix_timer_get(id, &s);
    return r ? r : put_itimerspec(value, &s);
}

long sys_timer_getoverrun(int id)
{
    return posix_timer_overrun(id);
}

long sys_timer_delete(int id)
{
    return posix_timer_delete(id);
}

long sys_timerfd_create(int clock, int flags)
{
    struct file *f;
    if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) || clock == CLOCK_TAI)
        return -EINVAL;
    int r = timerfd_new(clock, flags, &f);
    return r ? r : fd_install(f, flags & TFD_CLOEXEC ? FD_CLOEXEC : 0, 0);
}

// TFD_TIMER_CANCEL_ON_SET is accepted: nobody sets the clock (clock_settime is absent).
long sys_timerfd_settime(int fd, int flags, const void USER *value, void USER *old)
{
    struct interval_setting s, before;
    if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
        return -EINVAL;
    int r = get_itimerspec(value, &s);
    if (r)
        return r;
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    r = timerfd_set(f, flags & TFD_TIMER_ABSTIME, &s, &before);
    file_put(f);
    return r || !old ? r : put_itimerspec(old, &before);
}

long sys_timerfd_gettime(int fd, void USER *value)
{
    struct interval_setting s;
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    int r = timerfd_get(f, &s);
    file_put(f);
    return r ? r : put_itimerspec(value, &s);
}
