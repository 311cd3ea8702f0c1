// SPDX-License-Identifier: MIT
//
// Network interfaces, their addresses and routes, as rtnetlink(7) messages. They are the host's, as the network is.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

struct interfaces { // messages one behind the other, each well formed; nothing else is promised of what they say
    uint8_t *bytes;
    size_t size;
};

// request: RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE. 0 or -ENOMEM. A host that tells nothing: there is lo.
int interfaces_ask(unsigned request, unsigned family, struct interfaces *ret);
void interfaces_free(struct interfaces *i);
// The message behind `m`, or the first (NULL); NULL: no more.
const struct nlmsghdr *interfaces_next(const struct interfaces *i, const struct nlmsghdr *m);
// An attribute of a message of these; NULL: it has none.
const struct rtattr *interfaces_attribute(const struct nlmsghdr *m, unsigned type);
