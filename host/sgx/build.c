// SPDX-License-Identifier: MIT
//
// From a kernel image and a configuration to an initialised enclave.
#include "host/sgx/build.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/layout.h"
#include "host/loader/loader.h"
#include "host/sgx/sign.h"
#include "sgx/measurement.h"
#include "sgx/structures.h"

enum { SECINFO_TCS = 0x100, REASON_SIZE = 256, BATCH_PAGES = 64 };

static int measure_page(const struct layout_page *p, void *context)
{
    sgx_measurement_page(context, p->address - ENCLAVE_BASE, p->secinfo_flags, p->content, p->measured);
    return 0;
}

static int measure(const struct kernel_image *image, const struct run_options *options, uint8_t ret[32])
{
    struct sgx_measurement *m = sgx_measurement_ecreate(ENCLAVE_SIZE, THREAD_SSA_FRAME_PAGES);
    int r = m ? layout_pages(image, options->config, options->config_size, measure_page, m) : -ENOMEM;
    if (!r)
        sgx_measurement_final(m, ret);
    sgx_measurement_free(m);
    return r;
}

int layout_measure(const struct run_options *options, uint8_t ret_mrenclave[32])
{
    struct kernel_image image;
    int r = kernel_image_open(options->kernel_path, &image);
    if (r)
        return r;
    r = measure(&image, options, ret_mrenclave);
    kernel_image_close(&image);
    return r;
}

// Pages on their way to the device: runs of neighbours with equal flags go in one call.
struct batch {
    const struct device_ops *device;
    struct enclave *enclave;
    uint8_t (*pages)[PAGE_SIZE];
    uint64_t address, flags;
    size_t count;
    bool zero; // all pages so far are zero
};

static int prot_of(uint64_t flags)
{
    if (flags == SECINFO_TCS)
        return PROT_READ | PROT_WRITE; // the driver wants it; the EPCM forbids any access
    return (flags & 1 ? PROT_READ : 0) | (flags & 2 ? PROT_WRITE : 0) | (flags & 4 ? PROT_EXEC : 0);
}

static int flush(struct batch *b)
{
    if (!b->count)
        return 0;
    int r = b->device->add_pages(b->enclave, b->address, b->zero ? NULL : b->pages[0], b->count, b->flags, true);
    if (!r)
        r = b->device->map(b->enclave, b->address, b->count * PAGE_SIZE, prot_of(b->flags));
    b->count = 0;
    return r;
}

static int add_page(const struct layout_page *p, void *context)
{
    struct batch *b = context;
    bool continues = b->count && p->address == b->address + b->count * PAGE_SIZE && p->secinfo_flags == b->flags &&
                     b->count < BATCH_PAGES;
    int r = continues ? 0 : flush(b);
    if (r)
        return r;
    if (!b->count) {
        b->address = p->address;
        b->flags = p->secinfo_flags;
        b->zero = true;
    }
    if (p->content && b->zero && b->count)
        memset(b->pages, 0, b->count * PAGE_SIZE);
    b->zero = b->zero && !p->content;
    if (p->content)
        memcpy(b->pages[b->count], p->content, PAGE_SIZE);
    else if (!b->zero)
        memset(b->pages[b->count], 0, PAGE_SIZE);
    b->count++;
    return 0;
}

static int add_all(const struct device_ops *device, struct enclave *e, const struct kernel_image *image,
                   const struct run_options *options)
{
    size_t size = BATCH_PAGES * PAGE_SIZE;
    // Executable source memory: the driver refuses pages from a mapping that may never be executed.
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (pages == MAP_FAILED)
        return -errno;
    struct batch b = {.device = device, .enclave = e, .pages = pages};
    int r = layout_pages(image, options->config, options->config_size, add_page, &b);
    if (!r)
        r = flush(&b);
    munmap(pages, size);
    return r;
}

static int fail(const char *what, const char *reason, int error)
{
    fprintf(stderr, "myst: cannot %s the enclave: %s\n", what, *reason ? reason : strerror(-error));
    return error;
}

// Measuring and signing, while the device is being filled: RSA-3072 costs as much as all the rest.
struct signing {
    const struct kernel_image *image;
    const struct run_options *options;
    struct sgx_sigstruct sigstruct;
    int result;
};

static void *sign(void *argument)
{
    struct signing *s = argument;
    uint8_t mrenclave[32];
    s->result = measure(s->image, s->options, mrenclave);
    if (!s->result)
        s->result = sgx_sign(s->options, mrenclave, &s->sigstruct);
    return NULL;
}

static int create_and_fill(const struct device_ops *device, const struct kernel_image *image,
                           const struct run_options *options, struct enclave **ret_enclave)
{
    char reason[REASON_SIZE] = "";
    const struct enclave_parameters parameters = {
        .base = ENCLAVE_BASE,
        .size = ENCLAVE_SIZE,
        .ssa_frame_pages = THREAD_SSA_FRAME_PAGES,
        .misc_select = SGX_MISCSELECT_EXINFO,
        .attributes = SGX_ATTRIBUTE_MODE64BIT | (options->debug ? SGX_ATTRIBUTE_DEBUG : 0),
        .xfrm = sgx_host_xfrm(),
    };
    int r = device->create(&parameters, ret_enclave, reason, sizeof(reason));
    if (r)
        return fail("create", reason, r);
    r = add_all(device, *ret_enclave, image, options);
    return r ? fail("fill", reason, r) : 0;
}

int sgx_build(const struct device_ops *device, const struct kernel_image *image, const struct run_options *options,
              struct enclave **ret_enclave)
{
    struct signing signing = {.image = image, .options = options};
    struct enclave *e = NULL;
    pthread_t signer;
    bool beside = !pthread_create(&signer, NULL, sign, &signing);
    int r = create_and_fill(device, image, options, &e);
    if (beside)
        pthread_join(signer, NULL);
    else
        sign(&signing);
    if (!r)
        r = signing.result;
    char reason[REASON_SIZE] = "";
    if (!r) {
        r = device->init(e, (const uint8_t *)&signing.sigstruct, reason, sizeof(reason));
        r = r ? fail("initialise", reason, r) : 0;
    }
    if (r && e)
        device->destroy(e);
    else
        *ret_enclave = e;
    return r;
}
