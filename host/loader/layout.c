// SPDX-License-Identifier: MIT
//
// What the sgx enclave consists of before EINIT, page by page, in the order in which it is added and measured.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/layout.h"
#include "host/loader/kernel_image.h"
#include "host/loader/loader.h"
#include "sgx/measurement.h"
#include "sgx/structures.h"

enum { SECINFO_REG = 0x200, SECINFO_TCS = 0x100 };

typedef int each_page(const struct layout_page *page, void *context);

static uint64_t flags_of(int prot)
{
    return SECINFO_REG | (prot & PROT_READ ? 1u : 0) | (prot & PROT_WRITE ? 2u : 0) | (prot & PROT_EXEC ? 4u : 0);
}

// Content of `size` bytes of memory of which the first data_size come from data.
static int bytes(uint64_t address, uint64_t size, const uint8_t *data, uint64_t data_size, uint64_t flags, each_page *each,
                 void *context)
{
    for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
        uint8_t buffer[PAGE_SIZE];
        struct layout_page page = {.address = address + at, .secinfo_flags = flags, .measured = true};
        if (at + PAGE_SIZE <= data_size) {
            page.content = data + at;
        } else if (at < data_size) {
            memset(buffer, 0, sizeof(buffer));
            memcpy(buffer, data + at, data_size - at);
            page.content = buffer;
        }
        int r = each(&page, context);
        if (r)
            return r;
    }
    return 0;
}

static int thread_area(uint64_t entry, each_page *each, void *context)
{
    uint64_t area = THREAD_AREA(0);
    struct sgx_tcs tcs = {
        .ossa = area + THREAD_SSA_OFFSET - ENCLAVE_BASE,
        .nssa = THREAD_SSA_FRAMES,
        .oentry = entry - ENCLAVE_BASE,
        .ofsbase = area + THREAD_BLOCK_OFFSET - ENCLAVE_BASE,
        .ogsbase = area + THREAD_BLOCK_OFFSET - ENCLAVE_BASE,
        .fslimit = 0xffffffff,
        .gslimit = 0xffffffff,
    };
    const struct {
        uint64_t offset, size;
    } parts[] = {
        {THREAD_SSA_OFFSET, THREAD_SSA_FRAME_PAGES * THREAD_SSA_FRAMES * PAGE_SIZE},
        {THREAD_BLOCK_OFFSET, PAGE_SIZE},
        {THREAD_TRAP_STACK_OFFSET, THREAD_TRAP_STACK_SIZE},
        {THREAD_XSAVE_OFFSET, THREAD_XSAVE_SIZE},
        {THREAD_KERNEL_STACK_OFFSET + THREAD_KERNEL_STACK_SIZE - THREAD_BOOT_STACK_SIZE, THREAD_BOOT_STACK_SIZE},
    };
    int r = bytes(area + THREAD_TCS_OFFSET, PAGE_SIZE, (const uint8_t *)&tcs, sizeof(tcs), SECINFO_TCS, each, context);
    for (unsigned i = 0; !r && i < sizeof(parts) / sizeof(parts[0]); i++)
        r = bytes(area + parts[i].offset, parts[i].size, NULL, 0, flags_of(PROT_READ | PROT_WRITE), each, context);
    return r;
}

int layout_pages(const struct kernel_image *image, const void *config, size_t config_size, each_page *each, void *context)
{
    int r = 0;
    for (unsigned i = 0; !r && i < image->segment_count; i++) {
        const struct kernel_segment *s = &image->segments[i];
        r = bytes(s->address, s->size, s->data, s->data_size, flags_of(s->prot), each, context);
    }
    uint64_t size = (config_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (!r)
        r = bytes(CONFIG_BASE, size, config, config_size, flags_of(PROT_READ), each, context);
    return r ? r : thread_area(image->entry, each, context);
}

int layout_for_each(const struct run_options *options, each_page *each, void *context)
{
    struct kernel_image image;
    int r = kernel_image_open(options->kernel_path, &image);
    if (r)
        return r;
    r = layout_pages(&image, options->config, options->config_size, each, context);
    kernel_image_close(&image);
    return r;
}
