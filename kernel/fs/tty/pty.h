// SPDX-License-Identifier: MIT
//
// Pseudo-terminals (man 7 pty): /dev/ptmx and /dev/pts. They live in the enclave: what is typed and shown never meets the host.
#pragma once

struct node;

#define PTY_MAJOR 136u

void pty_mount(void); // /dev/ptmx, /dev/pts
// A node that was made for a slave (mknod, /dev/pts): gives it its operations.
void pty_attach(struct node *n);
