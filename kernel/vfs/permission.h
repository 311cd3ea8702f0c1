// SPDX-License-Identifier: MIT
//
// What the current thread may do to files: permission bits, owners, the sticky bit.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct credentials;
struct node;

enum { MAY_EXECUTE = 1, MAY_SEARCH = 1, MAY_WRITE = 2, MAY_READ = 4 }; // as in mode bits

int node_permits(const struct node *n, unsigned wanted); // 0 or -EACCES
// A name of n may be taken out of dir, which is a change of dir: 0, -EACCES, or -EPERM where the sticky bit keeps it for its owner.
int node_permits_removal(const struct node *dir, const struct node *n);
bool node_is_owned(const struct node *n); // by the user, or who has CAP_FOWNER
bool in_group(uint32_t gid);
// The mode that a file of this group may have: the set-group-ID bit is for members of the group.
uint32_t mode_for_group(uint32_t mode, uint32_t gid);
// The mode that is left when the content has changed: set-user-ID and set-group-ID programs are what they were made as.
uint32_t mode_after_write(uint32_t mode);

// access(2) asks for the real user. What comes in between goes by that.
void permission_of_real_user(struct credentials *ret_before);
void permission_restore(const struct credentials *before);
