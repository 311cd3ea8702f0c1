// SPDX-License-Identifier: MIT
//
// Code that was moved does what it did: functions run where they are, and with their first bytes elsewhere.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/rewrite/decode.h"
#include "kernel/rewrite/relocate.h"

enum { ROOM = 256, SPAN_MOST = 24, CALL_END = 8 };

typedef uint64_t function(uint64_t a, uint64_t b);
struct sample {
    function *run;
    const uint8_t *end;
    const char *name;
};
extern const struct sample samples[], calling; // samples.S
extern uint64_t sample_data[4];

static unsigned failures, runs;

static void check(bool right, const char *what, const char *name, size_t span)
{
    if (right)
        return;
    failures++;
    printf("FAILED: %s: %s, span %zu\n", name, what, span);
}

static uint64_t outcome(function *f, uint64_t a, uint64_t b, uint64_t data[4])
{
    for (unsigned i = 0; i < 4; i++)
        sample_data[i] = 0x1111111111111111u * (i + 1);
    uint64_t r = f(a, b);
    memcpy(data, sample_data, sizeof(sample_data));
    return r;
}

static void compare(const struct sample *s, uint8_t *place, size_t span)
{
    static const uint64_t inputs[] = {0, 1, 2, 5, 77, 0x7fffffff, 0x80000000, ~0ul, 0x8000000000000000};
    const uint8_t *code = (const uint8_t *)(uintptr_t)s->run;
    uint8_t starts[SPAN_MOST];
    mprotect(place, ROOM, PROT_READ | PROT_WRITE);
    size_t length = relocate(code, (size_t)(s->end - code), (uint64_t)code, span, (uint64_t)place, place, ROOM, starts);
    check(length != 0, "not moved", s->name, span);
    check(starts[0] == 0, "start of the first instruction", s->name, span);
    mprotect(place, ROOM, PROT_READ | PROT_EXEC);
    for (size_t i = 0; length && i < sizeof(inputs) / sizeof(inputs[0]); i++)
        for (size_t j = 0; j < sizeof(inputs) / sizeof(inputs[0]); j++) {
            uint64_t data[4], moved_data[4];
            uint64_t right = outcome(s->run, inputs[i], inputs[j], data);
            uint64_t got = outcome((function *)(uintptr_t)place, inputs[i], inputs[j], moved_data);
            check(right == got && !memcmp(data, moved_data, sizeof(data)), "another result", s->name, span);
            runs++;
        }
}

static void refusals(uint8_t *near_place)
{
    const struct sample *s = &samples[0];
    const uint8_t *code = (const uint8_t *)(uintptr_t)s->run;
    size_t size = (size_t)(s->end - code);
    uint8_t copy[ROOM], starts[SPAN_MOST];
    uint64_t from = (uint64_t)code;
    check(!relocate(code, size, from, 5, from + (1ul << 32), copy, ROOM, starts), "moved out of reach", s->name, 5);
    for (size_t room = 0; room < 12; room++) {
        memset(copy, 0xee, sizeof(copy));
        size_t n = relocate(code, size, from, 5, (uint64_t)near_place, copy, room, starts);
        check(n <= room, "more than there is room for", s->name, room);
        for (size_t i = room; i < ROOM; i++)
            check(copy[i] == 0xee, "written behind the room", s->name, room);
    }
    check(!relocate(code, 2, from, 5, (uint64_t)near_place, copy, ROOM, starts), "cut code moved", s->name, 2);
    static const uint8_t avx[] = {0xc5, 0xf8, 0x77, 0xc3, 0, 0};
    code = (const uint8_t *)(uintptr_t)calling.run;
    check(!relocate(code, (size_t)(calling.end - code), (uint64_t)code, CALL_END + 1, (uint64_t)near_place, copy, ROOM, starts),
          "a call moved with what it returns to", "call", CALL_END + 1);
    check(!relocate(avx, sizeof(avx), from, 5, (uint64_t)near_place, copy, ROOM, starts), "an unknown instruction moved", "avx", 5);
}

int main(void)
{
    // Within reach of this program's own code and data, on both sides of it.
    for (unsigned i = 0; i < 2; i++) {
        uintptr_t hint = (uintptr_t)samples[0].run & ~0xffffful;
        uint8_t *place = mmap((void *)(hint + (i ? 0x20000000 : -0x20000000ul)), 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (place == MAP_FAILED)
            return 99;
        for (const struct sample *s = samples; s->run; s++)
            for (size_t span = 1; span <= SPAN_MOST && span <= (size_t)(s->end - (const uint8_t *)(uintptr_t)s->run); span++)
                compare(s, place, span);
        for (size_t span = 1; span <= CALL_END; span++)
            compare(&calling, place, span);
        refusals(place);
    }
    printf("%u runs, %u failures\n", runs, failures);
    return failures || !runs;
}
