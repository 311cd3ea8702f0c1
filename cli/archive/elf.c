// SPDX-License-Identifier: MIT
//
// The file may be anything: every offset is checked against its size before it is used.
#include "cli/archive/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct elf_file {
    const unsigned char *bytes;
    size_t size;
    Elf64_Ehdr header;
};

static bool inside(const struct elf_file *f, uint64_t offset, uint64_t size)
{
    return offset <= f->size && size <= f->size - offset;
}

static bool program_header(const struct elf_file *f, unsigned i, Elf64_Phdr *ret)
{
    uint64_t offset = f->header.e_phoff + (uint64_t)i * sizeof(*ret);
    if (i >= f->header.e_phnum || offset < f->header.e_phoff || !inside(f, offset, sizeof(*ret)))
        return false;
    memcpy(ret, f->bytes + offset, sizeof(*ret));
    return true;
}

// A copy of the string at a file offset, NULL when it does not end within the file.
static char *string_at(const struct elf_file *f, uint64_t offset)
{
    if (offset >= f->size)
        return NULL;
    const char *s = (const char *)f->bytes + offset;
    return memchr(s, 0, f->size - offset) ? strdup(s) : NULL;
}

// The file offset of a virtual address, UINT64_MAX when it is not in the file.
static uint64_t offset_of(const struct elf_file *f, uint64_t address)
{
    Elf64_Phdr p;
    for (unsigned i = 0; program_header(f, i, &p); i++)
        if (p.p_type == PT_LOAD && address >= p.p_vaddr && address - p.p_vaddr < p.p_filesz)
            return p.p_offset + (address - p.p_vaddr);
    return UINT64_MAX;
}

static bool dynamic_entry(const struct elf_file *f, const Elf64_Phdr *p, uint64_t i, Elf64_Dyn *ret)
{
    uint64_t at = i * sizeof(*ret);
    if (at + sizeof(*ret) > p->p_filesz || !inside(f, p->p_offset, p->p_filesz))
        return false;
    memcpy(ret, f->bytes + p->p_offset + at, sizeof(*ret));
    return ret->d_tag != DT_NULL;
}

static void add_library(struct elf_needs *n, char *name)
{
    char **grown = name ? realloc(n->libraries, (n->library_count + 1) * sizeof(*grown)) : NULL;
    if (grown) {
        n->libraries = grown;
        grown[n->library_count++] = name;
    } else {
        free(name);
    }
}

// Whether the table of dynamic strings at a file offset holds one of the names, as a symbol does.
static bool has_string(const struct elf_file *f, uint64_t offset, uint64_t size, const char *const *names)
{
    if (!inside(f, offset, size))
        return false;
    const char *table = (const char *)f->bytes + offset;
    for (; *names; names++)
        if (memmem(table, size, *names, strlen(*names) + 1)) // a tail of a longer name is one too: harmless
            return true;
    return false;
}

static void read_dynamic(const struct elf_file *f, const Elf64_Phdr *p, struct elf_needs *n)
{
    static const char *const unwinding[] = {"pthread_exit", "pthread_cancel", "thrd_exit", "backtrace", NULL};
    Elf64_Dyn d;
    uint64_t strings = UINT64_MAX, size = 0;
    for (uint64_t i = 0; dynamic_entry(f, p, i, &d); i++) {
        if (d.d_tag == DT_STRTAB)
            strings = offset_of(f, d.d_un.d_ptr);
        if (d.d_tag == DT_STRSZ)
            size = d.d_un.d_val;
    }
    if (strings == UINT64_MAX)
        return;
    n->unwinds = has_string(f, strings, size, unwinding);
    for (uint64_t i = 0; dynamic_entry(f, p, i, &d); i++) {
        uint64_t at = d.d_un.d_val <= UINT64_MAX - strings ? strings + d.d_un.d_val : UINT64_MAX;
        if (d.d_tag == DT_NEEDED)
            add_library(n, string_at(f, at));
        else if (d.d_tag == DT_RPATH && !n->rpath)
            n->rpath = string_at(f, at);
        else if (d.d_tag == DT_RUNPATH && !n->runpath)
            n->runpath = string_at(f, at);
    }
}

static int read_headers(struct elf_file *f, struct elf_needs *n)
{
    if (!inside(f, 0, sizeof(f->header)))
        return 0;
    memcpy(&f->header, f->bytes, sizeof(f->header));
    const Elf64_Ehdr *h = &f->header;
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) || h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64 ||
        (h->e_type != ET_EXEC && h->e_type != ET_DYN) || h->e_phentsize != sizeof(Elf64_Phdr))
        return 0;
    bool dynamic = false;
    Elf64_Phdr p;
    for (unsigned i = 0; program_header(f, i, &p); i++) {
        if (p.p_type == PT_INTERP && !n->interpreter)
            n->interpreter = string_at(f, p.p_offset);
        if (p.p_type == PT_DYNAMIC) {
            read_dynamic(f, &p, n);
            dynamic = true;
        }
    }
    return dynamic;
}

int elf_needs_read(const char *path, struct elf_needs *ret)
{
    *ret = (struct elf_needs){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    unsigned char magic[SELFMAG];
    struct stat st;
    int r = 0;
    // Most files are no ELF files: four bytes tell, without a map.
    if (pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && !memcmp(magic, ELFMAG, SELFMAG) && !fstat(fd, &st)) {
        void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED) {
            r = -errno;
        } else {
            struct elf_file f = {.bytes = map, .size = (size_t)st.st_size};
            r = read_headers(&f, ret);
            munmap(map, f.size);
        }
    }
    close(fd);
    if (r <= 0)
        elf_needs_free(ret);
    return r;
}

void elf_needs_free(struct elf_needs *n)
{
    for (size_t i = 0; i < n->library_count; i++)
        free(n->libraries[i]);
    free(n->libraries);
    free(n->interpreter);
    free(n->rpath);
    free(n->runpath);
    *n = (struct elf_needs){0};
}
