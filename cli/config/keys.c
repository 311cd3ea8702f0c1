// SPDX-License-Identifier: MIT
//
// The keys of config.json: one row per key says its type, where its value goes, or why it cannot be served.
// What is unknown, ill-typed or given twice is refused by line and name: a misspelt key must not weaken an enclave silently.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/config/json.h"
#include "cli/config/settings.h"

struct place {
    const char *path;
    const struct document *document;
    int index; // of the member
    const char *key;
};

__attribute__((format(printf, 3, 4))) static int refuse(const struct place *p, int element, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    complain("%s:%u: %s: %s", p->path, document_line(p->document, p->index, element), p->key, text);
    return -1;
}

// A setter stores a value of the right type or refuses it. `to` is the member of struct settings that the row names.
typedef int setter(const struct place *p, const json_t *value, void *to);

static bool whole_number(const json_t *value, json_int_t most)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= most;
}

static int read_bool(const struct place *p, const json_t *value, bool *ret)
{
    if (!json_is_boolean(value) && !whole_number(value, 1))
        return refuse(p, -1, "must be true or false");
    *ret = json_is_true(value) || json_integer_value(value) == 1; // 0 for what is no integer
    return 0;
}

static int set_bool(const struct place *p, const json_t *value, void *to)
{
    return read_bool(p, value, to);
}

static int set_bool_inverted(const struct place *p, const json_t *value, void *to)
{
    bool given;
    int r = read_bool(p, value, &given);
    if (!r)
        *(bool *)to = !given;
    return r;
}

static int set_u16(const struct place *p, const json_t *value, void *to)
{
    if (!whole_number(value, UINT16_MAX))
        return refuse(p, -1, "must be a whole number from 0 to 65535");
    *(uint16_t *)to = (uint16_t)json_integer_value(value);
    return 0;
}

static int set_size(const struct place *p, const json_t *value, void *to)
{
    if (whole_number(value, INT64_MAX)) {
        *(uint64_t *)to = ((uint64_t)json_integer_value(value) + 4095) & ~4095ull;
        return 0;
    }
    int r = json_is_string(value) ? size_parse(json_string_value(value), to) : -EINVAL;
    if (r == -ERANGE)
        return refuse(p, -1, "'%s' is too large", json_string_value(value));
    return r ? refuse(p, -1, "must be a size: bytes as a number, or a string such as \"64m\" (k, m, g)") : 0;
}

static int set_nonzero_size(const struct place *p, const json_t *value, void *to)
{
    int r = set_size(p, value, to);
    return r || *(uint64_t *)to ? r : refuse(p, -1, "must not be 0");
}

static int set_string(const struct place *p, const json_t *value, void *to)
{
    if (!json_is_string(value))
        return refuse(p, -1, "must be a string");
    char *copy = strdup(json_string_value(value));
    if (!copy)
        return refuse(p, -1, "out of memory");
    free(*(char **)to);
    *(char **)to = copy;
    return 0;
}

static int set_path(const struct place *p, const json_t *value, void *to)
{
    if (json_is_string(value) && json_string_value(value)[0] != '/')
        return refuse(p, -1, "must be an absolute path, found '%s'", json_string_value(value));
    if (json_is_string(value) && strlen(json_string_value(value)) >= 4096)
        return refuse(p, -1, "is longer than a path can be (4095 bytes)");
    return set_string(p, value, to);
}

static int set_hostname(const struct place *p, const json_t *value, void *to)
{
    if (json_is_string(value) && (!json_string_value(value)[0] || strlen(json_string_value(value)) > 64))
        return refuse(p, -1, "must have 1 to 64 bytes");
    return set_string(p, value, to);
}

// Lists of strings; `check` gives what is wrong with an item, or NULL.
static int set_checked_list(const struct place *p, const json_t *value, struct string_list *to,
                            const char *(*check)(const char *item))
{
    if (!json_is_array(value))
        return refuse(p, -1, "must be a list of strings: [\"...\"]");
    for (int i = 0; i < (int)json_array_size(value); i++) {
        const json_t *item = json_array_get(value, (size_t)i);
        if (!json_is_string(item))
            return refuse(p, i, "item %d must be a string", i + 1);
        const char *wrong = check ? check(json_string_value(item)) : NULL;
        if (wrong)
            return refuse(p, i, "'%s': %s", json_string_value(item), wrong);
        if (list_add(to, json_string_value(item)))
            return refuse(p, i, "out of memory");
    }
    return 0;
}

static int set_list(const struct place *p, const json_t *value, void *to)
{
    return set_checked_list(p, value, to, NULL);
}

#define TARGET_VARIABLE "MYST_TARGET"
#define TARGET_REASON "the kernel sets it, nobody else can"

static const char *check_assignment(const char *item)
{
    const char *equals = strchr(item, '=');
    if (!equals || equals == item)
        return "must have the form NAME=VALUE";
    return !strncmp(item, TARGET_VARIABLE "=", sizeof(TARGET_VARIABLE)) ? TARGET_REASON : NULL;
}

static const char *check_name(const char *item)
{
    if (!item[0] || strchr(item, '='))
        return "must be the name of a variable, without '='";
    return !strcmp(item, TARGET_VARIABLE) ? TARGET_REASON : NULL;
}

static int set_assignments(const struct place *p, const json_t *value, void *to)
{
    return set_checked_list(p, value, to, check_assignment);
}

static int set_names(const struct place *p, const json_t *value, void *to)
{
    return set_checked_list(p, value, to, check_name);
}

// Keys that are understood but whose service does not exist: only the value that asks for nothing is accepted.
static int only_false(const struct place *p, const json_t *value, void *reason)
{
    bool given;
    if (read_bool(p, value, &given))
        return -1;
    return given ? refuse(p, -1, "only false is supported: %s", (const char *)reason) : 0;
}

static int only_true(const struct place *p, const json_t *value, void *reason)
{
    bool given;
    if (read_bool(p, value, &given))
        return -1;
    return given ? 0 : refuse(p, -1, "only true is supported: %s", (const char *)reason);
}

static int only_zero(const struct place *p, const json_t *value, void *reason)
{
    return whole_number(value, 0) ? 0 : refuse(p, -1, "only 0 is supported: %s", (const char *)reason);
}

static int only_empty(const struct place *p, const json_t *value, void *reason)
{
    return json_is_array(value) && !json_array_size(value) ? 0 : refuse(p, -1, "only [] is supported: %s", (const char *)reason);
}

static int only_none(const struct place *p, const json_t *value, void *reason)
{
    return json_is_string(value) && !strcmp(json_string_value(value), "none")
               ? 0
               : refuse(p, -1, "only \"none\" is supported: %s", (const char *)reason);
}

static int only_default_level(const struct place *p, const json_t *value, void *reason)
{
    return json_is_string(value) && (!strcmp(json_string_value(value), "notice") || !strcmp(json_string_value(value), "debug"))
               ? 0
               : refuse(p, -1, "only \"notice\" and \"debug\" are supported: %s", (const char *)reason);
}

static int only_version(const struct place *p, const json_t *value, void *reason)
{
    return json_is_string(value) && !strcmp(json_string_value(value), "0.1")
               ? 0
               : refuse(p, -1, "must be \"0.1\": %s", (const char *)reason);
}

static const struct key {
    const char *name;
    setter *set;
    size_t offset;      // in struct settings
    const char *reason; // given to the only_* setters instead of a place
} keys[] = {
#define KEY(name, set, member) {name, set, offsetof(struct settings, member), NULL}
#define ONLY(name, set, reason) {name, set, 0, reason}
    KEY("Debug", set_bool, debug),
    KEY("ProductID", set_u16, product_id),
    KEY("SecurityVersion", set_u16, security_version),
    KEY("MemorySize", set_nonzero_size, memory_size),
    KEY("UserMemSize", set_nonzero_size, memory_size),
    KEY("MainStackSize", set_nonzero_size, main_stack_size),
    KEY("ThreadStackSize", set_size, thread_stack_size),
    KEY("ApplicationPath", set_path, application_path),
    KEY("ApplicationParameters", set_list, arguments),
    KEY("HostApplicationParameters", set_bool, host_arguments),
    KEY("EnvironmentVariables", set_assignments, environment),
    KEY("HostEnvironmentVariables", set_names, host_environment),
    KEY("CurrentWorkingDirectory", set_path, current_directory),
    KEY("Hostname", set_hostname, hostname),
    KEY("UnhandledSyscallEnosys", set_bool_inverted, unhandled_syscall_fatal),
    KEY("NoBrk", set_bool, no_brk),
    KEY("ExecStack", set_bool, exec_stack),
    ONLY("version", only_version, "the one version of this format"),
    ONLY("CreateZeroBaseEnclave", only_true, "enclaves start at address 0"),
    ONLY("EnclaveStartAddress", only_zero, "enclaves start at address 0"),
    ONLY("MaxAffinityCPUs", only_zero, "programs see all processors of the host process"),
    ONLY("ForkMode", only_none, "imitations of fork are not offered"),
    ONLY("SyslogLevel", only_default_level, "the kernel's messages have no levels"),
    ONLY("HostUDS", only_false, "local sockets stay inside the enclave"),
    ONLY("Mount", only_empty, "there is one root filesystem, fixed by the measurement"),
    ONLY("Secret", only_empty, "secrets are not fetched before the program starts"),
};
enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

static const struct key *find_key(const char *name)
{
    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (!strcmp(keys[i].name, name))
            return &keys[i];
    return NULL;
}

static int refuse_unknown(const struct place *p)
{
    const char *near = nearest(p->key, &keys[0].name, KEY_COUNT, sizeof(keys[0]));
    return near ? refuse(p, -1, "unknown key: did you mean '%s'?", near)
                : refuse(p, -1, "unknown key: see myst-config(5)");
}

static int apply(const struct document *document, const char *path, struct settings *s)
{
    unsigned seen[KEY_COUNT] = {0}; // line of the first use
    struct place p = {.path = path, .document = document};
    json_t *value;
    json_object_foreach(document->root, p.key, value) {
        const struct key *k = find_key(p.key);
        if (!k)
            return refuse_unknown(&p);
        for (unsigned i = 0; i < KEY_COUNT; i++)
            if (seen[i] && keys[i].set == k->set && keys[i].offset == k->offset && keys[i].reason == k->reason)
                return refuse(&p, -1, "given twice: line %u has %s", seen[i], keys[i].name);
        seen[k - keys] = document_line(document, p.index, -1);
        int r = k->set(&p, value, k->reason ? (void *)(uintptr_t)k->reason : (char *)s + k->offset);
        if (r)
            return r;
        p.index++;
    }
    return 0;
}

int config_parse(const char *path, const char *text, size_t size, struct settings *s)
{
    struct document document;
    struct document_error error;
    int r = document_parse(text, size, &document, &error);
    if (r == -EINVAL)
        complain("%s:%u: %s", path, error.line, error.reason);
    else if (r)
        complain("%s: %s", path, strerror(-r));
    if (r)
        return -1;
    r = apply(&document, path, s);
    document_free(&document);
    return r;
}

int config_read(const char *path, struct settings *s)
{
    enum { LIMIT = 1 << 20 }; // as the measured configuration
    char *text = malloc(LIMIT + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t size = 0;
    ssize_t n = fd < 0 || !text ? -1 : 1;
    while (n > 0 && size <= LIMIT) {
        n = read(fd, text + size, LIMIT + 1 - size);
        size += n > 0 ? (size_t)n : 0;
    }
    int r = -1;
    if (n < 0)
        complain("cannot read the configuration %s: %s", path, strerror(errno));
    else if (size > LIMIT)
        complain("%s: larger than a configuration can be (1 MiB)", path);
    else
        r = config_parse(path, text, size, s);
    if (fd >= 0)
        close(fd);
    free(text);
    return r;
}
