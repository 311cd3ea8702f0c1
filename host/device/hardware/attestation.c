// SPDX-License-Identifier: MIT
//
// Quotes from the quoting service of the machine, collateral from a PCCS. A failure is said once, here: the enclave
// only gets a number.
#include <errno.h>
#include <stdio.h>

#include "host/aesm/aesm.h"
#include "host/device/hardware/hardware.h"
#include "host/pccs/pccs.h"

enum { REASON_SIZE = 512 };

static int report(int r, const char *reason)
{
    if (r && r != -ENOBUFS)
        fprintf(stderr, "myst: %s\n", reason);
    return r;
}

int hardware_quote_target_info(struct enclave *e, uint8_t ret[512])
{
    char reason[REASON_SIZE] = "";
    return report(aesm_target_info(AESM_SOCKET, ret, reason, sizeof(reason)), reason);
}

int hardware_quote(struct enclave *e, const uint8_t bytes[432], uint8_t *ret, size_t size, size_t *ret_size)
{
    char reason[REASON_SIZE] = "";
    return report(aesm_quote(AESM_SOCKET, bytes, ret, size, ret_size, reason, sizeof(reason)), reason);
}

int hardware_collateral(struct enclave *e, const void *request, size_t request_size, void *ret, size_t size,
                        size_t *ret_size)
{
    char reason[REASON_SIZE] = "";
    struct pccs_service service;
    if (request_size != sizeof(struct collateral_request))
        return -EINVAL;
    int r = pccs_configuration(NULL, &service, reason, sizeof(reason));
    if (!r)
        r = pccs_collateral(&service, request, ret, size, ret_size, reason, sizeof(reason));
    return report(r, reason);
}
