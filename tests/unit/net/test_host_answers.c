// SPDX-License-Identifier: MIT
//
// Answers of a hostile host: messages about interfaces and ancillary data, well formed and then changed at random. Whatever comes, what is
// passed on to programs is well formed; the sanitizers look after the rest.
#include <asm/unistd.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/check.h"
#include "kernel/mm/heap.h"
#include "kernel/net/constants.h"
#include "kernel/net/control.h"
#include "kernel/net/inet/host.h"
#include "kernel/net/interfaces.h"
#include "tests/unit/check.h"

enum { ROUNDS = 30000, BOUNCE = 1 << 17, CHANGES = 6 };

static uint8_t bounce[BOUNCE];
static uint8_t answer[4096]; // of the netlink socket
static size_t answer_size, answers;
static jmp_buf lied;
static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 33) % below;
}

void *kmalloc(size_t size)
{
    return malloc(size);
}

void *krealloc(void *p, size_t size)
{
    return realloc(p, size);
}

void kfree(void *p)
{
    ASAN_UNPOISON_MEMORY_REGION(p, p ? malloc_usable_size(p) : 0);
    free(p);
}

_Noreturn void host_lied(const char *what)
{
    longjmp(lied, 1);
}

uint64_t host_bounce(void)
{
    return (uint64_t)bounce;
}

size_t host_bounce_size(void)
{
    return BOUNCE;
}

void host_read(void *to, uint64_t from, uint64_t size)
{
    CHECK(from >= (uint64_t)bounce && size <= BOUNCE && from - (uint64_t)bounce <= BOUNCE - size);
    memcpy(to, (const void *)from, size);
}

void host_write(uint64_t to, const void *from, uint64_t size)
{
    CHECK(to >= (uint64_t)bounce && size <= BOUNCE && to - (uint64_t)bounce <= BOUNCE - size);
    memcpy((void *)to, from, size);
}

int host_socket(int domain, int type, int protocol)
{
    return 7;
}

void host_socket_close(int fd)
{
}

long host_send(int fd, const void *from, size_t size, int flags, const struct socket_address *to)
{
    answers = 0;
    return (long)size;
}

long host_receive(int fd, void *to, size_t size, int flags, bool datagram, struct socket_address *ret_from)
{
    if (answers++ == 3)
        return -EAGAIN;
    ASAN_UNPOISON_MEMORY_REGION(to, size);
    memcpy(to, answer, answer_size);
    ASAN_POISON_MEMORY_REGION((uint8_t *)to + answer_size, size - answer_size); // nobody looks behind the answer
    return (long)answer_size;
}

static void change(uint8_t *bytes, size_t size)
{
    static const uint8_t telling[] = {0, 1, 3, 4, 5, 0x7f, 0x80, 0xff};
    for (uint32_t i = draw(CHANGES); size && i; i--)
        bytes[draw((uint32_t)size)] = draw(2) ? (uint8_t)draw(256) : telling[draw(sizeof(telling))];
}

static void put(const void *what, size_t size)
{
    memcpy(answer + answer_size, what, size);
    memset(answer + answer_size + size, 0, NLMSG_ALIGN(size) - size);
    answer_size += NLMSG_ALIGN(size);
}

static void put_attribute(unsigned type, const void *value, size_t size)
{
    const struct rtattr a = {.rta_len = (unsigned short)RTA_LENGTH(size), .rta_type = (unsigned short)type};
    put(&a, sizeof(a));
    put(value, size);
}

static void make_messages(unsigned type)
{
    static const uint8_t value[64] = {1, 2, 3, 4};
    answer_size = 0;
    for (unsigned i = 0; i < 3; i++) {
        const size_t at = answer_size;
        struct nlmsghdr h = {.nlmsg_type = (uint16_t)type, .nlmsg_flags = NLM_F_MULTI};
        const struct ifinfomsg link = {.ifi_family = type == RTM_NEWLINK ? 0 : AF_INET, .ifi_index = 1 + (int)i};
        put(&h, sizeof(h));
        put(&link, type == RTM_NEWLINK ? sizeof(link) : type == RTM_NEWADDR ? sizeof(struct ifaddrmsg) : sizeof(struct rtmsg));
        put_attribute(77, value, 33);
        put_attribute(IFLA_IFNAME, "lo0", 4); // IFA_LABEL too
        put_attribute(IFLA_MTU, value, 4);
        put_attribute(IFLA_BROADCAST, value, type == RTM_NEWLINK ? 6 : 4);
        put_attribute(IFLA_ADDRESS, value, type == RTM_NEWLINK ? 6 : 4); // may be longer than it is
        h.nlmsg_len = (uint32_t)(answer_size - at);
        memcpy(answer + at, &h, sizeof(h));
    }
}

static size_t header_of(unsigned type)
{
    return type == RTM_NEWLINK ? sizeof(struct ifinfomsg) : type == RTM_NEWADDR ? sizeof(struct ifaddrmsg) : sizeof(struct rtmsg);
}

// As a C library walks them, believing each length.
static unsigned check_messages(const struct interfaces *all, unsigned type)
{
    unsigned count = 0;
    for (const struct nlmsghdr *m = interfaces_next(all, NULL); m; m = interfaces_next(all, m), count++) {
        const uint8_t *start = (const uint8_t *)m, *end = start + m->nlmsg_len;
        const uint8_t *at = start + NLMSG_HDRLEN + NLMSG_ALIGN(header_of(type));
        CHECK(m->nlmsg_type == type && !(m->nlmsg_len % NLMSG_ALIGNTO) && end <= all->bytes + all->size && at <= end);
        for (const struct rtattr *a; at < end; at += RTA_ALIGN(a->rta_len)) {
            a = (const struct rtattr *)(const void *)at;
            CHECK(a->rta_len >= sizeof(*a) && RTA_ALIGN(a->rta_len) <= end - at && a->rta_type != 77);
        }
        const struct rtattr *name = interfaces_attribute(m, IFLA_IFNAME);
        if (type != RTM_NEWROUTE && name)
            CHECK(strnlen((const char *)(name + 1), name->rta_len - sizeof(*name)) < name->rta_len - sizeof(*name));
        if (type == RTM_NEWLINK)
            CHECK(name);
    }
    return count;
}

static void interfaces(unsigned request, unsigned type, bool changed)
{
    struct interfaces all;
    make_messages(type);
    if (changed)
        change(answer, answer_size);
    if (changed && !draw(4))
        answer_size = draw((uint32_t)answer_size);
    CHECK(!interfaces_ask(request, AF_UNSPEC, &all));
    unsigned count = check_messages(&all, type);
    CHECK(changed || count == 9);
    CHECK(count || type == RTM_NEWROUTE); // there is lo if nothing else
    interfaces_free(&all);
}

static uint64_t control_size;

// recvmsg: the rest of the answer stands in the bounce buffer where the request says.
long host_syscall_now(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    uint64_t header[7];
    memcpy(header, (const void *)b, sizeof(header));
    uint8_t *control = (uint8_t *)header[4];
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        static const int kinds[][3] = {{0, 8, 12}, {0, 2, 4}, {41, 50, 20}, {SOL_SOCKET, SCM_RIGHTS, 4}};
        const struct control record = {sizeof(record) + (size_t)kinds[i][2], kinds[i][0], kinds[i][1]};
        memset(control + at, 0, control_aligned(record.size));
        memcpy(control + at, &record, sizeof(record));
        at += control_aligned(record.size);
    }
    change(control, at);
    header[1] = draw(8) ? 0 : draw(300);
    header[5] = control_size = draw(8) ? at : draw(3000);
    change((uint8_t *)&header[6], sizeof(header[6]));
    memcpy((void *)b, header, sizeof(header));
    return (long)draw(100);
}

static void ancillary(void)
{
    static struct socket_message m;
    uint8_t to[64];
    m = (struct socket_message){0};
    if (setjmp(lied)) {
        free(m.control);
        return;
    }
    long n = host_receive_message(7, to, sizeof(to), 0, &m);
    CHECK(n >= 0 && n < 100);
    struct control c;
    for (size_t at = 0; at < m.control_size; at += control_aligned(c.size)) {
        CHECK(m.control_size - at >= sizeof(c));
        memcpy(&c, m.control + at, sizeof(c));
        CHECK(c.size >= sizeof(c) && c.size <= m.control_size - at);
        CHECK(c.level != SOL_SOCKET || (c.type != SCM_RIGHTS && c.type != SCM_CREDENTIALS));
    }
    free(m.control);
}

int main(void)
{
    static const unsigned kinds[][2] = {{RTM_GETLINK, RTM_NEWLINK}, {RTM_GETADDR, RTM_NEWADDR}, {RTM_GETROUTE, RTM_NEWROUTE}};
    for (unsigned i = 0; i < 3; i++)
        interfaces(kinds[i][0], kinds[i][1], false);
    for (unsigned i = 0; i < ROUNDS; i++) {
        interfaces(kinds[i % 3][0], kinds[i % 3][1], true);
        ancillary();
    }
    return 0;
}
