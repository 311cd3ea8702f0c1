// SPDX-License-Identifier: MIT
//
// The C library does not look up symbols of the vDSO for others. The image comes from Linux, so its own offsets are
// believed.
#include "host/device/hardware/vdso.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct symbols {
    uintptr_t bias; // address of the image less its linked address
    const ElfW(Sym) * table;
    const char *names;
    size_t count;
};

static const void *at(const struct symbols *s, uint64_t address)
{
    return (const void *)(s->bias + address);
}

// The GNU hash table has no count: the end of the longest chain is the last symbol.
static size_t count_gnu_hash(const uint32_t *hash)
{
    uint32_t buckets = hash[0], first = hash[1], bloom = hash[2], last = 0;
    const uint32_t *bucket = hash + 4 + bloom * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
    const uint32_t *chain = bucket + buckets;
    for (uint32_t i = 0; i < buckets; i++)
        last = bucket[i] > last ? bucket[i] : last;
    if (last < first)
        return first;
    while (!(chain[last - first] & 1)) // bit 0 ends a chain
        last++;
    return last + 1;
}

static void read_dynamic(struct symbols *s, const ElfW(Dyn) * dynamic)
{
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        const void *value = at(s, dynamic->d_un.d_ptr);
        switch (dynamic->d_tag) {
        case DT_SYMTAB:
            s->table = value;
            break;
        case DT_STRTAB:
            s->names = value;
            break;
        case DT_HASH: // buckets, chains: one chain entry for each symbol
            s->count = ((const uint32_t *)value)[1];
            break;
        case DT_GNU_HASH:
            if (!s->count)
                s->count = count_gnu_hash(value);
            break;
        default:
            break;
        }
    }
}

static int read_image(const uint8_t *image, struct symbols *ret)
{
    const ElfW(Ehdr) *header = (const void *)image;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_phentsize != sizeof(ElfW(Phdr)))
        return 0;
    const ElfW(Phdr) *segments = (const void *)(image + header->e_phoff), *dynamic = NULL;
    int loaded = 0;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD && !loaded) {
            ret->bias = (uintptr_t)image + segments[i].p_offset - segments[i].p_vaddr;
            loaded = 1;
        }
        if (segments[i].p_type == PT_DYNAMIC)
            dynamic = &segments[i];
    }
    if (!loaded || !dynamic)
        return 0;
    read_dynamic(ret, at(ret, dynamic->p_vaddr));
    return ret->table && ret->names;
}

void *vdso_symbol(const void *image, const char *name)
{
    struct symbols s = {0};
    if (!image || !read_image(image, &s))
        return NULL;
    for (size_t i = 0; i < s.count; i++) {
        const ElfW(Sym) *symbol = &s.table[i];
        if (symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
            !strcmp(s.names + symbol->st_name, name))
            return (void *)(s.bias + symbol->st_value);
    }
    return NULL;
}
