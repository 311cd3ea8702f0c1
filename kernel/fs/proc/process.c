// SPDX-License-Identifier: MIT
//
// Files about one process, in the formats of man 5 proc.
#include <asm/resource.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/oom.h>

#include "abi/layout.h"
#include "kernel/fs/proc/show.h"
#include "kernel/fs/tty/tty.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/address_limit.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/lock.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/pages.h"
#include "kernel/mm/start.h"
#include "kernel/mm/user.h"
#include "kernel/mm/vma.h"
#include "kernel/mm/window.h"
#include "kernel/signal/action.h"
#include "kernel/signal/signal.h"
#include "kernel/sync/sync.h"
#include "kernel/task/credentials.h"
#include "kernel/task/process.h"
#include "kernel/task/scheduling.h"
#include "kernel/task/task.h"
#include "kernel/time/time.h"
#include "kernel/vfs/fd_table.h"
#include "kernel/time/processor_time.h"
#include "kernel/vfs/fs_state.h"
#include "kernel/vfs/open_file.h"

enum { INIT_PARENT = 1, TICK_NS = 10000000, NAME_COLUMN = 73, KIB = 1024, SIGNALS = 64 };

static uint64_t pages_in(const struct vma *v)
{
    return pages_committed(v->start, v->end);
}

static void put_vma(struct text *t, const struct vma *v)
{
    char path[512] = "", line[128];
    if (v->file)
        (void)file_path(v->file, path, sizeof(path)); // a path too long is left out
    const char *name = v->file ? path : v->name ? v->name : "";
    int n = snprintf(line, sizeof(line), "%08lx-%08lx %c%c%c%c %08lx %s %lu ", v->start, v->end, v->prot & PROT_READ ? 'r' : '-',
                     v->prot & PROT_WRITE ? 'w' : '-', v->prot & PROT_EXEC ? 'x' : '-', vma_shared(v) ? 's' : 'p', v->offset,
                     v->file ? "00:1a" : "00:00", v->file && v->file->node ? v->file->node->ino : 0);
    text_bytes(t, line, (size_t)n);
    for (; *name && n < NAME_COLUMN; n++)
        text_bytes(t, " ", 1);
    text_bytes(t, name, strlen(name));
    text_bytes(t, "\n", 1);
}

static void map_line(const struct vma *v, void *context)
{
    put_vma(context, v);
}

void show_maps(struct text *t, const struct subject *s)
{
    if (s->mm)
        mm_for_each_vma(s->mm, map_line, t);
}

static void smap_lines(const struct vma *v, void *context)
{
    struct text *t = context;
    uint64_t rss = pages_in(v) * (PAGE_SIZE / KIB), dirty = v->prot & PROT_WRITE ? rss : 0, clean = rss - dirty;
    bool shared = vma_shared(v);
    put_vma(t, v);
    text_put(t,
             "Size:           %8lu kB\nKernelPageSize: %8u kB\nMMUPageSize:    %8u kB\nRss:            %8lu kB\nPss:            %8lu kB\n",
             (v->end - v->start) / KIB, 4, 4, rss, rss);
    text_put(t, "Shared_Clean:   %8lu kB\nShared_Dirty:   %8lu kB\nPrivate_Clean:  %8lu kB\nPrivate_Dirty:  %8lu kB\n", shared ? clean : 0,
             shared ? dirty : 0, shared ? 0 : clean, shared ? 0 : dirty);
    text_put(t,
             "Referenced:     %8lu kB\nAnonymous:      %8lu kB\nSwap:           %8u kB\nSwapPss:        %8u kB\nLocked:         %8lu kB\n",
             rss, v->file ? 0 : rss, 0, 0, v->flags & MAP_LOCKED ? rss : 0);
    text_put(t, "THPeligible:    0\nVmFlags:%s%s%s%s mr mw me%s\n", v->prot & PROT_READ ? " rd" : "", v->prot & PROT_WRITE ? " wr" : "",
             v->prot & PROT_EXEC ? " ex" : "", shared ? " sh" : "", v->flags & MAP_LOCKED ? " lo" : "");
}

void show_smaps(struct text *t, const struct subject *s)
{
    if (s->mm)
        mm_for_each_vma(s->mm, smap_lines, t);
}

struct sizes { // in pages
    uint64_t size, resident, file, shared, data, stack, text;
};

static void add_sizes(const struct vma *v, void *context)
{
    struct sizes *z = context;
    uint64_t size = space_countable_pages(v), in = pages_in(v);
    z->size += size;
    z->resident += in;
    z->file += v->file && !vma_shared(v) ? in : 0;
    z->shared += vma_shared(v) ? in : 0;
    z->stack += v->flags & MAP_GROWSDOWN ? size : 0;
    z->text += v->file && v->prot & PROT_EXEC ? size : 0;
    z->data += v->prot & PROT_WRITE && !vma_shared(v) && !(v->flags & MAP_GROWSDOWN) ? size : 0;
}

static struct sizes sizes_of(const struct subject *s)
{
    struct sizes z = {0};
    if (s->mm)
        mm_for_each_vma(s->mm, add_sizes, &z);
    return z;
}

static char state_of(const struct subject *s)
{
    if (s->process->zombie || !s->thread)
        return 'Z';
    if (thread_is_stopped(s->thread))
        return 'T';
    return s->thread == current_thread() || !thread_sleeps(s->thread) ? 'R' : 'S';
}

static const char *state_word(char state)
{
    return state == 'R' ? "running" : state == 'S' ? "sleeping" : state == 'T' ? "stopped" : "zombie";
}

static const char *name_of(const struct subject *s)
{
    return s->thread ? s->thread->name : s->process->name;
}

static int parent_of(const struct process *p)
{
    const struct process *parent = p->parent;
    return parent ? parent->pid : INIT_PARENT;
}

static int number_of(const struct subject *s)
{
    return s->thread ? s->thread->tid : s->process->pid;
}

static void put_groups(struct text *t, const struct credentials *c)
{
    text_put(t, "Groups:\t");
    for (uint32_t i = 0; i < group_count(c); i++)
        text_put(t, "%u ", group_at(c, i));
    text_put(t, "\n");
}

static void put_memory(struct text *t, const struct subject *s)
{
    struct sizes z = sizes_of(s);
    uint64_t k = PAGE_SIZE / KIB;
    text_put(t, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8lu kB\nVmPin:\t%8u kB\nVmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n", z.size * k,
             z.size * k, mm_locked_pages(s->mm) * k, 0, z.resident * k, z.resident * k);
    text_put(t, "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\nRssShmem:\t%8lu kB\n", (z.resident - z.file - z.shared) * k, z.file * k,
             z.shared * k);
    text_put(t,
             "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\nVmLib:\t%8u kB\nVmPTE:\t%8u kB\nVmSwap:\t%8u kB\nHugetlbPages:\t%8u kB\n",
             z.data * k, z.stack * k, z.text * k, 0, 0, 0, 0);
}

static void put_signals(struct text *t, const struct subject *s)
{
    struct process *p = s->process;
    uint64_t ignored = 0, caught = 0;
    spin_lock(&p->signal_lock);
    const struct thread *one = s->thread;
    uint64_t pending = one ? one->pending.set : 0, shared = p->shared_pending.set, blocked = one ? one->signal_mask : 0;
    for (int sig = 1; p->actions && sig <= SIGNALS; sig++) {
        __sighandler_t handler = action_get(p->actions, sig).sa_handler;
        ignored |= handler == SIG_IGN ? SIGNAL_BIT(sig) : 0;
        caught |= handler != SIG_IGN && handler != SIG_DFL ? SIGNAL_BIT(sig) : 0;
    }
    spin_unlock(&p->signal_lock);
    text_put(t, "SigQ:\t%lu/%lu\n", signals_queued(), p->rlimits[RLIMIT_SIGPENDING][0]);
    text_put(t, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n", pending, shared, blocked, ignored,
             caught);
}

// Those that it may run on, and the one node of memory.
static void put_processors(struct text *t, const struct subject *s)
{
    uint8_t bits[CPUS_MAX / 8];
    const char *separator = "";
    scheduling_processors(s->thread, bits);
    unsigned count = sizeof(bits);
    while (count > 1 && !bits[count - 1])
        count--;
    text_put(t, "Cpus_allowed:\t");
    for (unsigned word = (count + 3) / 4; word-- > 0; separator = ",")
        text_put(t, "%s%02x%02x%02x%02x", separator, bits[word * 4 + 3], bits[word * 4 + 2], bits[word * 4 + 1], bits[word * 4]);
    text_put(t, "\nCpus_allowed_list:\t");
    separator = "";
    for (unsigned i = 0, end; i < CPUS_MAX; i = end + 1) {
        for (end = i; end < CPUS_MAX && bits[end / 8] >> end % 8 & 1; end++)
            ;
        if (end > i + 1)
            text_put(t, "%s%u-%u", separator, i, end - 1);
        else if (end > i)
            text_put(t, "%s%u", separator, i);
        separator = end > i ? "," : separator;
    }
    text_put(t, "\nMems_allowed:\t00000001\nMems_allowed_list:\t0\n");
}

void show_status(struct text *t, const struct subject *s)
{
    const struct process *p = s->process;
    const struct credentials *c = s->thread ? &s->thread->cred : &p->cred;
    const struct capabilities *k = &c->capabilities;
    char state = state_of(s);
    text_put(t, "Name:\t%s\n", name_of(s));
    const struct fs_state *fs = s->thread && s->thread->fs ? s->thread->fs : p->fs;
    if (fs)
        text_put(t, "Umask:\t%04o\n", fs->umask);
    text_put(t, "State:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", state,
             state_word(state), p->pid, number_of(s), parent_of(p));
    text_put(t, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nFDSize:\t%d\n", c->uid, c->euid, c->suid, c->fsuid, c->gid, c->egid, c->sgid,
             c->fsgid, p->files ? p->files->room : 0);
    put_groups(t, c);
    text_put(t, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p->pid, number_of(s), p->pgid, p->sid);
    if (s->mm)
        put_memory(t, s);
    text_put(t, "Threads:\t%u\n", p->thread_count);
    put_signals(t, s);
    text_put(t, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n", k->inheritable, k->permitted,
             k->effective, k->bounding, k->ambient);
    text_put(t, "NoNewPrivs:\t%d\nSeccomp:\t0\nSeccomp_filters:\t0\n", p->no_new_privileges);
    put_processors(t, s);
    text_put(t, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t0\n", s->thread ? s->thread->usage.waits : 0);
}

void show_self_stat(struct text *t, const struct subject *s)
{
    struct process *p = s->process;
    struct sizes z = sizes_of(s);
    int nice = s->thread ? s->thread->scheduling.nice : 0;
    uint64_t used = s->thread ? processor_time_of_thread(s->thread) : processor_time_of_process_locked(p);
    struct tty_numbers terminal = tty_numbers_of(p);
    text_put(t, "%d (%s) %c %d %d %d %u %d 4194304 0 0 0 0 %lu 0 %lu 0 %d %d %u 0 %lu %lu %lu %lu", number_of(s), name_of(s), state_of(s),
             parent_of(p), p->pgid, p->sid, terminal.rdev, terminal.foreground, used / TICK_NS, p->children_cpu_ns / TICK_NS, 20 + nice,
             nice, p->thread_count, p->start_ns / TICK_NS, z.size * PAGE_SIZE, z.resident, p->rlimits[RLIMIT_RSS][0]);
    text_put(t, " 1 1 0 0 0 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", p->exit_signal ? p->exit_signal : 17);
}

void show_statm(struct text *t, const struct subject *s)
{
    struct sizes z = sizes_of(s);
    text_put(t, "%lu %lu %lu %lu 0 %lu 0\n", z.size, z.resident, z.file + z.shared, z.text, z.data + z.stack);
}

void show_comm(struct text *t, const struct subject *s)
{
    text_put(t, "%s\n", name_of(s));
}

static void put_limit(struct text *t, uint64_t value)
{
    if (value == UINT64_MAX)
        text_put(t, "%-20s ", "unlimited");
    else
        text_put(t, "%-20lu ", value);
}

void show_limits(struct text *t, const struct subject *s)
{
    static const struct {
        const char *name, *unit;
    } rows[RLIMITS] = {
        {"Max cpu time", "seconds"},     {"Max file size", "bytes"},     {"Max data size", "bytes"},     {"Max stack size", "bytes"},
        {"Max core file size", "bytes"}, {"Max resident set", "bytes"},  {"Max processes", "processes"}, {"Max open files", "files"},
        {"Max locked memory", "bytes"},  {"Max address space", "bytes"}, {"Max file locks", "locks"},    {"Max pending signals", "signals"},
        {"Max msgqueue size", "bytes"},  {"Max nice priority", ""},      {"Max realtime priority", ""},  {"Max realtime timeout", "us"},
    };
    text_put(t, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (unsigned i = 0; i < RLIMITS; i++) {
        text_put(t, "%-25s ", rows[i].name);
        put_limit(t, process_limit(s->process, i, false));
        put_limit(t, process_limit(s->process, i, true));
        text_put(t, *rows[i].unit ? "%-10s\n" : "%s\n", rows[i].unit);
    }
}

static void put_part(struct text *t, const struct subject *s, enum start_part part)
{
    const struct program_start *start = s->mm ? mm_start(s->mm) : NULL;
    size_t from = start && part ? start->end[part - 1] : 0;
    if (start)
        text_bytes(t, start->data + from, start->end[part] - from);
}

// What the program has at an address now, as far as that is there. The process is locked: only memory that needs no fault is looked at.
static size_t peek(const struct subject *s, uint64_t at, char *to, size_t size)
{
    size_t done = 0;
    while (mm_is_in_place(s->mm) && done < size) {
        size_t to_page = PAGE_SIZE - (at + done) % PAGE_SIZE, n = size - done < to_page ? size - done : to_page;
        uint8_t state = pages_state(at + done);
        if (!(state & PAGE_COMMITTED) || !(state & PROT_READ) || copy_from_user(to + done, (const char USER *)(at + done), n))
            break;
        done += n;
    }
    return done;
}

// As it is now, for programs change it to be found by it. False: it cannot be seen.
static bool put_part_now(struct text *t, const struct subject *s, enum start_part part)
{
    const struct program_start *start = s->mm ? mm_start(s->mm) : NULL;
    size_t size = start ? start->end[part] - (part ? start->end[part - 1] : 0) : 0;
    char *now = size ? kmalloc(start->end[START_ENVIRONMENT]) : NULL;
    bool seen = now && peek(s, start->place[part], now, size) == size;
    if (seen && part == START_ARGUMENTS && now[size - 1]) { // a title that goes on into the environment
        size_t all = peek(s, start->place[part], now, start->end[START_ENVIRONMENT]);
        const char *end = memchr(now, 0, all);
        size = end ? (size_t)(end - now) + 1 : all;
    }
    if (seen)
        text_bytes(t, now, size);
    kfree(now);
    return seen;
}

void show_cmdline(struct text *t, const struct subject *s)
{
    if (!put_part_now(t, s, START_ARGUMENTS))
        put_part(t, s, START_ARGUMENTS);
}

void show_environ(struct text *t, const struct subject *s)
{
    if (!put_part_now(t, s, START_ENVIRONMENT))
        put_part(t, s, START_ENVIRONMENT);
}

void show_auxv(struct text *t, const struct subject *s)
{
    put_part(t, s, START_AUXILIARY);
}

void show_io(struct text *t, const struct subject *s)
{
    text_put(t, "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
}

void show_cgroup(struct text *t, const struct subject *s)
{
    text_put(t, "0::/\n");
}

void show_self_mounts(struct text *t, const struct subject *s)
{
    show_mounts(t);
}

void show_mountinfo(struct text *t, const struct subject *s)
{
    text_put(t, "15 0 0:26 / / rw - rootfs rootfs rw\n16 15 0:27 / /proc rw - proc proc rw\n17 15 0:28 / /dev rw - devtmpfs devtmpfs rw\n");
}

void show_oom_score_adj(struct text *t, const struct subject *s)
{
    text_put(t, "%d\n", s->process->oom_score_adjustment);
}

// The older scale.
void show_oom_adj(struct text *t, const struct subject *s)
{
    int value = s->process->oom_score_adjustment;
    text_put(t, "%d\n", value == OOM_SCORE_ADJ_MAX ? OOM_ADJUST_MAX : value * -OOM_DISABLE / OOM_SCORE_ADJ_MAX);
}

// Of what is used the share, in thousandths, and two thirds of what was added: from 0 to 2000.
void show_oom_score(struct text *t, const struct subject *s)
{
    uint64_t total = mm_limit() / PAGE_SIZE;
    int64_t points = 1000 + (int64_t)(sizes_of(s).resident * 1000 / (total ? total : 1)) + s->process->oom_score_adjustment;
    text_put(t, "%ld\n", points > 0 ? points * 2 / 3 : 0);
}

void show_timerslack(struct text *t, const struct subject *s)
{
    text_put(t, "%lu\n", s->thread && s->thread->timer_slack_ns ? s->thread->timer_slack_ns : TIMER_SLACK_NS);
}

void show_id_map(struct text *t, const struct subject *s)
{
    text_put(t, "         0          0 4294967295\n");
}

void show_setgroups(struct text *t, const struct subject *s)
{
    text_put(t, "allow\n");
}

void show_login(struct text *t, const struct subject *s)
{
    text_put(t, "4294967295");
}

void show_wchan(struct text *t, const struct subject *s)
{
    text_put(t, "0");
}

void show_personality(struct text *t, const struct subject *s)
{
    text_put(t, "%08x\n", s->process->personality);
}

void show_schedstat(struct text *t, const struct subject *s)
{
    text_put(t, "0 0 0\n");
}

void show_coredump_filter(struct text *t, const struct subject *s)
{
    text_put(t, "%08x\n", s->process->core_filter);
}
