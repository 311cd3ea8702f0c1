// SPDX-License-Identifier: MIT
//
// Collateral from a Provisioning Certificate Caching Service (PCCS) or from Intel's own (PCS), API version 4.
//
// Everything fetched is signed and is verified by whoever uses it; here only sizes and form are looked at. A service
// can at worst withhold.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/collateral.h"

enum { PCCS_URL_SIZE = 512 };

struct pccs_service {
    char url[PCCS_URL_SIZE]; // without '/' at the end: https://host:8081/sgx/certification/v4
    bool verify_tls;
};

// Which service: MYST_PCCS_URL, else the file (NULL: /etc/sgx_default_qcnl.conf), else Intel's. 0, or -EINVAL (not a
// usable URL) with a reason.
int pccs_configuration(const char *file, struct pccs_service *ret, char *reason, size_t reason_size);

// Fetches all items and packs them as abi/collateral.h says. 0, or negative errno with a reason: -EHOSTUNREACH,
// -ETIMEDOUT; -ENOENT: the service does not know the platform; -EPROTO: no sensible answer; -ENOBUFS: *ret_size says
// what is needed.
int pccs_collateral(const struct pccs_service *service, const struct collateral_request *request, uint8_t *ret,
                    size_t size, size_t *ret_size, char *reason, size_t reason_size);
