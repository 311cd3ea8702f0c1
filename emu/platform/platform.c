// SPDX-License-Identifier: MIT
#include "emu/platform/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/platform.h"
#include "emu/platform/store.h"
#include "emu/platform/test_root.h"

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

int emu_platform_find(char *ret_path)
{
    return platform_store_find(ret_path);
}

const char *emu_platform_root(size_t *ret_size)
{
    *ret_size = (size_t)(platform_test_root_end - platform_test_root);
    return platform_test_root;
}

int emu_platform_key_id(const struct emu_platform *p, uint8_t ret[32])
{
    const struct platform_key *key = &p->state.attestation;
    return EVP_Digest(key->point, sizeof(key->point), ret, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
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
