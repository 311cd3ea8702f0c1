// SPDX-License-Identifier: MIT
//
// Credentials, whose supplementary groups are shared by all who have the same.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct credentials;
struct group_list;

enum { GROUPS_MAX = 65536 };

uint32_t group_count(const struct credentials *c);
uint32_t group_at(const struct credentials *c, uint32_t index); // in ascending order
// Is gid the primary one, by which files or System V objects are checked, or a supplementary group?
bool is_in_group(const struct credentials *c, uint32_t primary, uint32_t gid);

// A list with room for so many, to be filled and then sorted. One reference; NULL: out of memory.
struct group_list *groups_new(uint32_t count);
uint32_t *groups_numbers(struct group_list *l);
void groups_sort(struct group_list *l);
void groups_put(struct group_list *l); // NULL allowed

void credentials_copy(struct credentials *to, const struct credentials *from); // what was there goes
void credentials_end(struct credentials *c);
