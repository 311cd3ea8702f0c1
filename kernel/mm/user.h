// SPDX-License-Identifier: MIT
//
// The only door to program memory. A program pointer is typed USER and never dereferenced elsewhere.
// Addresses outside [USER_BASE, USER_END) are -EFAULT (so a program cannot make the kernel touch kernel or
// untrusted memory); pages not yet committed are committed on the way; a real fault gives -EFAULT through the fixup table.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __clang__
#define USER __attribute__((noderef, address_space(2)))
#else
#define USER
#endif

// All return 0 or -EFAULT; nothing is promised about partial copies.
int copy_from_user(void *to, const void USER *from, size_t size);
int copy_to_user(void USER *to, const void *from, size_t size);
// As much as can be read or written of it, up to the first page that is not there; how many bytes.
size_t copy_from_user_part(void *to, const void USER *from, size_t size);
size_t copy_to_user_part(void USER *to, const void *from, size_t size);
int clear_user(void USER *to, size_t size);
// XSAVE of these components to an area of `size` bytes, 64-byte aligned.
int xsave_to_user(void USER *area, size_t size, uint32_t components);
// XRSTOR likewise. -EFAULT also for what the instruction refuses; some components may have been loaded then.
int xrstor_from_user(const void USER *area, size_t size, uint32_t components);
int fxrstor_from_user(const void USER *area); // FXRSTOR64, which has the first 512 bytes
// What AVX-512 has that nothing had before: k0 to k7 (AVX512BW), zmm16 to zmm31.
enum { FXSAVE_SIZE = 512, UPPER_MASKS_SIZE = 64, UPPER_REGISTERS_SIZE = 1024 };
int load_upper_from_user(const void USER *masks, const void USER *registers);
// The program's memory for PUT_WORD and GET_WORD; NULL: not all of it is the program's.
void *user_place(const void USER *p, size_t size);
// Copies a NUL-terminated string of at most size-1 bytes. Length without NUL, -EFAULT, or -ENAMETOOLONG.
long strncpy_from_user(char *to, const char USER *from, size_t size);
// 0 if the whole range may be written (read) now; used by calls that must not fail half-way.
int user_range_writable(const void USER *p, size_t size);

// Stores eight bytes at `place`, an object in what user_place gave, or goes to the label `faulted`. For structures that are put together
// where the program has them.
#define PUT_WORD(place, value, faulted) \
    __asm__ goto("1: movq %1, %0\n\t.pushsection __ex_table, \"a\"\n\t.balign 8\n\t.quad 1b, %l2\n\t.popsection" \
                 : : "m"(*(uint64_t *)&(place)), "r"((uint64_t)(value)) : "memory" : faulted)

// Loads eight bytes from there into `variable`; *failed becomes true if they are not there, and else stays what it is.
#define GET_WORD(variable, place, failed) \
    __asm__ volatile("1: movq %2, %0\n2:\n\t" \
                     ".pushsection .text.fixup, \"ax\"\n3: movb $1, %1\n\tjmp 2b\n\t.popsection\n\t" \
                     ".pushsection __ex_table, \"a\"\n\t.balign 8\n\t.quad 1b, 3b\n\t.popsection" \
                     : "=r"(variable), "+m"(*(failed)) : "m"(*(const uint64_t *)&(place)))

#define GET_USER(lvalue, ptr) copy_from_user(&(lvalue), (ptr), sizeof(lvalue))
#define PUT_USER(value, ptr) ({ __auto_type _v = (value); copy_to_user((ptr), &_v, sizeof(_v)); })
