// SPDX-License-Identifier: MIT
//
// TCB info (version 3) and QE identity (version 2) as the Provisioning Certification Service, version 4, words them.
#include "emu/platform/tcb.h"

#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "emu/platform.h"
#include "emu/platform/state.h"

enum { DATE_SIZE = 32 };

const uint8_t emu_platform_fmspc[6] = {'M', 'Y', 'S', 'T', 0, 1};
const uint8_t platform_tcb_components[PLATFORM_TCB_COMPONENTS] = {6, 6, 2, 2, 3, 1, 0, 5};

static const char current_date[] = "2026-01-01T00:00:00Z", older_date[] = "2025-01-01T00:00:00Z";

static json_t *date(int64_t seconds)
{
    char text[DATE_SIZE];
    struct tm tm;
    time_t t = seconds;
    if (!gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        return NULL;
    return json_string(text);
}

static json_t *hex(const void *data, size_t size)
{
    char text[2 * SGX_HASH_SIZE + 1] = "";
    for (size_t i = 0; i < size && i < SGX_HASH_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02X", ((const uint8_t *)data)[i]);
    return json_string(text);
}

// Every setter passes a failure on: jansson takes NULL values as errors and frees what it was given.
static json_t *level(json_t *tcb, const char *when, const char *status)
{
    return json_pack("{s:o, s:s, s:s}", "tcb", tcb, "tcbDate", when, "tcbStatus", status);
}

static json_t *platform_level(unsigned behind, const char *when, const char *status)
{
    json_t *components = json_array();
    for (unsigned i = 0; i < PLATFORM_TCB_COMPONENTS; i++) {
        unsigned svn = platform_tcb_components[i];
        json_t *item = json_pack("{s:i}", "svn", (int)(svn > behind ? svn - behind : 0));
        if (json_array_append_new(components, item) < 0) {
            json_decref(components);
            return NULL;
        }
    }
    json_t *tcb = json_pack("{s:o, s:i}", "sgxtcbcomponents", components, "pcesvn", PLATFORM_PCE_SVN - (int)behind);
    return level(tcb, when, status);
}

static json_t *qe_level(unsigned svn, const char *when, const char *status)
{
    return level(json_pack("{s:i}", "isvsvn", (int)svn), when, status);
}

static json_t *two(json_t *first, json_t *second)
{
    return json_pack("[o, o]", first, second);
}

static char *dump(json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL; // members stay in the order they were given
    json_decref(value);
    return text;
}

char *platform_tcb_info(int64_t issued, int64_t next_update)
{
    static const uint8_t pce_id[2];
    return dump(json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:i, s:i, s:o}", "id", "SGX", "version", 3, "issueDate",
                          date(issued), "nextUpdate", date(next_update), "fmspc",
                          hex(emu_platform_fmspc, sizeof(emu_platform_fmspc)), "pceId", hex(pce_id, sizeof(pce_id)),
                          "tcbType", 0, "tcbEvaluationDataNumber", PLATFORM_TCB_EVALUATION_NUMBER, "tcbLevels",
                          two(platform_level(0, current_date, "UpToDate"),
                              platform_level(1, older_date, "OutOfDate"))));
}

char *platform_qe_identity(const struct platform_state *s, int64_t issued, int64_t next_update)
{
    // DEBUG must be off; 64-bit mode and the vector state do not matter.
    const struct sgx_attributes mask = {~(uint64_t)SGX_ATTRIBUTE_MODE64BIT, 0};
    struct sgx_attributes attributes = s->qe_report.attributes;
    const uint32_t all = ~0u;
    attributes.flags &= mask.flags;
    attributes.xfrm &= mask.xfrm;
    return dump(json_pack("{s:s, s:i, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:o}", "id", "QE", "version", 2,
                          "issueDate", date(issued), "nextUpdate", date(next_update), "tcbEvaluationDataNumber",
                          PLATFORM_TCB_EVALUATION_NUMBER, "miscselect",
                          hex(&s->qe_report.miscselect, sizeof(s->qe_report.miscselect)), "miscselectMask",
                          hex(&all, sizeof(all)), "attributes", hex(&attributes, sizeof(attributes)),
                          "attributesMask", hex(&mask, sizeof(mask)), "mrsigner",
                          hex(s->qe_report.mrsigner, sizeof(s->qe_report.mrsigner)), "isvprodid", PLATFORM_QE_PRODUCT,
                          "tcbLevels",
                          two(qe_level(PLATFORM_QE_SVN, current_date, "UpToDate"),
                              qe_level(PLATFORM_QE_SVN - 1, older_date, "OutOfDate"))));
}
