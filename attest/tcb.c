// SPDX-License-Identifier: MIT
//
// Evaluation of TCB levels (Intel: PCS API, "Get TCB Info"): levels come highest first, and the first one
// that every component reaches tells the status.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/tcb.h"

bool tcb_level_reached(const struct tcb_level *level, const struct pck *pck)
{
    bool reached = pck->pcesvn >= level->svn;
    for (size_t k = 0; k < TCB_COMPONENTS; k++)
        reached = reached && pck->component[k] >= level->component[k];
    return reached;
}

const struct tcb_level *tcb_info_level(const struct tcb_info *info, const struct pck *pck)
{
    for (size_t i = 0; i < info->levels_count; i++)
        if (tcb_level_reached(&info->levels[i], pck))
            return &info->levels[i];
    return NULL;
}

const struct tcb_level *isvsvn_level(const struct tcb_level *levels, size_t count, uint16_t isvsvn)
{
    for (size_t i = 0; i < count; i++)
        if (isvsvn >= levels[i].svn)
            return &levels[i];
    return NULL;
}

const char *qe_identity_mismatch(const struct qe_identity *identity, const struct sgx_report_body *report)
{
    uint8_t attributes[16];
    memcpy(attributes, &report->attributes, sizeof(attributes));
    if ((report->miscselect & identity->miscselect_mask) != identity->miscselect)
        return "MISCSELECT";
    for (size_t i = 0; i < sizeof(attributes); i++)
        if ((attributes[i] & identity->attributes_mask[i]) != identity->attributes[i])
            return "ATTRIBUTES";
    if (memcmp(report->mrsigner, identity->mrsigner, sizeof(identity->mrsigner)))
        return "MRSIGNER";
    if (report->isvprodid != identity->isvprodid)
        return "ISVPRODID";
    return NULL;
}

enum attest_tcb_status tcb_converge(enum attest_tcb_status platform, enum attest_tcb_status qe)
{
    if (platform == ATTEST_TCB_REVOKED || qe == ATTEST_TCB_REVOKED)
        return ATTEST_TCB_REVOKED;
    if (qe == ATTEST_TCB_UP_TO_DATE)
        return platform;
    switch (platform) { // an outdated QE, or one with a status that identities do not use: no better than
                        // outdated
    case ATTEST_TCB_UP_TO_DATE:
    case ATTEST_TCB_SW_HARDENING_NEEDED:
        return ATTEST_TCB_OUT_OF_DATE;
    case ATTEST_TCB_CONFIGURATION_NEEDED:
    case ATTEST_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
        return ATTEST_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
    default:
        return platform;
    }
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t collect(const json_t *list, const char **names, size_t count, size_t capacity)
{
    for (size_t i = 0; i < json_array_size(list) && count < capacity; i++)
        names[count++] = json_string_value(json_array_get(list, i));
    return count;
}

bool tcb_advisories(const json_t *const *lists, size_t lists_count, char *text, size_t size)
{
    const char *names[128];
    const size_t capacity = sizeof(names) / sizeof(*names);
    size_t count = 0;
    for (size_t i = 0; i < lists_count; i++) {
        if (json_array_size(lists[i]) > capacity - count)
            return false;
        count = collect(lists[i], names, count, capacity);
    }
    qsort(names, count, sizeof(*names), compare_text);
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && !strcmp(names[i], names[i - 1]))
            continue;
        const int n = snprintf(text + used, size - used, "%s%s", used ? "," : "", names[i]);
        if (n < 0 || (size_t)n >= size - used)
            return false;
        used += (size_t)n;
    }
    return true;
}
