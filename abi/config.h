// SPDX-License-Identifier: MIT
//
// The measured configuration: config.json compiled by the host (cli/config*) into these bytes, which stand at
// CONFIG_BASE and are part of MRENCLAVE. Trusted by the kernel, because measured; still parsed with bounds.
//
// Strings are stored in one table behind the struct; a reference is an offset from the start of the struct
// to a NUL-terminated string (0 = absent). A list is `count` NUL-terminated strings one after the other.
#pragma once

#include <stdint.h>

#define CONFIG_MAGIC 0x3147464354534d00ul // "\0MSTCFG1", little-endian
#define CONFIG_VERSION 1u

enum config_flag {
    CONFIG_DEBUG = 1u << 0,
    CONFIG_HOST_ARGUMENTS = 1u << 1, // arguments come from the host's command line
    CONFIG_UNHANDLED_SYSCALL_FATAL = 1u << 2, // UnhandledSyscallEnosys: false given explicitly
    CONFIG_NO_BRK = 1u << 3,
    CONFIG_EXEC_STACK = 1u << 4,
};

struct config_list {
    uint32_t offset;
    uint32_t count;
};

struct config_image { // abi/image.h; all zero = no such image
    uint8_t root_hash[32];
    uint64_t data_size;
    uint64_t index_offset;
    uint64_t index_size;
};

struct config {
    uint64_t magic;
    uint32_t version;
    uint32_t size;  // of struct plus string table, bytes
    uint32_t flags; // enum config_flag
    uint32_t max_threads;       // limit of thread areas, 0 = default
    uint64_t memory_size;       // bound of committed memory, bytes
    uint64_t main_stack_size;   // bytes
    uint64_t thread_stack_size; // bytes, 0 = libc's default
    struct config_image rootfs;
    struct config_image system;
    uint32_t application_path; // string
    uint32_t current_directory;
    uint32_t hostname;
    uint32_t reserved;
    struct config_list arguments;        // argv[0..]; when CONFIG_HOST_ARGUMENTS is not set
    struct config_list environment;      // K=V
    struct config_list host_environment; // names that the host may set
};
