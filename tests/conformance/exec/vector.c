// SPDX-License-Identifier: MIT
//
// What the kernel tells a program at its start: the auxiliary vector, the stack, alignment.
// since: Linux 5.14
#include "conform.h"
#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

int main(int argc, char **argv)
{
    begin(argv);
    IS(getauxval(AT_PAGESZ) == 4096);
    IS(getauxval(AT_CLKTCK) == 100);
    IS(getauxval(AT_UID) == getuid() && getauxval(AT_EUID) == geteuid() && getauxval(AT_GID) == getgid());
    IS(getauxval(AT_SECURE) == 0);
    IS(getauxval(AT_RANDOM) != 0);
    IS(getauxval(AT_PHENT) == sizeof(Elf64_Phdr));
    IS(!strcmp((char *)getauxval(AT_EXECFN), argv[0]));
    IS(!strcmp((char *)getauxval(AT_PLATFORM), "x86_64"));
    IS(getauxval(AT_SYSINFO_EHDR) % 4096 == 0 && getauxval(AT_SYSINFO_EHDR) != 0);
    IS(!memcmp((char *)getauxval(AT_SYSINFO_EHDR), "\177ELF", 4));
    IS(getauxval(AT_HWCAP) != 0);
    IS(getauxval(AT_MINSIGSTKSZ) >= 2048);
    const Elf64_Phdr *ph = (void *)getauxval(AT_PHDR);
    int loads = 0;
    bool entry = false;
    uint64_t bias = 0;
    for (size_t i = 0; i < getauxval(AT_PHNUM); i++)
        if (ph[i].p_type == PT_PHDR)
            bias = (uint64_t)ph - ph[i].p_vaddr;
    for (size_t i = 0; i < getauxval(AT_PHNUM); i++) {
        loads += ph[i].p_type == PT_LOAD;
        uint64_t start = ph[i].p_vaddr + bias;
        if (ph[i].p_type == PT_LOAD && (ph[i].p_flags & PF_X) && getauxval(AT_ENTRY) >= start &&
            getauxval(AT_ENTRY) < start + ph[i].p_memsz)
            entry = true;
    }
    IS(loads >= 2 && (entry || !bias));
    IS(argv[argc] == NULL);
    IS(argc == 2);
    IS(environ == argv + argc + 1);
    // Random bytes differ from one start to the next; here only that they are not all the same.
    const unsigned char *random = (void *)getauxval(AT_RANDOM);
    int same = 0;
    for (int i = 1; i < 16; i++)
        same += random[i] == random[0];
    IS(same < 8);
    float f = 1.0f;
    unsigned mxcsr;
    unsigned short control;
    __asm__("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(control) : "m"(f));
    printf("mxcsr %x, control %x\n", mxcsr & ~0x3fu, control);
    return 0;
}
