// SPDX-License-Identifier: MIT
#include "emu/platform/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/platform.h"
#include "emu/platform/store.h"

int emu_platform_open(struct emu_platform **ret, char *reason, size_t reason_size)
{
    struct emu_platform *p = calloc(1, sizeof(*p));
    if (!p) {
        snprintf(reason, reason_size, "out of memory");
        return -ENOMEM;
    }
    pthread_mutex_init(&p->lock, NULL);
    int r = platform_store_open(&p->state, reason, reason_size);
    if (r)
        emu_platform_close(p);
    else
        *ret = p;
    return r;
}

void emu_platform_close(struct emu_platform *p)
{
    if (!p)
        return;
    EVP_PKEY_free(p->attestation);
    free(p->collateral);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

const struct sgx_key_secrets *emu_platform_secrets(const struct emu_platform *p)
{
    return &p->state.secrets;
}

int emu_platform_target_info(struct emu_platform *p, struct sgx_targetinfo *ret)
{
    platform_qe_target_info(&p->state, ret);
    return 0;
}
