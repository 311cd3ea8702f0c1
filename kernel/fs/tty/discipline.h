// SPDX-License-Identifier: MIT
//
// The line discipline of a terminal (man 3 termios): what becomes of bytes that are typed and of bytes that a program writes. No
// locks, no waiting, no processes. Typed bytes go in by discipline_receive and out, by lines or singly, by discipline_read; what
// is written, and the echo, go in by discipline_write and out by discipline_take.
#pragma once

#include <asm/termbits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISCIPLINE_ROOM = 4096 };

struct discipline {
    struct termios2 settings;
    uint8_t typed[DISCIPLINE_ROOM], mark[DISCIPLINE_ROOM]; // a ring
    uint32_t typed_start, typed_count;
    uint32_t ready;       // of these: in lines that are complete, or all where there are no lines
    bool literal;         // the next one is taken as it is (VLNEXT)
    bool stopped;         // output, by VSTOP
    uint32_t column;      // of the cursor
    uint32_t line_column; // where the line that is being typed began
    uint8_t output[DISCIPLINE_ROOM]; // a ring
    uint32_t output_start, output_count, output_settled;
    uint8_t packet; // TIOCPKT_*: what a master in packet mode has not heard of
};

void discipline_init(struct discipline *d);
// New settings, at once. What was typed so far stays, and is ready when lines begin or end to count.
void discipline_set(struct discipline *d, const struct termios2 *settings);

// What is in the output so far is on its way: a key's signal takes back the echo of what was typed just before it, and no more.
void discipline_settle(struct discipline *d);
// Whether one more typed byte is taken. In a line that is too long bytes are lost, as on Linux.
bool discipline_accepts(const struct discipline *d);
// The signal that the byte stands for, or 0.
int discipline_receive(struct discipline *d, uint8_t c);
// For poll: whether as many are there as VMIN wants; else: any.
bool discipline_readable(const struct discipline *d, bool poll);
// Up to the end of a line. 0: end of file (VEOF), if discipline_readable.
size_t discipline_read(struct discipline *d, uint8_t *to, size_t size);

// As much as there is room for.
size_t discipline_write(struct discipline *d, const uint8_t *from, size_t size);
bool discipline_has_room(const struct discipline *d);
size_t discipline_take(struct discipline *d, uint8_t *to, size_t size);

void discipline_flush(struct discipline *d, bool typed, bool output); // output: what is not on its way
void discipline_discard(struct discipline *d); // all output that nobody has taken
void discipline_stop(struct discipline *d, bool stop);
