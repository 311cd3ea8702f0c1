// SPDX-License-Identifier: MIT
//
// exec, exec-sgx, exec-linux: options, then hand over to the runtime. Options end at ROOTFS; what follows PROGRAM is its own.
#include <string.h>

#include "cli/commands.h"
#include "cli/exec.h"

#define COMMON_OPTIONS                                                                                                 \
    {"memory-size", "N[k|m|g]", "bound of the memory that is used, default 1g", OPTION_MEMORY_SIZE},                   \
        {"user-mem-size", "N", NULL, OPTION_MEMORY_SIZE},                                                              \
        {"app-config-path", "FILE", "config.json, see myst-config(5)", OPTION_CONFIG},                                 \
        {"strace", NULL, "show system calls on stderr (debug enclaves only)", OPTION_STRACE},                          \
        {"trace-syscalls", NULL, NULL, OPTION_STRACE},

#define DEVICE_OPTION                                                                                                  \
    {"device", "auto|hardware|emulated", "SGX of the processor, or in software; auto: what is there", OPTION_DEVICE},

const struct option exec_options[] = {
    {"target", "sgx|linux", "where the kernel runs, default sgx", OPTION_TARGET}, DEVICE_OPTION COMMON_OPTIONS{0}};
const struct option exec_sgx_options[] = {DEVICE_OPTION COMMON_OPTIONS{0}};
const struct option exec_linux_options[] = {COMMON_OPTIONS{0}};

static int execute(const struct command *self, int target, int argc, char **argv)
{
    struct request q = {.target = target, .device = DEVICE_AUTO};
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    int id;
    while ((id = option_next(&o)) > 0)
        if (request_option(&q, &o, id))
            return 1;
    if (id < 0)
        return id == -2 ? 0 : 1;
    if (o.at >= argc)
        return complain("%s: no root filesystem: myst %s %s", self->name, self->name, self->synopsis);
    q.rootfs = argv[o.at];
    q.program = argv + o.at + 1;
    if (!exec_holds(q.target))
        return delegate("myst-sgx", argv);
    struct plan plan;
    exec_begin();
    if (plan_make(&q, &plan))
        return 1;
    int status = exec_run(&plan.run);
    plan_free(&plan);
    return status;
}

int exec_main(const struct command *self, int argc, char **argv)
{
    return execute(self, RUN_SGX, argc, argv);
}

int exec_sgx_main(const struct command *self, int argc, char **argv)
{
    return execute(self, RUN_SGX, argc, argv);
}

int exec_linux_main(const struct command *self, int argc, char **argv)
{
    return execute(self, RUN_LINUX, argc, argv);
}
