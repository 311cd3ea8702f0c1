// SPDX-License-Identifier: MIT
//
// EINIT (SDM vol. 3D, chapter 40). Every MRSIGNER may launch, as with flexible launch control.
#include <errno.h>
#include <string.h>

#include "emu/epcm.h"
#include "sgx/measurement.h"
#include "sgx/result.h"
#include "sgx/sigstruct.h"

static bool attributes_agree(const struct sgx_secs *secs, const struct sgx_sigstruct *s)
{
    return (secs->attributes.flags & s->attributemask.flags) == (s->attributes.flags & s->attributemask.flags) &&
           (secs->attributes.xfrm & s->attributemask.xfrm) == (s->attributes.xfrm & s->attributemask.xfrm) &&
           (secs->miscselect & s->miscmask) == (s->miscselect & s->miscmask) &&
           !(s->attributes.flags & SGX_ATTRIBUTE_INIT);
}

static void take_identity(struct emu_enclave *e, const struct sgx_sigstruct *s)
{
    struct sgx_secs *secs = &e->secs;
    secs->isvprodid = s->isvprodid;
    secs->isvsvn = s->isvsvn;
    secs->attributes.flags |= SGX_ATTRIBUTE_INIT;
    e->identity = (struct sgx_identity){
        .attributes = secs->attributes,
        .miscselect = secs->miscselect,
        .isvprodid = s->isvprodid,
        .isvsvn = s->isvsvn,
        .configsvn = secs->configsvn,
    };
    memcpy(e->identity.mrenclave, secs->mrenclave, SGX_HASH_SIZE);
    memcpy(e->identity.mrsigner, secs->mrsigner, SGX_HASH_SIZE);
    memcpy(e->identity.configid, secs->configid, sizeof(secs->configid));
    if (secs->attributes.flags & SGX_ATTRIBUTE_KSS) {
        memcpy(e->identity.isvfamilyid, s->isvfamilyid, sizeof(s->isvfamilyid));
        memcpy(e->identity.isvextprodid, s->isvextprodid, sizeof(s->isvextprodid));
    }
}

int emu_einit(struct emu_enclave *e, const struct sgx_sigstruct *sigstruct)
{
    if (e->initialised)
        return -EINVAL;
    int r = sgx_sigstruct_verify(sigstruct);
    if (r)
        return r;
    sgx_sigstruct_mrsigner(sigstruct, e->secs.mrsigner);
    sgx_measurement_final(e->measurement, e->secs.mrenclave);
    if (memcmp(e->secs.mrenclave, sigstruct->enclavehash, SGX_HASH_SIZE))
        return SGX_INVALID_MEASUREMENT;
    if (!attributes_agree(&e->secs, sigstruct))
        return SGX_INVALID_ATTRIBUTE;
    take_identity(e, sigstruct);
    e->initialised = true;
    return 0;
}
