// SPDX-License-Identifier: MIT
//
// Waiting for files whose changes only the host knows (its sockets, its terminal). All of those that somebody waits for are asked about
// in one host call, and another one sleeps until one of them changes. What the host says is a hint to look, never more.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pollfd; // <linux/poll.h>
struct poll_table;

// Files of the host in the order in which they were looked at.
struct host_set;

// For file_ops.poll: events that are there now, by what is known in the table or by `look`; the host's further ones end the wait.
// table may be NULL.
unsigned poll_host(struct poll_table *table, int host_fd, unsigned (*look)(int host_fd));
// An epoll of the host: may it have edges? They are taken by the caller before it waits; new ones end the wait. table may be NULL.
bool poll_host_epoll(struct poll_table *table, int host_fd);
// Some such file may have lost events that were there: who waits for files of the host looks again.
void poll_host_changed(void);

// For poll_loop. What the host says of the files of a set (NULL: of none) from now on stands in it.
void host_set_ask(struct host_set *s);
// Empties a set, to be filled anew.
void host_set_clear(struct host_set *s);
// For a sleep; *ret_files, with the events that end it, lives as long as the set.
unsigned host_set_files(const struct host_set *s, const struct pollfd **ret_files);
void host_set_free(struct host_set *s); // NULL allowed
