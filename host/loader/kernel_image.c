// SPDX-License-Identifier: MIT
//
// Reads the kernel image: an ELF executable linked at KERNEL_IMAGE_BASE, without relocations.
#include "host/loader/kernel_image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/layout.h"

static int damaged(const char *path)
{
    fprintf(stderr, "myst: %s: not a kernel image of this version; reinstall mystikos\n", path);
    return -ENOEXEC;
}

static int map_file(const char *path, struct kernel_image *image)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        int error = errno;
        fprintf(stderr, "myst: %s: %s; reinstall mystikos\n", path, strerror(error));
        if (fd >= 0)
            close(fd);
        return -error;
    }
    void *map = st.st_size < (off_t)sizeof(Elf64_Ehdr) ? MAP_FAILED
                                                        : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return damaged(path);
    image->map = map;
    image->map_size = (size_t)st.st_size;
    return 0;
}

static bool inside(const struct kernel_image *image, uint64_t offset, uint64_t size)
{
    return size <= image->map_size && offset <= image->map_size - size;
}

static bool add_segment(struct kernel_image *image, const Elf64_Phdr *p)
{
    if (image->segment_count == KERNEL_MAX_SEGMENTS || !inside(image, p->p_offset, p->p_filesz) ||
        p->p_filesz > p->p_memsz || p->p_vaddr % PAGE_SIZE || p->p_vaddr < KERNEL_IMAGE_BASE ||
        p->p_memsz > KERNEL_IMAGE_END - KERNEL_IMAGE_BASE || p->p_vaddr > KERNEL_IMAGE_END - p->p_memsz)
        return false;
    image->segments[image->segment_count++] = (struct kernel_segment){
        .address = p->p_vaddr,
        .size = (p->p_memsz + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1),
        .data = (const uint8_t *)image->map + p->p_offset,
        .data_size = p->p_filesz,
        .prot = (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
                (p->p_flags & PF_X ? PROT_EXEC : 0),
    };
    return true;
}

static void find_sites(struct kernel_image *image, const Elf64_Ehdr *e)
{
    if (!e->e_shoff || e->e_shentsize != sizeof(Elf64_Shdr) ||
        !inside(image, e->e_shoff, (uint64_t)e->e_shnum * sizeof(Elf64_Shdr)) || e->e_shstrndx >= e->e_shnum)
        return;
    const Elf64_Shdr *s = (const Elf64_Shdr *)((const uint8_t *)image->map + e->e_shoff);
    const Elf64_Shdr *names = &s[e->e_shstrndx];
    for (unsigned i = 0; i < e->e_shnum; i++) {
        static const char wanted[] = ".enclave_sites";
        if (s[i].sh_name > names->sh_size || names->sh_size - s[i].sh_name < sizeof(wanted) ||
            !inside(image, names->sh_offset, names->sh_size) || !inside(image, s[i].sh_offset, s[i].sh_size))
            continue;
        if (memcmp((const char *)image->map + names->sh_offset + s[i].sh_name, wanted, sizeof(wanted)))
            continue;
        image->sites = (const struct enclave_site *)((const uint8_t *)image->map + s[i].sh_offset);
        image->site_count = s[i].sh_size / sizeof(struct enclave_site);
    }
}

int kernel_image_open(const char *path, struct kernel_image *ret_image)
{
    struct kernel_image image = {0};
    int r = map_file(path, &image);
    if (r)
        return r;
    const Elf64_Ehdr *e = image.map;
    bool good = !memcmp(e->e_ident, ELFMAG, SELFMAG) && e->e_ident[EI_CLASS] == ELFCLASS64 &&
                e->e_machine == EM_X86_64 && e->e_type == ET_EXEC && e->e_phentsize == sizeof(Elf64_Phdr) &&
                inside(&image, e->e_phoff, (uint64_t)e->e_phnum * sizeof(Elf64_Phdr));
    const Elf64_Phdr *p = good ? (const Elf64_Phdr *)((const uint8_t *)image.map + e->e_phoff) : NULL;
    for (unsigned i = 0; good && i < e->e_phnum; i++)
        if (p[i].p_type == PT_LOAD && p[i].p_memsz)
            good = add_segment(&image, &p[i]);
    if (!good || !image.segment_count) {
        kernel_image_close(&image);
        return damaged(path);
    }
    image.entry = e->e_entry;
    find_sites(&image, e);
    *ret_image = image;
    return 0;
}

void kernel_image_close(struct kernel_image *image)
{
    if (image->map)
        munmap(image->map, image->map_size);
    *image = (struct kernel_image){0};
}
