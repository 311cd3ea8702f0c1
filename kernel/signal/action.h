// SPDX-License-Identifier: MIT
//
// What a process does on each signal. Who changes it holds the process's signal_lock.
#pragma once

#include <stdbool.h>

#include <linux/signal.h>

struct signal_actions;

enum default_action { DEFAULT_TERMINATE, DEFAULT_IGNORE, DEFAULT_STOP };

struct sigaction action_get(struct signal_actions *a, int sig);
void action_set(struct signal_actions *a, int sig, const struct sigaction *action);
void action_set_default(struct signal_actions *a, int sig); // the handler; flags and mask stay
bool action_ignores(const struct signal_actions *a, int sig); // explicitly or by default
enum default_action action_default(int sig);
