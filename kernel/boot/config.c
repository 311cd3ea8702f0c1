// SPDX-License-Identifier: MIT
//
// The measured configuration (trusted, yet parsed with bounds) and the trusted copy of the boot information.
#include "kernel/boot/config.h"

#include "abi/hostcall.h"
#include "abi/layout.h"
#include "kernel/boot/boot.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"

static struct boot_info boot_copy;

const struct config *config_get(void)
{
    return (const struct config *)CONFIG_BASE;
}

const struct boot_info *boot_get(void)
{
    return &boot_copy;
}

bool boot_strace(void)
{
    return boot_copy.flags & BOOT_STRACE;
}

void config_boot(void)
{
    const struct config *c = config_get();
    if (c->magic != CONFIG_MAGIC || c->version != CONFIG_VERSION || c->size < sizeof(*c) || c->size > CONFIG_MAX_SIZE)
        kernel_stop("the measured configuration is not one of this version");
    // One terminator at the end bounds every string.
    if (((const char *)c)[c->size - 1])
        kernel_stop("the measured configuration is damaged");
}

const char *config_string(uint32_t offset)
{
    const struct config *c = config_get();
    return offset >= sizeof(*c) && offset < c->size ? (const char *)c + offset : NULL;
}

const char *config_list_item(const struct config_list *l, uint32_t i)
{
    const struct config *c = config_get();
    if (i >= l->count)
        return NULL;
    uint32_t offset = l->offset;
    for (; offset >= sizeof(*c) && offset < c->size; offset += (uint32_t)strlen((const char *)c + offset) + 1)
        if (i-- == 0)
            return (const char *)c + offset;
    return NULL;
}

void boot_info_copy(const struct boot_info *untrusted, bool allow_strace)
{
    host_read(&boot_copy, (uint64_t)untrusted, sizeof(boot_copy));
    struct boot_info *b = &boot_copy;
    if (b->version != BOOT_INFO_VERSION)
        host_lied("boot information of another version");
    if (!allow_strace)
        b->flags &= ~BOOT_STRACE;
    if (b->arguments_size > BOOT_MAX_STRING_BYTES || b->environment_size > BOOT_MAX_STRING_BYTES)
        host_lied("arguments too long");
    const struct config_image *images[] = {&config_get()->rootfs, &config_get()->system};
    const struct boot_image *mapped[] = {&b->rootfs, &b->system};
    for (unsigned i = 0; i < 2; i++)
        if (images[i]->data_size && (!is_untrusted(mapped[i]->data, images[i]->data_size) ||
                                     !is_untrusted(mapped[i]->tree, mapped[i]->tree_size)))
            host_lied("image address inside the enclave");
    if (!is_untrusted(b->host_block[0], HOST_BLOCK_SIZE) || b->host_block[1] < HOST_BLOCK_SIZE)
        host_lied("host block");
    if (!is_untrusted(b->host_blocks, HOST_BLOCK_SIZE * THREAD_AREA_COUNT))
        host_lied("host blocks");
    if (!is_untrusted(b->host_signals, sizeof(uint64_t)) || b->host_signals % sizeof(uint64_t))
        host_lied("signal word");
}
