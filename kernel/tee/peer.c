// SPDX-License-Identifier: MIT
//
// Reports of other enclaves on this platform. The processor made one for a target and keyed its MAC to that target: only the target
// can derive the key, so a MAC that is right says that the processor made the report, here, for us. The host that carried it can
// do no more than lose it, or bring an old one: what is fresh the two have to settle in the report data.
#include <linux/errno.h>

#include "abi/target.h"
#include "kernel/crypto/crypto.h"
#include "kernel/lib/klib.h"
#include "kernel/tee/tee.h"
#include "sgx/structures.h"

static bool same_mac(const uint8_t a[16], const uint8_t b[16])
{
    uint8_t difference = 0; // all of it is compared: how much was right must not show in time
    for (int i = 0; i < 16; i++)
        difference |= a[i] ^ b[i];
    return !difference;
}

int tee_check_report(const uint8_t bytes[432])
{
    struct sgx_report report;
    struct sgx_keyrequest q = {.keyname = SGX_KEY_REPORT};
    uint8_t key[SGX_KEY_SIZE], mac[sizeof(report.mac)];
    memcpy(&report, bytes, sizeof(report));
    memcpy(q.keyid, report.keyid, sizeof(q.keyid));
    const int r = target_get_key((const uint8_t *)&q, key);
    if (r)
        return r < 0 ? r : -EACCES;
    aes_cmac(key, &report.body, sizeof(report.body), mac);
    memset(key, 0, sizeof(key));
    const int result = same_mac(mac, report.mac) ? 0 : -EBADMSG;
    memset(mac, 0, sizeof(mac)); // the right MAC of what somebody made up
    __asm__ volatile("" : : "r"(key), "r"(mac) : "memory");
    return result;
}
