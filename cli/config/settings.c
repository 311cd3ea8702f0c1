// SPDX-License-Identifier: MIT
#include "cli/config/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

void settings_default(struct settings *ret, bool with_file)
{
    *ret = (struct settings){
        .debug = !with_file,
        .host_arguments = !with_file,
        .product_id = !with_file,
        .security_version = !with_file,
        .main_stack_size = MAIN_STACK_SIZE_DEFAULT,
    };
}

int list_add(struct string_list *l, const char *item)
{
    char **grown = realloc(l->items, (l->count + 2) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    l->items = grown;
    grown[l->count] = strdup(item);
    if (!grown[l->count])
        return -ENOMEM;
    grown[++l->count] = NULL;
    return 0;
}

void list_free(struct string_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i]);
    free(l->items);
    *l = (struct string_list){0};
}

void settings_free(struct settings *s)
{
    free(s->application_path);
    free(s->current_directory);
    free(s->hostname);
    list_free(&s->arguments);
    list_free(&s->environment);
    list_free(&s->host_environment);
    *s = (struct settings){0};
}

static int check_size(const char *name, uint64_t size, uint64_t least, uint64_t most, const char *unit_least,
                      const char *unit_most)
{
    if (size >= least && size <= most)
        return 0;
    complain("%s: %llu bytes is too %s: give between %s and %s", name, (unsigned long long)size,
             size < least ? "small" : "large", unit_least, unit_most);
    return -1;
}

int settings_check(const struct settings *s)
{
    if (check_size("memory size", s->memory_size, MEMORY_SIZE_LEAST, MEMORY_SIZE_MOST, "8m", "256g") ||
        check_size("MainStackSize", s->main_stack_size, 64 << 10, s->memory_size / 2, "64k", "half of the memory size"))
        return -1;
    if (s->thread_stack_size)
        return check_size("ThreadStackSize", s->thread_stack_size, 16 << 10, s->memory_size / 2, "16k",
                          "half of the memory size");
    return 0;
}
