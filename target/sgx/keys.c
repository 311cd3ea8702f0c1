// SPDX-License-Identifier: MIT
//
// EREPORT and EGETKEY. Operands are copied to aligned enclave memory, as the leaves demand (SDM vol. 3D, chapter 40).
#include "abi/target.h"
#include "kernel/lib/klib.h"
#include "target/sgx/enclu.h"

struct operands { // alignment of the strictest leaf
    uint8_t request[512];
    uint8_t result[512];
    uint8_t data[64] __attribute__((aligned(128)));
} __attribute__((aligned(512)));

int target_report(const uint8_t target_info[512], const uint8_t report_data[64], uint8_t ret_report[432])
{
    struct operands o;
    memset(&o, 0, sizeof(o));
    memcpy(o.request, target_info, 512);
    memcpy(o.data, report_data, 64);
    (void)sgx_enclu(EREPORT, o.request, o.data, o.result);
    memcpy(ret_report, o.result, 432);
    return 0;
}

int target_get_key(const uint8_t key_request[512], uint8_t ret_key[16])
{
    struct operands o;
    memset(&o, 0, sizeof(o));
    memcpy(o.request, key_request, 512);
    uint64_t code = sgx_enclu(EGETKEY, o.request, o.result, NULL);
    if (!code)
        memcpy(ret_key, o.result, 16);
    memset(&o, 0, sizeof(o));
    __asm__ volatile("" : : "r"(&o) : "memory");
    return (int)code;
}
