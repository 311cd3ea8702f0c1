// SPDX-License-Identifier: MIT
//
// Evidence: reports made by the processor, quotes made of them by the platform, collateral for a verifier.
//
// What a hostile host can try here, and the answer:
// - name another target than the quoting enclave: the report is then useless to it; a report holds nothing secret.
// - return another quote, or rubbish: a quote proves itself to its verifier by the root's signature, and nobody trusts it before that.
// - claim more bytes than the buffer holds: stops the enclave.
// - withhold or age collateral: the verifier checks its dates; the host can only cause refusals.
#include <linux/errno.h>

#include "abi/collateral.h"
#include "abi/hostcall.h"
#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/boot/hostcall.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/tee/tee.h"
#include "sgx/structures.h"

enum { QUOTE_MAX_SIZE = 0x10000, REPORT_SIZE = sizeof(struct sgx_report), TARGETINFO_SIZE = sizeof(struct sgx_targetinfo) };

static int checked(long r)
{
    return r >= -4095 ? (int)r : -EIO;
}

// Copies `size` bytes that the host left in the bounce buffer.
static int collect(uint64_t from, long size, size_t limit, uint8_t **ret, size_t *ret_size)
{
    if (size < 0)
        return checked(size);
    if ((size_t)size > limit)
        host_lied("evidence longer than its buffer");
    uint8_t *copy = kmalloc((size_t)size + 1);
    if (!copy)
        return -ENOMEM;
    host_read(copy, from, (uint64_t)size);
    *ret = copy;
    *ret_size = (size_t)size;
    return 0;
}

int tee_own_target_info(uint8_t ret[512])
{
    const uint8_t none[TARGETINFO_SIZE] = {0}, data[64] = {0};
    struct sgx_report report;
    int r = target_report(none, data, (uint8_t *)&report);
    if (r)
        return r;
    struct sgx_targetinfo t = {
        .attributes = report.body.attributes,
        .cet_attributes = report.body.cet_attributes,
        .configsvn = report.body.configsvn,
        .miscselect = report.body.miscselect,
    };
    memcpy(t.measurement, report.body.mrenclave, sizeof(t.measurement));
    memcpy(t.configid, report.body.configid, sizeof(t.configid));
    memcpy(ret, &t, sizeof(t));
    return 0;
}

int tee_quote(const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size)
{
    if (!target_is_tee)
        return -EINVAL;
    uint64_t bounce = host_bounce();
    uint8_t target[TARGETINFO_SIZE], report[REPORT_SIZE];
    const uint64_t ask_target[6] = {bounce};
    int r = checked(target_host_call(HOST_CALL_QUOTE_TARGET_INFO, 0, ask_target));
    if (r)
        return r < 0 ? r : -EIO;
    host_read(target, bounce, sizeof(target));
    r = target_report(target, report_data, report);
    if (r)
        return r;
    host_write(bounce, report, sizeof(report));
    const uint64_t ask_quote[6] = {bounce, bounce + REPORT_SIZE, QUOTE_MAX_SIZE};
    return collect(bounce + REPORT_SIZE, target_host_call(HOST_CALL_QUOTE, 0, ask_quote), QUOTE_MAX_SIZE, ret_quote, ret_size);
}

int tee_collateral(const void *request, size_t request_size, uint8_t **ret, size_t *ret_size)
{
    if (!target_is_tee || request_size != sizeof(struct collateral_request))
        return -EINVAL;
    uint64_t bounce = host_bounce(), answer = bounce + sizeof(struct collateral_request);
    size_t limit = host_bounce_size() - sizeof(struct collateral_request);
    if (limit > COLLATERAL_MAX_SIZE)
        limit = COLLATERAL_MAX_SIZE;
    host_write(bounce, request, request_size);
    const uint64_t ask[6] = {bounce, request_size, answer, limit};
    return collect(answer, target_host_call(HOST_CALL_COLLATERAL, 0, ask), limit, ret, ret_size);
}
