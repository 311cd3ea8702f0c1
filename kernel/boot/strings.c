// SPDX-License-Identifier: MIT
//
// The program's arguments and environment.
//
// What a hostile host can try here, and the answer:
// - pass arguments or variables that the configuration does not allow: they are not looked at.
// - pass unterminated or overlong strings: the copy is bounded and terminated here.
#include <linux/errno.h>

#include "kernel/boot/boot.h"
#include "kernel/boot/config.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"

// Splits NUL-separated strings (a trusted copy) in place; keeps those for which keep says so.
static int split(char *block, size_t size, bool (*keep)(const char *), char **out, unsigned limit, unsigned used)
{
    for (size_t at = 0; at < size; at += strlen(block + at) + 1) {
        if (keep && !keep(block + at))
            continue;
        if (used + 1 >= limit)
            return -E2BIG;
        out[used++] = block + at;
    }
    out[used] = NULL;
    return (int)used;
}

static int copy_block(uint64_t address, uint64_t size, char **ret_block)
{
    char *block = kmalloc(size + 1);
    if (!block)
        return -ENOMEM;
    if (size)
        host_read(block, address, size);
    block[size] = 0;
    *ret_block = block;
    return 0;
}

static int from_config(const struct config_list *list, char **out, unsigned limit)
{
    if (list->count + 1 > limit)
        return -E2BIG;
    unsigned n = 0;
    for (const char *s; (s = config_list_item(list, n)); n++)
        out[n] = (char *)(uintptr_t)s;
    out[n] = NULL;
    return (int)n;
}

static bool host_may_set(const char *variable)
{
    const char *equals = strchr(variable, '=');
    if (!equals)
        return false;
    size_t n = (size_t)(equals - variable);
    const struct config_list *allowed = &config_get()->host_environment;
    const char *name;
    for (unsigned i = 0; (name = config_list_item(allowed, i)); i++)
        if (strlen(name) == n && !memcmp(name, variable, n))
            return true;
    return false;
}

int boot_arguments(char ***ret_argv)
{
    char **argv = kmalloc(BOOT_MAX_STRINGS * sizeof(*argv));
    if (!argv)
        return -ENOMEM;
    int n;
    if (config_get()->flags & CONFIG_HOST_ARGUMENTS) {
        char *block;
        n = copy_block(boot_get()->arguments, boot_get()->arguments_size, &block);
        if (!n)
            n = split(block, boot_get()->arguments_size, NULL, argv, BOOT_MAX_STRINGS, 0);
    } else {
        n = from_config(&config_get()->arguments, argv, BOOT_MAX_STRINGS);
    }
    if (n < 0)
        return n;
    *ret_argv = argv;
    return n;
}

int boot_environment(char ***ret_envp)
{
    char **envp = kmalloc(BOOT_MAX_STRINGS * sizeof(*envp));
    if (!envp)
        return -ENOMEM;
    int n = from_config(&config_get()->environment, envp, BOOT_MAX_STRINGS);
    if (n >= 0 && config_get()->host_environment.count) {
        char *block;
        int r = copy_block(boot_get()->environment, boot_get()->environment_size, &block);
        n = r ? r : split(block, boot_get()->environment_size, host_may_set, envp, BOOT_MAX_STRINGS, (unsigned)n);
    }
    if (n < 0)
        return n;
    *ret_envp = envp;
    return n;
}
