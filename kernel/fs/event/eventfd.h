// SPDX-License-Identifier: MIT
#pragma once

struct file;
int eventfd_new(unsigned initial, int flags, struct file **ret);
