// SPDX-License-Identifier: MIT
//
// The program's first stack: strings, argv, envp, auxiliary vector (System V ABI, 3.4.1; man 3 getauxval).
#include "kernel/exec/stack.h"

#include <linux/auxvec.h>
#include <linux/errno.h>
#include <linux/mman.h>

#include "abi/layout.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/crypto/crypto.h"
#include "kernel/exec/exec.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/start.h"
#include "kernel/task/task.h"

enum { ARGUMENTS_MAX = 0x200000, AUX_ENTRIES = 24, DEFAULT_STACK = 8 << 20, MINIMUM_SIGNAL_STACK = 3632 };
enum { HWCAP2_RING3MWAIT = 1, HWCAP2_FSGSBASE = 2 };

static const char target_prefix[] = "MYST_TARGET=";

struct builder {
    char *block;      // kernel copy of the top of the stack
    uint64_t size;    // of block
    uint64_t top;     // program address behind the block
    uint64_t at;      // lowest byte used so far, offset in block
    uint64_t arguments, environment, strings_end; // offsets in block
    const uint64_t *aux;
    size_t aux_count;
};

static uint64_t address_of(const struct builder *b, uint64_t offset)
{
    return b->top - b->size + offset;
}

static uint64_t put_bytes(struct builder *b, const void *p, size_t size)
{
    b->at -= size;
    memcpy(b->block + b->at, p, size);
    return address_of(b, b->at);
}

static bool is_target(const char *variable)
{
    return !strncmp(variable, target_prefix, sizeof(target_prefix) - 1);
}

static unsigned count_strings(char **list, size_t *bytes)
{
    unsigned n = 0;
    for (; list[n]; n++)
        *bytes += strlen(list[n]) + 1;
    return n;
}

static unsigned put_aux(uint64_t *aux, const struct stack_request *r, uint64_t random, uint64_t platform, uint64_t name)
{
    const struct credentials *c = r->cred;
    const uint64_t values[][2] = {
        {AT_SYSINFO_EHDR, r->vdso},
        {AT_HWCAP, boot_get()->hwcap[0]},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_CLKTCK, 100},
        {AT_PHDR, r->headers},
        {AT_PHENT, 56},
        {AT_PHNUM, r->header_count},
        {AT_BASE, r->interpreter_base},
        {AT_FLAGS, 0},
        {AT_ENTRY, r->entry},
        {AT_UID, c->uid},
        {AT_EUID, c->euid},
        {AT_GID, c->gid},
        {AT_EGID, c->egid},
        {AT_SECURE, c->uid != c->euid || c->gid != c->egid},
        {AT_RANDOM, random},
        {AT_HWCAP2, boot_get()->hwcap[1] & ~(uint64_t)(HWCAP2_RING3MWAIT | HWCAP2_FSGSBASE)},
        {AT_EXECFN, name},
        {AT_PLATFORM, platform},
        {AT_MINSIGSTKSZ, MINIMUM_SIGNAL_STACK},
        {AT_NULL, 0},
    };
    _Static_assert(sizeof(values) / sizeof(values[0]) <= AUX_ENTRIES, "room");
    memcpy(aux, values, sizeof(values));
    return sizeof(values) / sizeof(uint64_t);
}

// The words at the very bottom: argc, argv, NULL, envp, NULL, auxv. Pointers were collected in the order of the strings.
static void put_words(struct builder *b, uint64_t *words, size_t count)
{
    b->at &= ~15ul;
    if (count % 2) // argc must be 16-byte aligned
        b->at -= 8;
    put_bytes(b, words, count * 8);
}

static uint64_t build(struct builder *b, const struct stack_request *r, uint64_t *words, unsigned argc, unsigned envc)
{
    uint8_t seed[16];
    char target[sizeof(target_prefix) + 16];
    snprintf(target, sizeof(target), "%s%s", target_prefix, target_name);
    random_bytes(seed, sizeof(seed));
    b->at = b->size - 8; // a zero word ends the stack, as on Linux
    uint64_t name = put_bytes(b, r->exec->path, strlen(r->exec->path) + 1);
    size_t n = 0;
    words[n++] = argc;
    uint64_t *argv = words + n;
    n += argc;
    words[n++] = 0;
    uint64_t *envp = words + n;
    unsigned kept = 0;
    // Strings lie in ascending order: the last one first.
    uint64_t own = put_bytes(b, target, strlen(target) + 1);
    for (unsigned i = envc; i-- > 0;)
        if (!is_target(r->exec->envp[i]))
            kept++;
    unsigned at = kept;
    for (unsigned i = envc; i-- > 0;)
        if (!is_target(r->exec->envp[i]))
            envp[--at] = put_bytes(b, r->exec->envp[i], strlen(r->exec->envp[i]) + 1);
    envp[kept++] = own;
    b->strings_end = own - address_of(b, 0) + strlen(target) + 1;
    b->environment = envp[0] - address_of(b, 0);
    for (unsigned i = argc; i-- > 0;)
        argv[i] = put_bytes(b, r->exec->argv[i], strlen(r->exec->argv[i]) + 1);
    b->arguments = argc ? argv[0] - address_of(b, 0) : b->environment;
    n += kept;
    words[n++] = 0;
    uint64_t platform = put_bytes(b, "x86_64", 7);
    uint64_t random = put_bytes(b, seed, sizeof(seed));
    b->aux = words + n;
    b->aux_count = put_aux(words + n, r, random, platform, name);
    n += b->aux_count;
    put_words(b, words, n);
    return address_of(b, b->at);
}

// As /proc shows it. Without memory for it those files are empty.
static void remember(struct mm *mm, const struct builder *b)
{
    const void *const part[START_PARTS] = {b->block + b->arguments, b->block + b->environment, b->aux};
    const size_t size[START_PARTS] = {b->environment - b->arguments, b->strings_end - b->environment, b->aux_count * sizeof(*b->aux)};
    const uint64_t place[START_PARTS] = {address_of(b, b->arguments), address_of(b, b->environment), 0};
    mm_set_start(mm, program_start_new(part, size, place));
}

int stack_build(struct mm *mm, const struct stack_request *r, uint64_t *ret_rsp)
{
    uint64_t stack_size = config_get()->main_stack_size ? config_get()->main_stack_size : DEFAULT_STACK;
    size_t bytes = 512 + strlen(r->exec->path);
    unsigned argc = count_strings(r->exec->argv, &bytes), envc = count_strings(r->exec->envp, &bytes);
    size_t words_size = (argc + envc + 4 + AUX_ENTRIES * 2) * sizeof(uint64_t);
    if (bytes + words_size > ARGUMENTS_MAX || bytes + words_size > stack_size / 2)
        return -E2BIG;
    struct builder b = {.size = (bytes + words_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)};
    stack_size = (stack_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    bool executable = r->executable_stack || (config_get()->flags & CONFIG_EXEC_STACK);
    int prot = PROT_READ | PROT_WRITE | (executable ? PROT_EXEC : 0);
    long base = mm_map(mm, 0, stack_size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_NORESERVE, NULL, 0);
    if (base < 0)
        return (int)base;
    mm_name_range(mm, (uint64_t)base, "[stack]");
    b.top = (uint64_t)base + stack_size;
    b.block = kzalloc(b.size);
    uint64_t *words = kmalloc(words_size);
    int result = -ENOMEM;
    if (b.block && words) {
        *ret_rsp = build(&b, r, words, argc, envc);
        remember(mm, &b);
        result = mm_write(mm, b.top - b.size + b.at, b.block + b.at, b.size - b.at);
    }
    kfree(words);
    kfree(b.block);
    return result;
}
