// SPDX-License-Identifier: MIT
//
// Pending signals of a thread or process. The set says which are pending; real-time signals also queue.
#pragma once

#include <stdint.h>

struct queued_signal;

// What the processor said about the last exception of a thread; for the frame of the signal that it became.
struct fault_details {
    uint64_t vector, error, address;
};

struct signal_queue {
    uint64_t set; // bit n-1: signal n
    struct queued_signal *first, *last;
};
