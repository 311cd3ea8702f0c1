// SPDX-License-Identifier: MIT
#include "cli/config/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/layout.h"

struct output {
    char *bytes; // CONFIG_MAX_SIZE, zeroed
    size_t size;
};

static int put(struct output *o, const char *string, uint32_t *ret_offset)
{
    size_t length = strlen(string) + 1;
    if (length > CONFIG_MAX_SIZE - o->size)
        return -E2BIG;
    *ret_offset = (uint32_t)o->size;
    memcpy(o->bytes + o->size, string, length);
    o->size += length;
    return 0;
}

static int put_optional(struct output *o, const char *string, uint32_t *ret_offset)
{
    *ret_offset = 0;
    return string ? put(o, string, ret_offset) : 0;
}

// `first`, if not NULL, stands before the list's own items.
static int put_list(struct output *o, const char *first, const struct string_list *l, struct config_list *ret)
{
    *ret = (struct config_list){.count = (uint32_t)l->count + (first != NULL)};
    uint32_t offset = 0;
    int r = first ? put(o, first, &ret->offset) : 0;
    for (size_t i = 0; !r && i < l->count; i++) {
        r = put(o, l->items[i], &offset);
        if (!ret->offset)
            ret->offset = offset;
    }
    return r;
}

static uint32_t flags(const struct settings *s)
{
    return (s->debug ? CONFIG_DEBUG : 0) | (s->host_arguments ? CONFIG_HOST_ARGUMENTS : 0) |
           (s->unhandled_syscall_fatal ? CONFIG_UNHANDLED_SYSCALL_FATAL : 0) | (s->no_brk ? CONFIG_NO_BRK : 0) |
           (s->exec_stack ? CONFIG_EXEC_STACK : 0);
}

static int put_strings(struct output *o, const struct settings *s, struct config *c)
{
    int r = put_optional(o, s->application_path, &c->application_path);
    if (!r)
        r = put(o, s->current_directory ? s->current_directory : "/", &c->current_directory);
    if (!r)
        r = put_optional(o, s->hostname, &c->hostname);
    if (!r && !s->host_arguments) // argv[0] is the program's path
        r = put_list(o, s->application_path, &s->arguments, &c->arguments);
    if (!r)
        r = put_list(o, NULL, &s->environment, &c->environment);
    if (!r)
        r = put_list(o, NULL, &s->host_environment, &c->host_environment);
    return r;
}

int config_compile(const struct settings *s, const struct config_image *rootfs, const struct config_image *system,
                   void **ret_config, size_t *ret_size)
{
    struct config c = {
        .magic = CONFIG_MAGIC,
        .version = CONFIG_VERSION,
        .flags = flags(s),
        .memory_size = s->memory_size,
        .main_stack_size = s->main_stack_size,
        .thread_stack_size = s->thread_stack_size,
        .rootfs = *rootfs,
        .system = *system,
    };
    struct output o = {.bytes = calloc(1, CONFIG_MAX_SIZE), .size = sizeof(c)};
    if (!o.bytes)
        return -ENOMEM;
    int r = put_strings(&o, s, &c);
    if (r) {
        free(o.bytes);
        return r;
    }
    c.size = (uint32_t)o.size;
    memcpy(o.bytes, &c, sizeof(c));
    *ret_config = o.bytes;
    *ret_size = o.size;
    return 0;
}
