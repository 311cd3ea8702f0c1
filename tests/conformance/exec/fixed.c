// SPDX-License-Identifier: MIT
//
// A program that wants its addresses takes the place of one that does not, and runs itself once more in a child.
#include "conform.h"
#include <elf.h>

// With an argument: forks, the child runs the same file without one, and its exit status is handed on. Else exit status 42.
__asm__(".pushsection .rodata\n"
        "code: cmpq $1, (%rsp)\n"
        "    mov $42, %edi\n"
        "    je 2f\n"
        "    mov $57, %eax\n" // fork
        "    syscall\n"
        "    test %eax, %eax\n"
        "    jnz 1f\n"
        "    mov 8(%rsp), %rdi\n"
        "    pushq $0\n"
        "    push %rdi\n"
        "    mov %rsp, %rsi\n"
        "    xor %edx, %edx\n"
        "    mov $59, %eax\n" // execve
        "    syscall\n"
        "    mov $1, %edi\n"
        "    jmp 2f\n"
        "1:  sub $16, %rsp\n"
        "    mov $-1, %rdi\n"
        "    mov %rsp, %rsi\n"
        "    xor %edx, %edx\n"
        "    xor %r10d, %r10d\n"
        "    mov $61, %eax\n" // wait4
        "    syscall\n"
        "    movzbl 1(%rsp), %edi\n"
        "2:  mov $60, %eax\n" // exit
        "    syscall\n"
        "code_end:\n"
        ".popsection\n");
extern const char code[], code_end[];

enum { BASE = 0x400000, HEADERS = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) };

int main(int argc, char **argv)
{
    begin(argv);
    size_t size = HEADERS + (size_t)(code_end - code);
    const Elf64_Ehdr e = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = BASE + HEADERS,
        .e_phoff = sizeof(e),
        .e_ehsize = sizeof(e),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    const Elf64_Phdr p = {
        .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = BASE, .p_paddr = BASE, .p_filesz = size, .p_memsz = size, .p_align = 4096};
    int fd = open("fixed", O_WRONLY | O_CREAT, 0700);
    NEED(fd >= 0 && write(fd, &e, sizeof(e)) == sizeof(e) && write(fd, &p, sizeof(p)) == sizeof(p));
    NEED(write(fd, code, (size_t)(code_end - code)) == code_end - code);
    close(fd);
    execl("./fixed", "./fixed", "again", NULL);
    printf("%s\n", errno_name(errno));
    return 1;
}
