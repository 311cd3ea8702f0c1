// SPDX-License-Identifier: MIT
//
// Capabilities (man 7 capabilities). They change what a program's own processes may do to each other and to its files; nobody outside
// depends on them. Files have none of their own.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct credentials;

struct capabilities {
    uint64_t permitted, effective, inheritable, bounding, ambient; // bits CAP_* of <linux/capability.h>
};

#define CAPABILITY(number) (1ul << (number))

// All of them: the first process.
struct capabilities capabilities_all(void);
// Has the current thread this one, to use it?
bool capable(int capability);
// The user numbers were others before (man 7 capabilities, "Effect of user ID changes on capabilities").
struct user_numbers {
    uint32_t uid, euid, suid;
};
void capabilities_follow_users(struct credentials *now, const struct user_numbers *before);
void capabilities_follow_file_user(struct credentials *now, uint32_t fsuid_before);
// What they become with the execution of a program, which may have the set-user-ID and set-group-ID bits ("Transformation of capabilities
// during execve()").
struct node;
void credentials_execute(struct credentials *now, const struct node *program, bool no_new_privileges);
// capset(2) on the current thread. 0 or -EPERM.
int capabilities_set(uint64_t permitted, uint64_t effective, uint64_t inheritable);
// PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_CAP_AMBIENT. 0, 1, -EINVAL or -EPERM.
int capability_bound(unsigned long capability, bool drop);
int capability_ambient(unsigned long operation, unsigned long capability);
