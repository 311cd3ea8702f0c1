// SPDX-License-Identifier: MIT
//
// Validation of ELF files. The file is the program's or the image's: any byte may be anything.
#include <linux/elf-em.h>
#include <linux/errno.h>
#include <stdbool.h>

#include "abi/layout.h"
#include "kernel/exec/elf.h"
#include "kernel/lib/klib.h"
#include "kernel/vfs/file.h"

int elf_check(const Elf64_Ehdr *e, uint64_t file_size)
{
    static const unsigned char magic[4] = {0x7f, 'E', 'L', 'F'};
    if (memcmp(e->e_ident, magic, 4) || e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_ident[EI_DATA] != ELFDATA2LSB)
        return -ENOEXEC;
    if (e->e_machine != EM_X86_64 || (e->e_type != ET_EXEC && e->e_type != ET_DYN))
        return -ENOEXEC;
    if (e->e_phentsize != sizeof(Elf64_Phdr) || !e->e_phnum || e->e_phnum > ELF_MAX_HEADERS)
        return -ENOEXEC;
    uint64_t size = e->e_phnum * sizeof(Elf64_Phdr);
    return size > file_size || e->e_phoff > file_size - size ? -ENOEXEC : 0;
}

static bool good_load(const Elf64_Phdr *p, uint64_t file_size, uint64_t previous_end)
{
    if (p->p_filesz > p->p_memsz || p->p_memsz > USER_END || p->p_vaddr > USER_END - p->p_memsz)
        return false;
    if (p->p_filesz > file_size || p->p_offset > file_size - p->p_filesz)
        return false;
    if (p->p_vaddr % PAGE_SIZE != p->p_offset % PAGE_SIZE)
        return false;
    return p->p_vaddr >= previous_end; // ascending, disjoint
}

int elf_check_headers(struct elf_image *image, uint64_t file_size)
{
    uint64_t end = 0;
    bool any = false;
    image->stack_flags = PF_X;
    for (unsigned i = 0; i < image->header_count; i++) {
        const Elf64_Phdr *p = &image->headers[i];
        if (p->p_type == PT_GNU_STACK)
            image->stack_flags = (int)p->p_flags;
        if (p->p_type != PT_LOAD || !p->p_memsz)
            continue;
        if (!good_load(p, file_size, end))
            return -ENOEXEC;
        if (!any)
            image->low = p->p_vaddr & ~(PAGE_SIZE - 1);
        any = true;
        end = p->p_vaddr + p->p_memsz;
    }
    image->high = (end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    return any ? 0 : -ENOEXEC;
}

static int read_exact(struct file *file, void *to, size_t size, uint64_t offset)
{
    long n = file_read_at(file, to, size, offset);
    return n < 0 ? (int)n : (size_t)n == size ? 0 : -ENOEXEC;
}

static int read_interpreter(struct file *file, struct elf_image *image)
{
    for (unsigned i = 0; i < image->header_count; i++) {
        const Elf64_Phdr *p = &image->headers[i];
        if (p->p_type != PT_INTERP)
            continue;
        if (p->p_filesz < 2 || p->p_filesz > sizeof(image->interpreter))
            return -ENOEXEC;
        int r = read_exact(file, image->interpreter, p->p_filesz, p->p_offset);
        if (r)
            return r;
        return image->interpreter[p->p_filesz - 1] ? -ENOEXEC : 0;
    }
    return 0;
}

int elf_read(struct file *file, struct elf_image *ret_image)
{
    Elf64_Ehdr e;
    int r = read_exact(file, &e, sizeof(e), 0);
    if (!r)
        r = elf_check(&e, file_size(file));
    if (r)
        return r;
    memset(ret_image, 0, sizeof(*ret_image));
    ret_image->type = e.e_type;
    ret_image->entry = e.e_entry;
    ret_image->headers_offset = e.e_phoff;
    ret_image->header_count = e.e_phnum;
    r = read_exact(file, ret_image->headers, e.e_phnum * sizeof(Elf64_Phdr), e.e_phoff);
    if (!r)
        r = elf_check_headers(ret_image, file_size(file));
    return r ? r : read_interpreter(file, ret_image);
}
