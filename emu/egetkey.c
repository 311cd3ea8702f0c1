// SPDX-License-Identifier: MIT
//
// EGETKEY and EREPORT: operands, then the pure functions of sgx/keys.c with the processor's secrets. Run by emu_call_hosted.
#include <errno.h>
#include <openssl/rand.h>
#include <string.h>

#include "emu/state.h"

static const struct sgx_key_secrets *secrets_of(const struct emu_enclave *e)
{
    const struct sgx_key_secrets *s = e->secrets(e->secrets_context);
    if (!s)
        emu_die("the platform's secrets are missing");
    return s;
}

int emu_egetkey(struct emu_thread *t, uint64_t keyrequest, uint64_t key, uint64_t *ret_fault)
{
    struct sgx_keyrequest request;
    uint8_t value[SGX_KEY_SIZE];
    int r = emu_operand(t, keyrequest, sizeof(request), 512, false, ret_fault);
    if (!r)
        r = emu_operand(t, key, SGX_KEY_SIZE, 16, true, ret_fault);
    if (r)
        return r;
    memcpy(&request, (const void *)keyrequest, sizeof(request));
    r = sgx_getkey(secrets_of(t->enclave), &t->enclave->identity, &request, value);
    if (r == -EIO)
        emu_die("cannot derive a key");
    if (!r)
        memcpy((void *)key, value, sizeof(value));
    return r;
}

int emu_ereport(struct emu_thread *t, uint64_t targetinfo, uint64_t reportdata, uint64_t report, uint64_t *ret_fault)
{
    struct sgx_targetinfo target;
    struct sgx_report value;
    uint8_t data[64], keyid[32];
    int r = emu_operand(t, targetinfo, sizeof(target), 512, false, ret_fault);
    if (!r)
        r = emu_operand(t, reportdata, sizeof(data), 128, false, ret_fault);
    if (!r)
        r = emu_operand(t, report, sizeof(value), 512, true, ret_fault);
    if (r)
        return r;
    memcpy(&target, (const void *)targetinfo, sizeof(target));
    memcpy(data, (const void *)reportdata, sizeof(data));
    if (RAND_bytes(keyid, sizeof(keyid)) != 1)
        emu_die("no random numbers");
    r = sgx_create_report(secrets_of(t->enclave), &t->enclave->identity, &target, data, keyid, &value);
    if (r == -EIO)
        emu_die("cannot make a report");
    if (!r)
        memcpy((void *)report, &value, sizeof(value));
    return r;
}
