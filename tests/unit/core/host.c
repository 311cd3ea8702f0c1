// SPDX-License-Identifier: MIT
#include "tests/unit/core/host.h"

#include <asm/prctl.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "abi/hostcall.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/entry/cpuid.h"
#include "kernel/lib/check.h"
#include "kernel/mm/window.h"
#include "kernel/signal/host.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/stop.h"
#include "kernel/time/time.h"

#define THREADS 64
#define WORDS_AT 0x10000000ul

struct process test_process;

static struct thread_block blocks[THREADS];
static struct thread threads[THREADS];
static uint8_t host_blocks[THREADS][4096] __attribute__((aligned(4096)));
static uint32_t interrupted[THREADS];

const struct boot_info *boot_get(void)
{
    static const struct boot_info boot = {.cpu_count = 2};
    return &boot;
}

void host_write(uint64_t to, const void *from, uint64_t size)
{
    memcpy((void *)to, from, size);
}

void (*on_host_wake)(void);

long host_syscall(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    if (number == SYS_futex && (b & FUTEX_CMD_MASK) == FUTEX_WAKE && on_host_wake)
        on_host_wake();
    long r = syscall((long)number, a, b, c, d, e, f);
    return r < 0 ? -errno : r;
}

// Nobody waits for files of the host here.
uint64_t host_bounce(void)
{
    abort();
}

void target_thread_interrupt(unsigned index)
{
    abort();
}

uint64_t clock_monotonic_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

bool signal_interrupts(const struct thread *t)
{
    return __atomic_load_n(&interrupted[t - threads], __ATOMIC_SEQ_CST);
}

bool stop_in_sleep(struct thread *t)
{
    return false; // nobody stops here
}

bool stop_ends_syscall(const struct regs *regs)
{
    return false;
}

void interrupt_thread(struct thread *t)
{
    __atomic_store_n(&interrupted[t - threads], 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&t->block->interrupt_pending, 1, __ATOMIC_SEQ_CST);
    (void)thread_sleep_interrupt(t);
}

void interrupt_taken(struct thread *t)
{
    interrupted[t - threads] = 0;
    t->block->interrupt_pending = 0;
}

void assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    abort();
}

struct thread *thread_of(unsigned index)
{
    return &threads[index];
}

void become_thread(unsigned index)
{
    struct thread_block *tb = &blocks[index];
    struct thread *t = &threads[index];
    *tb = (struct thread_block){.self = tb, .current = t, .host_block = (uint64_t)host_blocks[index], .area_index = index};
    *t = (struct thread){.block = tb, .process = &test_process, .tid = (int32_t)index + 100};
    CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, tb) == 0);
}

struct start {
    unsigned index;
    void (*body)(unsigned);
};

static void *main_of(void *argument)
{
    struct start *s = argument;
    become_thread(s->index);
    s->body(s->index);
    return NULL;
}

void run_threads(unsigned count, void (*body)(unsigned index))
{
    pthread_t handles[THREADS];
    struct start starts[THREADS];
    CHECK(count < THREADS);
    for (unsigned i = 0; i < count; i++) {
        starts[i] = (struct start){i + 1, body};
        CHECK(pthread_create(&handles[i], NULL, main_of, &starts[i]) == 0);
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(handles[i], NULL);
}

uint32_t *program_words(void)
{
    static uint32_t *words;
    if (!words) {
        words = mmap((void *)WORDS_AT, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        CHECK(words == (void *)WORDS_AT);
    }
    memset(words, 0, 4096);
    return words;
}

// One address space, always in place.
void turn_enter(struct mm *mm)
{
}

bool turn_wanted(const struct mm *mm)
{
    return false;
}

void cpuid_watch_end(struct thread *t)
{
}

void turn_leave(struct mm *mm)
{
}

void signal_pass_on(void)
{
}

void host_signals_take(void)
{
}
