// SPDX-License-Identifier: MIT
//
// What is to be run, as config.json and the command line say it, before it is compiled into the measured configuration.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct string_list {
    char **items; // count strings and a NULL
    size_t count;
};

struct settings {
    bool debug, host_arguments, no_brk, exec_stack, unhandled_syscall_fatal;
    uint16_t product_id, security_version;
    uint64_t memory_size;       // bytes; 0: nobody said
    uint64_t main_stack_size;   // bytes
    uint64_t thread_stack_size; // bytes, 0: libc's default
    char *application_path;     // NULL: nobody said
    char *current_directory;
    char *hostname; // NULL: the kernel's default
    struct string_list arguments; // behind argv[0]
    struct string_list environment;
    struct string_list host_environment;
};

#define MEMORY_SIZE_DEFAULT (1ull << 30) // committed on demand, so it costs nothing; not taken from the host, which would change MRENCLAVE
#define MEMORY_SIZE_LEAST (8ull << 20)   // the kernel's own needs and a small program
#define MEMORY_SIZE_MOST (256ull << 30)  // half of the enclave's address range
#define MAIN_STACK_SIZE_DEFAULT (8ull << 20)

// What exec uses without a configuration file (debug, product 1, version 1, arguments from the host), or what a file that says
// nothing means (no debug, product 0, version 0, no arguments from the host).
void settings_default(struct settings *ret, bool with_file);
void settings_free(struct settings *s);

// Frees with list_free. 0 or -ENOMEM.
int list_add(struct string_list *l, const char *item);
void list_free(struct string_list *l);

// Reads config.json into settings made by settings_default(true). 0, or -1 after one line on stderr that names file, line and key.
int config_read(const char *path, struct settings *s);
// The same for text in memory; `path` is for messages.
int config_parse(const char *path, const char *text, size_t size, struct settings *s);

// Checks that need no place in a file: sizes within bounds. 0, or -1 after one line on stderr.
int settings_check(const struct settings *s);
