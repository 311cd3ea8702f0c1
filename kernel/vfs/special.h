// SPDX-License-Identifier: MIT
//
// Device nodes and FIFOs: what opening one does.
#pragma once

struct node;

// Gives a device node or FIFO its operations by type and number. Unknown devices open with ENXIO.
int special_attach(struct node *n);
// Such a node goes.
void special_detach(struct node *n);
