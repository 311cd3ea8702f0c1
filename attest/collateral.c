// SPDX-License-Identifier: MIT
//
// Collateral as it travels (abi/collateral.h).
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <myst/attest.h>

#include "abi/collateral.h"

_Static_assert((int)ATTEST_VEK == (int)COLLATERAL_ITEMS, ""); // SNP's items do not travel this way
_Static_assert((int)ATTEST_TCB_INFO == (int)COLLATERAL_TCB_INFO, "");
_Static_assert((int)ATTEST_QE_IDENTITY == (int)COLLATERAL_QE_IDENTITY, "");
_Static_assert((int)ATTEST_PCK_CRL == (int)COLLATERAL_PCK_CRL, "");
_Static_assert((int)ATTEST_ROOT_CA_CRL == (int)COLLATERAL_ROOT_CA_CRL, "");

int attest_collateral_parse(const void *data, size_t size, struct attest_collateral *ret)
{
    struct collateral_header header;
    struct attest_collateral collateral = {0};
    const uint8_t *p = data;
    if (size < sizeof(header) || size > COLLATERAL_MAX_SIZE)
        return -EBADMSG;
    memcpy(&header, p, sizeof(header));
    if (le32toh(header.version) != COLLATERAL_VERSION)
        return -EBADMSG;
    size_t left = size - sizeof(header);
    p += sizeof(header);
    for (int i = 0; i < COLLATERAL_ITEMS; i++) {
        const size_t item_size = le32toh(header.item_size[i]);
        if (item_size > left)
            return -EBADMSG;
        collateral.item[i] = (struct attest_bytes){p, item_size};
        p += item_size;
        left -= item_size;
    }
    if (left)
        return -EBADMSG;
    *ret = collateral;
    return 0;
}
