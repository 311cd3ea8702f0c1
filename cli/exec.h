// SPDX-License-Identifier: MIT
//
// From a command line to struct run_options, shared by exec and dump; and what differs between the executables that hold exec.
#pragma once

#include "cli/cli.h"
#include "cli/config/settings.h"
#include "host/image.h"
#include "host/run.h"

// What is to be loaded. Everything is owned by this struct and freed with plan_free.
struct plan {
    struct run_options run;
    struct settings settings;
    struct image_file rootfs, system;
    void *config;
    char **environment; // host variables that the configuration lets in; the strings are the process's own
    char **arguments;   // likewise
    char kernel_path[4096];
};

struct request { // a command line, parsed
    int target; // RUN_SGX, RUN_LINUX
    int device; // DEVICE_*
    bool strace;
    uint64_t memory_size; // 0: not given
    const char *config_path;
    const char *rootfs;
    char **program; // PROGRAM and its arguments, NULL-terminated; may be empty when the configuration names a program
};

// Options common to exec and dump; ids for option_next.
enum { OPTION_TARGET = 1, OPTION_DEVICE, OPTION_MEMORY_SIZE, OPTION_CONFIG, OPTION_STRACE, OPTION_OWN };
// Stores one of them. 0, or -1 after one line on stderr.
int request_option(struct request *q, const struct options *o, int id);

// 0, or -1 after one line on stderr; *ret is then empty.
int plan_make(const struct request *q, struct plan *ret);
void plan_free(struct plan *p);

// Which targets this executable runs, and how. For others exec hands over to the executable that does.
bool exec_holds(int target);
void exec_begin(void); // before anything else of a run
int exec_run(const struct run_options *options);
