// SPDX-License-Identifier: MIT
//
// What a hostile host can try here, and the answer:
// - read, change, drop and invent what goes over the network: it is the network. Programs protect themselves (attested TLS).
// - answer with more bytes than were asked for, or with an address that is none: stops the enclave.
// - give one descriptor twice, or another socket's: the same as mixing up connections on the network.
// - change buffers after answering: bytes are copied in once.
// - wake too early or never: readiness is only a hint to try again; never is denial of service.
#include "kernel/net/inet/host.h"

#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/poll.h>

#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/net/constants.h"
#include "kernel/sync/sync.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"

// Where things stand in the bounce buffer.
enum { ADDRESS_AT = 0, SIZE_AT = 128, DATA_AT = 192, DATAGRAM_MOST = 65535, ERROR_MOST = 4095, NS_PER_MS_ = 1000000 };

static uint64_t bounce(uint64_t offset)
{
    return host_bounce() + offset;
}

static size_t data_room(void)
{
    return host_bounce_size() - DATA_AT;
}

static int checked_descriptor(long r)
{
    if (r > INT32_MAX)
        host_lied("a descriptor that is none");
    return r < -ERROR_MOST ? -EIO : (int)r;
}

// Success is 0 and nothing else.
static int checked_zero(long r)
{
    if (r > 0)
        host_lied("a result of a call that has none");
    return r < -ERROR_MOST ? -EIO : (int)r;
}

int host_socket(int domain, int type, int protocol)
{
    uint64_t flags = (uint64_t)type | O_NONBLOCK | O_CLOEXEC;
    return checked_descriptor(host_syscall_now(__NR_socket, (uint64_t)domain, flags, (uint64_t)protocol, 0, 0, 0));
}

int host_accept(int fd)
{
    return checked_descriptor(host_syscall_now(__NR_accept4, (uint64_t)fd, 0, 0, O_NONBLOCK | O_CLOEXEC, 0, 0));
}

void host_socket_close(int fd)
{
    (void)host_syscall_now(__NR_close, (uint64_t)fd, 0, 0, 0, 0, 0);
}

int host_with_address(uint64_t call, int fd, const struct socket_address *a)
{
    host_write(bounce(ADDRESS_AT), a->bytes, a->size);
    return checked_zero(host_syscall_now(call, (uint64_t)fd, bounce(ADDRESS_AT), a->size, 0, 0, 0));
}

int host_with_number(uint64_t call, int fd, int value)
{
    return checked_zero(host_syscall_now(call, (uint64_t)fd, (uint64_t)(int64_t)value, 0, 0, 0, 0));
}

static void put_room(uint32_t room)
{
    host_write(bounce(SIZE_AT), &room, sizeof(room));
}

static uint32_t get_size(void)
{
    uint32_t size;
    host_read(&size, bounce(SIZE_AT), sizeof(size));
    return size;
}

// An address of the Internet families, or none.
static void get_address(struct socket_address *ret)
{
    uint16_t family = AF_UNSPEC;
    ret->size = get_size();
    if (!ret->size)
        return;
    if (ret->size > SOCKET_ADDRESS_MAX)
        host_lied("an address longer than its room");
    host_read(ret->bytes, bounce(ADDRESS_AT), ret->size);
    memcpy(&family, ret->bytes, ret->size < sizeof(family) ? ret->size : sizeof(family));
    if (ret->size != (family == AF_INET ? sizeof(struct sockaddr_in) : family == AF_INET6 ? sizeof(struct sockaddr_in6) : 0))
        host_lied("an address of no family that was asked for");
}

int host_name(bool peer, int fd, struct socket_address *ret)
{
    put_room(SOCKET_ADDRESS_MAX);
    int r = checked_zero(
        host_syscall_now(peer ? __NR_getpeername : __NR_getsockname, (uint64_t)fd, bounce(ADDRESS_AT), bounce(SIZE_AT), 0, 0, 0));
    if (!r)
        get_address(ret);
    return r;
}

long host_send(int fd, const void *from, size_t size, int flags, const struct socket_address *to)
{
    size = size < data_room() ? size : data_room();
    host_write(bounce(DATA_AT), from, size);
    host_write(bounce(ADDRESS_AT), to->bytes, to->size);
    long n = host_syscall_now(__NR_sendto, (uint64_t)fd, bounce(DATA_AT), size, (uint64_t)(flags | MSG_NOSIGNAL | MSG_DONTWAIT),
                          to->size ? bounce(ADDRESS_AT) : 0, to->size);
    if (n > (long)size)
        host_lied("more bytes sent than there were");
    return n < -ERROR_MOST ? -EIO : n;
}

long host_receive(int fd, void *to, size_t size, int flags, bool datagram, struct socket_address *ret_from)
{
    size = size < data_room() ? size : data_room();
    put_room(datagram ? SOCKET_ADDRESS_MAX : 0);
    long n =
        host_syscall_now(__NR_recvfrom, (uint64_t)fd, bounce(DATA_AT), size, (uint64_t)(flags | MSG_DONTWAIT | (datagram ? MSG_TRUNC : 0)),
                         datagram ? bounce(ADDRESS_AT) : 0, datagram ? bounce(SIZE_AT) : 0);
    if (n > (datagram ? DATAGRAM_MOST : (long)size))
        host_lied("more bytes than asked for");
    if (n < 0)
        return n < -ERROR_MOST ? -EIO : n;
    host_read(to, bounce(DATA_AT), (size_t)n < size ? (size_t)n : size);
    if (datagram)
        get_address(ret_from);
    return n;
}

int host_set_option(int fd, int level, int name, const struct socket_option *value)
{
    host_write(bounce(DATA_AT), value->bytes, value->size);
    return checked_zero(host_syscall_now(__NR_setsockopt, (uint64_t)fd, (uint64_t)level, (uint64_t)name, bounce(DATA_AT), value->size, 0));
}

int host_get_option(int fd, int level, int name, uint32_t room, struct socket_option *ret)
{
    room = room < sizeof(ret->bytes) ? room : sizeof(ret->bytes);
    put_room(room);
    int r =
        checked_zero(host_syscall_now(__NR_getsockopt, (uint64_t)fd, (uint64_t)level, (uint64_t)name, bounce(DATA_AT), bounce(SIZE_AT), 0));
    if (r)
        return r;
    ret->size = get_size();
    if (ret->size > room)
        host_lied("an option longer than its room");
    host_read(ret->bytes, bounce(DATA_AT), ret->size);
    return 0;
}

int host_waiting_bytes(int fd)
{
    int n;
    int r = checked_zero(host_syscall_now(__NR_ioctl, (uint64_t)fd, FIONREAD, bounce(DATA_AT), 0, 0, 0));
    if (r)
        return r;
    host_read(&n, bounce(DATA_AT), sizeof(n));
    if (n < 0)
        host_lied("a negative number of bytes");
    return n;
}

// Result as poll(2); *ret_events what is there.
static long ask(int fd, unsigned events, int timeout_ms, unsigned *ret_events)
{
    struct pollfd p = {.fd = fd, .events = (short)events};
    host_write(bounce(DATA_AT), &p, sizeof(p));
    long r = timeout_ms ? host_syscall(__NR_poll, bounce(DATA_AT), 1, (uint64_t)(int64_t)timeout_ms, 0, 0, 0)
                        : host_syscall_now(__NR_poll, bounce(DATA_AT), 1, 0, 0, 0, 0);
    host_read(&p, bounce(DATA_AT), sizeof(p));
    *ret_events = r > 0 ? (unsigned)p.revents & (events | POLLERR | POLLHUP) : 0;
    return r;
}

unsigned host_events(int fd)
{
    unsigned events;
    (void)ask(fd, POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDNORM | POLLWRNORM, 0, &events); // a failure is no event
    return events;
}

static int remaining_ms(uint64_t deadline_ns)
{
    uint64_t now = clock_monotonic_ns();
    if (deadline_ns == UINT64_MAX)
        return -1;
    uint64_t ms = deadline_ns > now ? (deadline_ns - now) / NS_PER_MS_ + 1 : 0;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

int host_wait(int fd, unsigned events, uint64_t deadline_ns)
{
    struct mm *mm = mm_current();
    unsigned got;
    if (thread_interrupted(current_thread())) // by what met a call that did not wait
        return -EINTR;
    if (mm)
        turn_leave(mm); // it may take for ever
    long r = ask(fd, events, remaining_ms(deadline_ns), &got);
    if (mm)
        turn_enter(mm);
    if (r == -EINTR) // not all that interrupts is the program's business
        return thread_interrupted(current_thread()) ? -EINTR : 0;
    if (r < 0)
        return -EIO;
    return !r && deadline_ns != UINT64_MAX && clock_monotonic_ns() >= deadline_ns ? -EAGAIN : 0;
}
