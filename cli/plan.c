// SPDX-License-Identifier: MIT
//
// Puts together what exec loads. Where the configuration says something it wins over the command line: it is what the owner of the
// program decided, and what is measured.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config/compile.h"
#include "cli/exec.h"

static int choose(const char *option, const char *value, const char *const *names, int *ret)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], value)) {
            *ret = i;
            return 0;
        }
    complain("--%s: '%s' is not one of %s, %s%s%s", option, value, names[0], names[1], names[2] ? ", " : "",
             names[2] ? names[2] : "");
    return -1;
}

static int choose_memory(struct request *q, const char *value)
{
    uint64_t size;
    if (size_parse(value, &size)) {
        complain("--memory-size: '%s' is not a size: give a number with k, m or g, such as 512m", value);
        return -1;
    }
    if (size < MEMORY_SIZE_LEAST || size > MEMORY_SIZE_MOST) {
        complain("--memory-size: '%s' is too %s: give between 8m and 256g", value,
                 size < MEMORY_SIZE_LEAST ? "small" : "large");
        return -1;
    }
    q->memory_size = size;
    return 0;
}

int request_option(struct request *q, const struct options *o, int id)
{
    static const char *const targets[] = {[RUN_SGX] = "sgx", [RUN_LINUX] = "linux", NULL};
    static const char *const devices[] = {
        [DEVICE_AUTO] = "auto", [DEVICE_HARDWARE] = "hardware", [DEVICE_EMULATED] = "emulated", NULL};
    switch (id) {
    case OPTION_TARGET:
        return choose("target", o->value, targets, &q->target);
    case OPTION_DEVICE:
        return choose("device", o->value, devices, &q->device);
    case OPTION_MEMORY_SIZE:
        return choose_memory(q, o->value);
    case OPTION_CONFIG:
        q->config_path = o->value;
        return 0;
    case OPTION_STRACE:
        q->strace = true;
        return 0;
    default:
        return -1;
    }
}

static int out_of_memory(void)
{
    complain("out of memory");
    return -1;
}

static int choose_program(const struct request *q, struct settings *s)
{
    const char *given = q->program[0];
    if (!s->application_path) {
        if (!given) {
            complain("no program: give its absolute path in the root filesystem after '%s'", q->rootfs);
            return -1;
        }
        if (given[0] != '/') {
            complain("'%s': a program is given by its absolute path in the root filesystem, as in /bin/%s", given,
                     given[0] == '-' ? "program" : given);
            return -1;
        }
        s->application_path = strdup(given);
        return s->application_path ? 0 : out_of_memory();
    }
    if (given && strcmp(given, s->application_path))
        complain("%s: ApplicationPath '%s' is run instead of '%s'", q->config_path, s->application_path, given);
    if (given && given[0] && q->program[1] && !s->host_arguments)
        complain("%s: arguments of the command line are not used: HostApplicationParameters is not true", q->config_path);
    return 0;
}

static int read_settings(const struct request *q, struct settings *s)
{
    settings_default(s, q->config_path != NULL);
    if (q->config_path && config_read(q->config_path, s))
        return -1;
    if (!s->memory_size)
        s->memory_size = q->memory_size ? q->memory_size : MEMORY_SIZE_DEFAULT;
    if (choose_program(q, s))
        return -1;
    return settings_check(s);
}

// The variables of this process that the configuration names.
static char **select_environment(const struct settings *s)
{
    char **selected = calloc(s->host_environment.count + 1, sizeof(*selected));
    size_t count = 0;
    for (size_t i = 0; selected && i < s->host_environment.count; i++) {
        const char *name = s->host_environment.items[i];
        size_t length = strlen(name);
        for (char **e = environ; *e; e++)
            if (!strncmp(*e, name, length) && (*e)[length] == '=') {
                selected[count++] = *e;
                break;
            }
    }
    return selected;
}

// argv[0] is the program's path, whatever the command line calls it.
static char **select_arguments(const struct request *q, const struct settings *s)
{
    size_t count = 0;
    while (s->host_arguments && q->program[0] && q->program[count + 1])
        count++;
    char **arguments = calloc(count + 2, sizeof(*arguments));
    if (arguments) {
        arguments[0] = s->application_path;
        for (size_t i = 0; i < count; i++)
            arguments[i + 1] = q->program[i + 1];
    }
    return arguments;
}

// The system image holds the attestation service, which only an enclave can use.
static int open_images(const struct request *q, struct plan *p)
{
    char path[4096];
    if (image_file_open(q->rootfs, &p->rootfs))
        return -1;
    if (q->target == RUN_LINUX)
        return 0;
    if (!installed_file("system.img", path, sizeof(path)))
        return -1;
    if (access(path, R_OK)) {
        complain("%s: %s: this installation is incomplete", path, strerror(errno));
        return -1;
    }
    return image_file_open(path, &p->system) ? -1 : 0;
}

static int fill(const struct request *q, struct plan *p)
{
    if (read_settings(q, &p->settings) || open_images(q, p))
        return -1;
    int r = config_compile(&p->settings, &p->rootfs.measured, &p->system.measured, &p->config, &p->run.config_size);
    if (r) {
        complain("the configuration does not fit: %s", strerror(-r));
        return -1;
    }
    const char *kernel = q->target == RUN_LINUX ? "kernel-linux.elf" : "kernel-sgx.elf";
    if (!installed_file(kernel, p->kernel_path, sizeof(p->kernel_path)))
        return -1;
    p->arguments = select_arguments(q, &p->settings);
    p->environment = select_environment(&p->settings);
    return p->arguments && p->environment ? 0 : out_of_memory();
}

int plan_make(const struct request *q, struct plan *ret)
{
    *ret = (struct plan){0};
    if (fill(q, ret)) {
        plan_free(ret);
        return -1;
    }
    struct run_options *run = &ret->run;
    run->target = q->target;
    run->device = q->device;
    run->strace = q->strace;
    run->config = ret->config;
    run->rootfs = ret->rootfs.run;
    run->system = ret->system.run;
    run->kernel_path = ret->kernel_path;
    run->argv = ret->arguments;
    run->envp = ret->environment;
    run->product_id = ret->settings.product_id;
    run->security_version = ret->settings.security_version;
    run->debug = ret->settings.debug;
    return 0;
}

void plan_free(struct plan *p)
{
    settings_free(&p->settings);
    image_file_close(&p->rootfs);
    image_file_close(&p->system);
    free(p->config);
    free(p->environment);
    free(p->arguments);
    *p = (struct plan){0};
}
